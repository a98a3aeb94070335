import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../_support/redis-server.ts';
import { Model } from './model.ts';
import { type Carriage, type Client, clientOf } from './model-client.ts';
import { browsers, happenings, limits } from './model-histories.ts';
import { memoryPlace, type Place, redisPlace } from './world.ts';

/** Random histories against the model. A failure prints the seed, the path and the shortest history that fails. */
async function agree(place: Place, carriage: Carriage, numRuns: number): Promise<number> {
  let happened = 0;
  const commands = fc.commands(happenings(place.ownClock), { maxCommands: 30, size: 'max' });
  const property = fc.asyncProperty(limits, commands, async (limit, history) => {
    await place.empty();
    const model = new Model({ now: place.now(), limit, browsers, clears: carriage === 'cookie' });
    const client = clientOf(place, { limit, carriage });
    await fc.asyncModelRun(() => ({ model, real: client }), history);
    await endsWell(model, client);
    happened += [...history].length;
  });
  await fc.assert(property, { numRuns, verbose: fc.VerbosityLevel.Verbose, endOnFailure: false });
  return happened;
}

/** Every credential there ever was, every list, and what is left in the store. */
async function endsWell(model: Model, { manager, request, place }: Client): Promise<void> {
  const seen = await Promise.all(model.issued.map((credential) => request(credential).handle.get({ passive: true })));
  expect(seen.map((session) => session?.id)).toEqual(model.issued.map((credential) => model.find(credential)?.id));
  for (const user of ['ada', 'grace']) {
    expect((await manager.of(user).list()).map(({ id }) => id)).toEqual(model.ofUser(user).map(({ id }) => id));
  }
  expect(await place.immortal()).toBe(0);
  if (!place.ownClock) return expect(await place.kept()).toBe(model.sessions.length);
  place.advance(24 * 60 * 60_000);
  await request(null).handle.start({ user: 'the last', theme: 'light', count: 0, from: 'nobody' });
  expect(await place.kept()).toBe(1);
}

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

test('10,000 histories in memory are what the model says', { timeout: 600_000 }, async () => {
  expect(await agree(memoryPlace('model'), 'header', 10_000)).toBeGreaterThan(10 * 10_000);
});

test('1,000 histories in memory with sealed cookies are what the model says', { timeout: 600_000 }, async () => {
  expect(await agree(memoryPlace('model of cookies'), 'cookie', 1_000)).toBeGreaterThan(10 * 1_000);
});

test('1,000 histories in Redis are what the model says', { timeout: 600_000 }, async () => {
  expect(await agree(redisPlace(server), 'header', 1_000)).toBeGreaterThan(10 * 1_000);
});
