import { setImmediate as macrotask } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../_support/redis-server.ts';
import { aroundCalls, Signal } from './interleave.ts';
import { type Handle, type Manager, managerOf, memoryPlace, openToken, type Place, redisPlace } from './world.ts';

/** Stops whoever passes it for the n-th time, until it is released. */
class Brake {
  readonly #stopAt: number;
  #passed = 0;
  readonly #stopped = new Signal();
  readonly #released = new Signal();
  readonly #calls = new Set<Promise<unknown>>();

  constructor(stopAt: number) {
    this.#stopAt = stopAt;
  }

  readonly pass = async (): Promise<void> => {
    this.#passed += 1;
    if (this.#passed !== this.#stopAt) return;
    this.#stopped.raise();
    await this.#released.raised;
  };

  /** The place with a stop before and after every store call, and in every validation. */
  manager(place: Place, version: number): Manager {
    const store = aroundCalls(place.store, (_name, call) => {
      const called = this.#around(call);
      this.#calls.add(called.catch(() => {}));
      return called;
    });
    return managerOf({ store, now: place.now }, { validating: this.pass, version });
  }

  /** Waits until someone is stopped, or all that was begun is done. */
  async stoppedOr(done: Promise<unknown>): Promise<'stopped' | 'done'> {
    return Promise.race([this.#stopped.raised.then(() => 'stopped' as const), this.#drained(done)]);
  }

  async release(done: Promise<unknown>): Promise<void> {
    this.#released.raise();
    await this.#drained(done);
  }

  async #around<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    await this.pass();
    const answer = await call();
    await this.pass();
    return answer;
  }

  /** Nobody waits for a touch, nor for a migrated record that is written back; this does. */
  async #drained(done: Promise<unknown>): Promise<'done'> {
    await done.catch(() => {});
    for (let known = -1; known < this.#calls.size; await macrotask()) {
      known = this.#calls.size;
      await Promise.all(this.#calls);
      await macrotask();
    }
    return 'done';
  }
}

interface Slow {
  readonly name: string;
  /** How many awaits it has in which the store or the schema takes its time. */
  readonly awaits: number;
  readonly version?: number;
  run(handle: Handle): Promise<unknown>;
}

const slow: readonly Slow[] = [
  { name: 'a reader', awaits: 3, run: (handle) => handle.get({ passive: true }) },
  { name: 'a toucher', awaits: 5, run: (handle) => handle.get({ passive: false }) },
  { name: 'a writer', awaits: 6, run: (handle) => handle.update({ theme: 'dark' }) },
  { name: 'a writer with a function', awaits: 6, run: (handle) => handle.update((old) => ({ ...old, count: 1 })) },
  { name: 'a reader that migrates', awaits: 6, version: 2, run: (handle) => handle.get({ passive: true }) },
  { name: 'a regenerator', awaits: 6, run: (handle) => handle.regenerate() },
];

interface Ending {
  readonly end: string;
  run(manager: Manager, token: string, id: string): Promise<unknown>;
}

const endings: readonly Ending[] = [
  { end: 'destroy', run: (manager, token) => openToken(manager, token).destroy() },
  { end: 'revoke', run: (manager, _token, id) => manager.of('ada').revoke(id) },
  { end: 'revoke all', run: (manager) => manager.of('ada').revokeAll() },
];
const cases = endings.flatMap((ending) => slow.map((who) => ({ ...ending, ...who, ending: ending.run, who })));

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

const places: readonly (readonly [string, () => Place])[] = [
  ['memory', () => memoryPlace('paused')],
  ['Redis', () => redisPlace(server)],
];

describe.each(places)('on %s', (_place, placeOf) => {
  test.each(cases)('$name that is paused at any await during $end leaves no key', async ({ who, ending, awaits }) => {
    const place = placeOf();
    let stops = 0;
    while (await leavesNothing(place, who, ending, stops + 1)) stops += 1;
    expect(stops).toBe(awaits);
  });
});

test.each(slow)('$name that is paused at any await while the session runs out leaves no key', async (who) => {
  const place = memoryPlace('paused');
  for (let stopAt = 1; stopAt <= who.awaits; stopAt += 1) {
    expect(await leavesNothing(place, who, 'time', stopAt)).toBe(true);
  }
});

/** False when it has fewer awaits than that, so that it came to its end without being paused. */
async function leavesNothing(place: Place, who: Slow, end: Ending['run'] | 'time', stopAt: number): Promise<boolean> {
  await place.empty();
  const manager = managerOf(place);
  const first = { user: 'ada', theme: 'light', count: 0, from: 'nobody' };
  const { session, token } = await manager.open({ headers: {} }).start(first);
  place.advance(15 * 60_000);
  const brake = new Brake(stopAt);
  const running = who.run(openToken(brake.manager(place, who.version ?? 1), String(token)));
  if ((await brake.stoppedOr(running)) === 'done') return false;
  if (end === 'time') place.advance(24 * 60 * 60_000);
  else await end(manager, String(token), session.id);
  await brake.release(running);
  if (end !== 'time') expect(await place.kept()).toBe(0);
  expect(await openToken(manager, String(token)).get()).toBeNull();
  // Listing forgets what has run out: after it, nothing is left that was not brought back.
  expect(await manager.of('ada').list()).toEqual([]);
  expect(await place.kept()).toBe(0);
  return true;
}
