// Slow: it starts a Redis server, and measures how soon changes of another process are seen.
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freshWithin } from 'trpc-session';
import { type RedisSource, redisStore } from 'trpc-session/stores/redis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { measureDuration } from '../_support/measure-duration.ts';
import { createTestClient, listClientsToTest, type TestClient } from '../_support/redis-clients.ts';
import { recordCommands } from '../_support/redis-monitor.ts';
import { countCommands, type RedisServer, startRedis } from '../_support/redis-server.ts';
import { type App, createBearerApp, createPatientStore, increment, isSignedIn, signIn, withToken } from './app.ts';

let redis: RedisServer;
let near: App;
let otherProcess: App;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());

function createNearApp(source: RedisSource): App {
  return createBearerApp({ store: redisStore(source, { deadline: '10s', nearCache: true }) });
}

/** The names of the commands that clients sent during the work, without the beats. */
async function listCommands(work: () => Promise<unknown>): Promise<readonly string[]> {
  const seen = await recordCommands(redis.client(), work);
  const isBeat = (args: readonly string[]) => args.some((arg) => arg.startsWith('session:~'));
  return seen.filter(({ sent, args }) => sent && !isBeat(args)).map(({ name }) => name);
}

/** Measures 200 delays, and beside them how long the machine lets a PING wait. In milliseconds. */
async function repeatMeasure(measure: (userId: string) => Promise<number>) {
  const delays: number[] = [];
  const waits: number[] = [];
  for (let round = 0; round < 10; round += 1) {
    const measureBoth = async (_: unknown, at: number) => {
      delays.push(await measure(`user-${at}`));
      waits.push(await measureDuration(() => redis.client().ping()));
    };
    await Promise.all(Array.from({ length: 20 }, measureBoth));
  }
  return { delays, waits };
}

function findPercentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[values.length * share] ?? Number.NaN;
}

function format(values: readonly number[]): string {
  const [median, p99] = [0.5, 0.99].map((share) => findPercentile(values, share).toFixed(1));
  return `${median} ms (median), ${p99} ms (p99)`;
}

/** Signs in, and reads until the session is kept. */
async function signInWarm(userId: string): Promise<string> {
  const { token } = await signIn(near, userId);
  // The change that the sign-in made is reported as well, and drops what was read before.
  const readAgain = async () => {
    await withToken(near, token).get();
    await sleep(5);
    const { hmget } = await countCommands(redis.client());
    await withToken(near, token).get();
    expect((await countCommands(redis.client())).hmget).toBe(hmget);
  };
  await vi.waitFor(readAgain, { timeout: 5_000, interval: 1 });
  return token;
}

