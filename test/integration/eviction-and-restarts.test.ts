import { redisStore } from 'trpc-session/stores/redis';
import { describe, expect, test, vi } from 'vitest';
import { type RedisServer, startRedis } from '../_support/redis-server.ts';
import { type App, bearerApp, increment, opens, signIn, withToken } from './app.ts';
import { reasonsOf } from './life.ts';
import { testsIn, testsOnPage } from './redis-page.ts';

const appOn = ({ url }: RedisServer): App => bearerApp({ store: redisStore(url) });

async function refusalOf(attempt: Promise<unknown>): Promise<string> {
  const error: unknown = await attempt.catch((refused: unknown) => refused);
  expect(error).toMatchObject({ code: 'UNAVAILABLE' });
  return reasonsOf(error);
}

async function figure({ client }: RedisServer, name: string): Promise<number> {
  return Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(await client().info())?.[1]);
}

describe('a Redis that is full', () => {
  test('and evicts nothing refuses sign-ins and updates, and goes on with reads and sign-outs', async () => {
    await using redis = await startRedis({ args: ['--maxmemory-policy', 'noeviction'] });
    const app = appOn(redis);
    const { token } = await signIn(app, 'ada');
    await redis.client().config('SET', 'maxmemory', '1');
    expect(await refusalOf(signIn(app, 'bob'))).toContain('OOM');
    expect(await refusalOf(increment(withToken(app, token)))).toContain('OOM');
    expect(await opens(app, token)).toBe(true);
    await withToken(app, token).destroy();
    expect(await opens(app, token)).toBe(false);
    await app.close();
  });

  test.each(['allkeys-lru', 'volatile-ttl'])('and evicts by %s ends all sessions of a user at once', async (policy) => {
    await using redis = await startRedis({ args: ['--maxmemory-policy', policy] });
    const app = appOn(redis);
    const users = Array.from({ length: 100 }, (_, at) => `user-${at}`);
    const signInTwice = (user: string) => Promise.all([signIn(app, user), signIn(app, user)]);
    const signedIn = await Promise.all(users.map(signInTwice));
    await squeeze(redis, 50_000);
    const states = signedIn.map((both) => Promise.all(both.map(({ token }) => opens(app, token))));
    const kinds = new Set((await Promise.all(states)).map(String));
    expect([...kinds].sort()).toEqual(['false,false', 'true,true']);
    await app.close();
  });
});

/** Has Redis evict until it needs so many bytes less, and no further. */
async function squeeze(redis: RedisServer, bytes: number): Promise<void> {
  await redis.client().config('SET', 'maxmemory', (await figure(redis, 'used_memory')) - bytes);
  await vi.waitUntil(async () => (await figure(redis, 'evicted_keys')) > 0, { timeout: 5_000, interval: 10 });
  await redis.client().config('SET', 'maxmemory', '0');
}

describe('a Redis that is killed and starts again', () => {
  /** Another server on the first one's files. */
  const restart = async (redis: RedisServer, args: readonly string[]): Promise<RedisServer> => {
    const [, folder = ''] = (await redis.client().config('GET', 'dir')) as string[];
    await redis.kill('SIGKILL');
    return startRedis({ args: [...args, '--dir', folder] });
  };

  test('with appendonly and appendfsync always has lost nothing', async () => {
    const args = ['--appendonly', 'yes', '--appendfsync', 'always'];
    await using before = await startRedis({ args });
    const app = appOn(before);
    const [ada, bob] = [await signIn(app, 'ada'), await signIn(app, 'bob')];
    await withToken(app, bob.token).destroy();
    await using after = await restart(before, args);
    const later = appOn(after);
    expect(await opens(later, ada.token)).toBe(true);
    expect(await opens(later, bob.token)).toBe(false);
    await Promise.all([app.close(), later.close()]);
  });

  test('without persistence has signed everybody out', async () => {
    await using before = await startRedis();
    const app = appOn(before);
    const { token } = await signIn(app, 'ada');
    await using after = await restart(before, []);
    const later = appOn(after);
    expect(await opens(later, token)).toBe(false);
    await Promise.all([app.close(), later.close()]);
  });
});

describe('a primary with min-replicas-to-write', () => {
  test('and without its replica refuses what it could lose, and is read', async () => {
    await using redis = await startRedis();
    const app = appOn(redis);
    const { token } = await signIn(app, 'ada');
    await redis.client().config('SET', 'min-replicas-to-write', '1');
    expect(await refusalOf(signIn(app, 'bob'))).toMatch(/NOREPLICAS|enough good replicas/i);
    expect(await refusalOf(withToken(app, token).destroy())).toMatch(/NOREPLICAS|enough good replicas/i);
    expect(await opens(app, token)).toBe(true);
    await app.close();
  });
});

describe('the page', () => {
  test('names every test of this file', ({ task }) => {
    expect(testsOnPage('eviction-and-restarts.test.ts')).toEqual(testsIn(task.file));
  });
});
