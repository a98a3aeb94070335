// Slow: it runs 12,000 random histories of up to 30 commands, each against the model and the library.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../_support/redis-server.ts';
import { type Backend, createMemoryBackend, createRedisBackend } from './backends.ts';
import { Model } from './model.ts';
import { type Client, createClient, type Transport } from './model-client.ts';
import { expectSameEndings } from './model-commands.ts';
import { browsers, limits, listCommands } from './model-histories.ts';

/** Runs random histories. A failure prints the seed, the path and the shortest history that fails. */
async function runHistories(backend: Backend, transport: Transport, numRuns: number): Promise<number> {
  let commandCount = 0;
  const commands = fc.commands(listCommands(backend.hasTestClock), { maxCommands: 30, size: 'max' });
  const property = fc.asyncProperty(limits, commands, async (limit, history) => {
    await backend.clear();
    const model = new Model({ now: backend.now(), limit, browsers, clearsCredential: transport === 'cookie' });
    const client = createClient(backend, { limit, transport });
    await fc.asyncModelRun(() => ({ model, real: client }), history);
    await expectSameEnd(model, client);
    commandCount += [...history].length;
  });
  await fc.assert(property, { numRuns, verbose: fc.VerbosityLevel.Verbose, endOnFailure: false });
  return commandCount;
}

/** Checks every credential that was issued, every list, and what is left in the store. */
async function expectSameEnd(model: Model, client: Client): Promise<void> {
  const { manager, request, backend } = client;
  const found = await Promise.all(model.issued.map((credential) => request(credential).handle.get({ passive: true })));
  expect(found.map((session) => session?.id)).toEqual(model.issued.map((credential) => model.find(credential)?.id));
  await expectSameEndings(model, client, model.issued);
  for (const user of ['ada', 'grace']) {
    expect((await manager.of(user).list()).map(({ id }) => id)).toEqual(model.listForUser(user).map(({ id }) => id));
  }
  expect(await backend.countWithoutExpiry()).toBe(0);
  if (!backend.hasTestClock) return expect(await backend.countStored()).toBe(model.sessions.length);
  backend.advance(24 * 60 * 60_000);
  await request(null).handle.start({ user: 'the last user', theme: 'light', count: 0, from: 'none' });
  expect(await backend.countStored()).toBe(1);
}

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

test('10,000 histories in memory match the model', { timeout: 600_000 }, async () => {
  expect(await runHistories(createMemoryBackend('model'), 'header', 10_000)).toBeGreaterThan(10 * 10_000);
});

test('1,000 histories in memory with sealed cookies match the model', { timeout: 600_000 }, async () => {
  const backend = createMemoryBackend('model of cookies');
  expect(await runHistories(backend, 'cookie', 1_000)).toBeGreaterThan(10 * 1_000);
});

test('1,000 histories in Redis match the model', { timeout: 600_000 }, async () => {
  expect(await runHistories(createRedisBackend(server), 'header', 1_000)).toBeGreaterThan(10 * 1_000);
});