describe.each(listClientsToTest(['URL', 'redis 6']))('with a near cache and %s', (name) => {
  let client: TestClient;

  beforeAll(async () => {
    client = createTestClient(name, redis.url);
    near = createNearApp(client.source);
    otherProcess = createBearerApp({ store: createPatientStore(redis.url) });
    await near.ready();
  });

  afterAll(async () => {
    await Promise.all([near.close(), otherProcess.close()]);
    client.close();
  });

  test('a request that finds its session sends no command', async () => {
    const token = await signInWarm('ada');
    const work = async () => {
      for (let n = 0; n < 100; n += 1) await withToken(near, token).require();
    };
    expect(await listCommands(work)).toEqual([]);
  });

  test('a request that needs the current session sends one', async () => {
    const token = await signInWarm('ada');
    expect(await listCommands(() => withToken(near, token).get({ fresh: true }))).toEqual(['hmget']);
    expect(await listCommands(() => withToken(near, token).require(freshWithin('5m')))).toEqual(['hmget']);
  });

  test('a process sees each of its own changes at once', async () => {
    const token = await signInWarm('ada');
    for (let count = 1; count <= 100; count += 1) {
      await withToken(near, token).get();
      await increment(withToken(near, token));
      expect((await withToken(near, token).get())?.data.count).toBe(count);
    }
    await withToken(near, token).destroy();
    expect(await isSignedIn(near, token)).toBe(false);
  });

  test('another store of the same client sees them at once, as in a module that was evaluated twice', async () => {
    const twin = createNearApp(client.source);
    const token = await signInWarm('ada');
    for (let count = 1; count <= 20; count += 1) {
      await withToken(twin, token).get();
      await increment(withToken(near, token));
      expect((await withToken(twin, token).get())?.data.count).toBe(count);
    }
  });

  test('a session ends with its idle timeout by the clock of Redis', async () => {
    const { token } = await near
      .open({ headers: {}, method: 'POST' })
      .start({ userId: 'eve', count: 0, marks: {} }, { idle: '600ms' });
    // An app whose clock is behind would let the session live for another hour.
    const late = createBearerApp({
      store: redisStore(client.source, { deadline: '10s', nearCache: true }),
      now: () => Date.now() - 3_600_000,
    });
    const read = () => withToken(late, String(token)).get({ passive: true });
    await sleep(50);
    expect(await read()).not.toBeNull();
    expect(await listCommands(read)).toEqual([]);
    await sleep(600);
    expect(await read()).toBeNull();
  });

  // Once more if other programs take the cores for a while.
  test('a revocation is seen by another process within 50 ms at the 99th percentile, under load', {
    retry: 2,
  }, async () => {
    let isOver = false;
    const busy = await Promise.all(Array.from({ length: 32 }, (_, at) => signInWarm(`busy-${at}`)));
    const load = busy.map(async (token) => {
      for (let n = 1; !isOver; n += 1) {
        await withToken(near, token).require();
        if (n % 200 === 0) await increment(withToken(near, token));
        await turn();
      }
    });
    const measureDelay = async (userId: string) => {
      const token = await signInWarm(userId);
      await sleep(Math.random() * 200);
      await otherProcess.of(userId).revokeAll();
      const revokedAt = performance.now();
      while (await isSignedIn(near, token)) await turn();
      return performance.now() - revokedAt;
    };
    const { delays, waits } = await repeatMeasure(measureDelay);
    isOver = true;
    await Promise.all(load);
    console.log(`${name}: a revocation is seen after ${format(delays)}, a PING takes ${format(waits)}`);
    expect(findPercentile(delays, 0.99)).toBeLessThan(50 + findPercentile(waits, 0.99));
  });
});

test('a watched session that another process revokes ends within 50 ms at the 99th percentile', {
  retry: 2,
}, async () => {
  const near = createNearApp(redis.url);
  const otherProcess = createBearerApp({ store: createPatientStore(redis.url) });
  await near.ready();
  const measureDelay = async (userId: string) => {
    const { token } = await signIn(near, userId);
    const ended = new Promise<number>((resolve) => {
      withToken(near, token).watch(() => resolve(performance.now()));
    });
    await sleep(100 + Math.random() * 200);
    await otherProcess.of(userId).revokeAll();
    const revokedAt = performance.now();
    return (await ended) - revokedAt;
  };
  const { delays, waits } = await repeatMeasure(measureDelay);
  await Promise.all([near.close(), otherProcess.close()]);
  console.log(`A watched session ends after ${format(delays)}, a PING takes ${format(waits)}`);
  expect(findPercentile(delays, 0.99)).toBeLessThan(50 + findPercentile(waits, 0.99));
});

test('closing the store ends both connections, and sends no more beats', async () => {
  const admin = new Redis(redis.url);
  const count = async () =>
    String(await admin.client('LIST'))
      .trim()
      .split('\n').length;
  const before = await count();
  const app = createNearApp(redis.url);
  await app.ready();
  expect(await count()).toBe(before + 2);
  await app.close();
  await expect.poll(count).toBe(before);
  expect(await listCommands(() => sleep(500))).toEqual([]);
  admin.disconnect();
});

test.each(['ioredis 6', 'ioredis 5', 'redis 6', 'redis 5'] as const)(
  'the connection that reports changes does not keep the process running, with %s',
  async (name) => {
    const countSockets = () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
    const client = createTestClient(name, redis.url);
    await createPatientStore(client.source).ping('session:{ping}');
    // Sockets of earlier tests close meanwhile.
    await sleep(100);
    const before = countSockets();
    const app = createNearApp(client.source);
    await app.ready();
    expect(countSockets()).toBe(before);
    await app.close();
    client.close();
  },
);
