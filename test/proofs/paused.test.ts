// Slow: it pauses each request at each of its awaits, in memory and on a real Redis.
import { setImmediate as macrotask } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../_support/redis-server.ts';
import {
  type Backend,
  createManager,
  createMemoryBackend,
  createRedisBackend,
  type Handle,
  type Manager,
  openToken,
} from './backends.ts';
import { wrapCalls } from './interleave.ts';

/** Pauses a request at its n-th await, until it is released. */
class PausePoint {
  readonly #pauseAt: number;
  #passed = 0;
  readonly #paused = createSignal();
  readonly #released = createSignal();
  readonly #calls = new Set<Promise<unknown>>();

  constructor(pauseAt: number) {
    this.#pauseAt = pauseAt;
  }

  readonly pass = async (): Promise<void> => {
    this.#passed += 1;
    if (this.#passed !== this.#pauseAt) return;
    this.#paused.resolve();
    await this.#released.promise;
  };

  /** Creates a manager that can pause before and after every store call, and in every validation. */
  createManager(backend: Backend, version: number): Manager {
    const store = wrapCalls(backend.store, (_name, call) => {
      const running = this.#wrap(call);
      this.#calls.add(running.catch(() => {}));
      return running;
    });
    return createManager({ store, now: backend.now }, { onValidate: this.pass, version });
  }

  /** Waits until the request is paused, or is done without being paused. */
  async waitUntilPaused(request: Promise<unknown>): Promise<'paused' | 'done'> {
    return Promise.race([this.#paused.promise.then(() => 'paused' as const), this.#waitUntilDone(request)]);
  }

  async release(request: Promise<unknown>): Promise<void> {
    this.#released.resolve();
    await this.#waitUntilDone(request);
  }

  async #wrap<Result>(call: () => Promise<Result>): Promise<Result> {
    await this.pass();
    const result = await call();
    await this.pass();
    return result;
  }

  /** A request does not wait for its touch, nor for a migrated record that is written back. This waits for them too. */
  async #waitUntilDone(request: Promise<unknown>): Promise<'done'> {
    await request.catch(() => {});
    for (let known = -1; known < this.#calls.size; await macrotask()) {
      known = this.#calls.size;
      await Promise.all(this.#calls);
      await macrotask();
    }
    return 'done';
  }
}

function createSignal() {
  let resolve = () => {};
  const promise = new Promise<void>((resolvePromise) => {
    resolve = resolvePromise;
  });
  return { promise, resolve };
}

interface SlowRequest {
  readonly name: string;
  /** The number of awaits at which it can be paused. */
  readonly awaits: number;
  readonly version?: number;
  run(handle: Handle): Promise<unknown>;
}

const requests: readonly SlowRequest[] = [
  { name: 'a read', awaits: 3, run: (handle) => handle.get({ passive: true }) },
  { name: 'a read with a touch', awaits: 5, run: (handle) => handle.get({ passive: false }) },
  { name: 'an update by patch', awaits: 6, run: (handle) => handle.update({ theme: 'dark' }) },
  { name: 'an update by function', awaits: 6, run: (handle) => handle.update((old) => ({ ...old, count: 1 })) },
  { name: 'a read that migrates', awaits: 3, version: 2, run: (handle) => handle.get({ passive: true }) },
  { name: 'a regenerate', awaits: 6, run: (handle) => handle.regenerate() },
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
const cases = endings.flatMap(({ end, run }) => requests.map((request) => ({ name: request.name, end, run, request })));

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

const backends: readonly (readonly [string, () => Backend])[] = [
  ['memory', () => createMemoryBackend('paused')],
  ['Redis', () => createRedisBackend(server)],
];

describe.each(backends)('on %s', (_backend, createBackend) => {
  test.each(cases)('$name that is paused at any await during $end leaves no key', async ({ request, run }) => {
    const backend = createBackend();
    let pauses = 0;
    while (await pausesAndLeavesNothing(backend, request, { end: run, pauseAt: pauses + 1 })) pauses += 1;
    expect(pauses).toBe(request.awaits);
  });
});

test.each(requests)('$name that is paused at any await while the session expires leaves no key', async (request) => {
  const backend = createMemoryBackend('paused');
  for (let pauseAt = 1; pauseAt <= request.awaits; pauseAt += 1) {
    expect(await pausesAndLeavesNothing(backend, request, { end: 'expiry', pauseAt })).toBe(true);
  }
});

interface Pause {
  /** What ends the session during the pause. */
  readonly end: Ending['run'] | 'expiry';
  readonly pauseAt: number;
}

/** Returns false if the request has fewer awaits than that, so that it was done without being paused. */
async function pausesAndLeavesNothing(
  backend: Backend,
  request: SlowRequest,
  { end, pauseAt }: Pause,
): Promise<boolean> {
  await backend.clear();
  const manager = createManager(backend);
  const data = { user: 'ada', theme: 'light', count: 0, from: 'none' };
  const { session, token } = await manager.open({ headers: {} }).start(data);
  backend.advance(15 * 60_000);
  const pausePoint = new PausePoint(pauseAt);
  const slowManager = pausePoint.createManager(backend, request.version ?? 1);
  const running = request.run(openToken(slowManager, String(token)));
  if ((await pausePoint.waitUntilPaused(running)) === 'done') return false;
  if (end === 'expiry') backend.advance(24 * 60 * 60_000);
  else await end(manager, String(token), session.id);
  await pausePoint.release(running);
  if (end !== 'expiry') expect(await backend.countStored()).toBe(0);
  expect(await openToken(manager, String(token)).get()).toBeNull();
  // A list removes expired sessions. What is stored after it has been brought back.
  expect(await manager.of('ada').list()).toEqual([]);
  expect(await backend.countStored()).toBe(0);
  return true;
}
