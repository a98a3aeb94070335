// Slow: every test starts a Redis server of its own, and some restart it.
import { describe, expect, test, vi } from 'vitest';
import { type RedisServer, startRedis } from '../_support/redis-server.ts';
import { type App, createBearerApp, createPatientStore, increment, isSignedIn, signIn, withToken } from './app.ts';
import { evidenceSuite, listTests, readListedTests } from './evidence.ts';
import { joinMessages } from './life-cycle.ts';

const createApp = ({ url }: RedisServer): App => createBearerApp({ store: createPatientStore(url) });

/** Expects the attempt to be unavailable. Returns the messages of its error and causes. */
async function expectUnavailable(attempt: Promise<unknown>): Promise<string> {
  const error: unknown = await attempt.catch((failure: unknown) => failure);
  expect(error).toMatchObject({ code: 'UNAVAILABLE' });
  return joinMessages(error);
}

/** A number of `INFO`. */
async function readInfo({ client }: RedisServer, name: string): Promise<number> {
  return Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(await client().info())?.[1]);
}

describe('a full Redis', () => {
  test('with noeviction refuses sign-ins and updates, and still reads and signs out', async () => {
    await using redis = await startRedis({ args: ['--maxmemory-policy', 'noeviction'] });
    const app = createApp(redis);
    const { token } = await signIn(app, 'ada');
    await redis.client().config('SET', 'maxmemory', '1');
    expect(await expectUnavailable(signIn(app, 'bob'))).toContain('OOM');
    expect(await expectUnavailable(increment(withToken(app, token)))).toContain('OOM');
    expect(await isSignedIn(app, token)).toBe(true);
    await withToken(app, token).destroy();
    expect(await isSignedIn(app, token)).toBe(false);
    await app.close();
  });

  test.each(['allkeys-lru', 'volatile-ttl'])('with %s evicts all sessions of a user together', async (policy) => {
    await using redis = await startRedis({ args: ['--maxmemory-policy', policy] });
    const app = createApp(redis);
    const users = Array.from({ length: 100 }, (_, at) => `user-${at}`);
    const signInTwice = (user: string) => Promise.all([signIn(app, user), signIn(app, user)]);
    const signedIn = await Promise.all(users.map(signInTwice));
    await evictBytes(redis, 50_000);
    const states = signedIn.map((both) => Promise.all(both.map(({ token }) => isSignedIn(app, token))));
    const kinds = new Set((await Promise.all(states)).map(String));
    expect([...kinds].sort()).toEqual(['false,false', 'true,true']);
    await app.close();
  });
});

/** Makes Redis evict keys until it has freed this many bytes. */
async function evictBytes(redis: RedisServer, bytes: number): Promise<void> {
  await redis.client().config('SET', 'maxmemory', (await readInfo(redis, 'used_memory')) - bytes);
  await vi.waitUntil(async () => (await readInfo(redis, 'evicted_keys')) > 0, { timeout: 10_000, interval: 10 });
  await redis.client().config('SET', 'maxmemory', '0');
}

describe('a Redis that was killed and started again', () => {
  /** Kills the server and starts another one with its files. */
  const restart = async (redis: RedisServer, args: readonly string[]): Promise<RedisServer> => {
    const [, folder = ''] = (await redis.client().config('GET', 'dir')) as string[];
    await redis.kill('SIGKILL');
    return startRedis({ args: [...args, '--dir', folder] });
  };

  test('with appendonly and appendfsync always has every sign-in and every logout', async () => {
    const args = ['--appendonly', 'yes', '--appendfsync', 'always'];
    await using before = await startRedis({ args });
    const app = createApp(before);
    const [ada, bob] = [await signIn(app, 'ada'), await signIn(app, 'bob')];
    await withToken(app, bob.token).destroy();
    await using after = await restart(before, args);
    const later = createApp(after);
    expect(await isSignedIn(later, ada.token)).toBe(true);
    expect(await isSignedIn(later, bob.token)).toBe(false);
    await Promise.all([app.close(), later.close()]);
  });

  test('without persistence has no sessions', async () => {
    await using before = await startRedis();
    const app = createApp(before);
    const { token } = await signIn(app, 'ada');
    await using after = await restart(before, []);
    const later = createApp(after);
    expect(await isSignedIn(later, token)).toBe(false);
    await Promise.all([app.close(), later.close()]);
  });
});

describe('a primary with min-replicas-to-write', () => {
  test('refuses writes while its replica is missing, and still reads', async () => {
    await using redis = await startRedis();
    const app = createApp(redis);
    const { token } = await signIn(app, 'ada');
    await redis.client().config('SET', 'min-replicas-to-write', '1');
    expect(await expectUnavailable(signIn(app, 'bob'))).toMatch(/NOREPLICAS|enough good replicas/i);
    expect(await expectUnavailable(withToken(app, token).destroy())).toMatch(/NOREPLICAS|enough good replicas/i);
    expect(await isSignedIn(app, token)).toBe(true);
    await app.close();
  });
});

describe(evidenceSuite, () => {
  test('lists every test of this file', ({ task }) => {
    expect(readListedTests('eviction-and-restarts.test.ts')).toEqual(listTests(task.file));
  });
});
