import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { redisStore } from 'trpc-session/stores/redis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { primaryName, type RedisSentinel, sentinelPassword, startRedisSentinel } from '../_support/redis-sentinel.ts';
import type { RedisServer } from '../_support/redis-server.ts';
import { bearerApp, increment, opens, signIn, withToken } from './app.ts';
import { connectionsTo, databasesInUse, live, reasonsOf, type SeenConnection } from './life.ts';
import { runSnippet, testsIn, testsOnPage } from './redis-page.ts';

const password = 'a-long-password';

let sentinel: RedisSentinel;

beforeAll(async () => {
  sentinel = await startRedisSentinel();
  for (const { client } of [sentinel.first, sentinel.second]) {
    await client().call('ACL', 'SETUSER', 'sessions', 'on', `>${password}`, '~*', '&*', '+@all');
  }
});

afterAll(() => sentinel.stop());

const options = <More extends object>(more: More) => ({
  sentinels: [{ host: '127.0.0.1', port: sentinel.port }],
  name: primaryName,
  sentinelPassword,
  username: 'sessions',
  password,
  ...more,
});

const places = () => ({ 'sentinel.internal': '127.0.0.1', 26379: sentinel.port });

describe('sessions live behind a Sentinel on', () => {
  test('options', async () => {
    const { store } = await runSnippet('sentinel.ts', places());
    const meanwhile = async () => {
      expect(await connectionsTo(sentinel.first)).toContainEqual(expect.objectContaining({ user: 'sessions' }));
      expect(await databasesInUse(sentinel.first)).toEqual([0]);
    };
    await live(store, { meanwhile });
    expect(await databasesInUse(sentinel.first)).toEqual([]);
  });

  test.each([
    ['a client of ioredis 6', () => new Redis(options({ db: 3, keyPrefix: 'shop:', enableAutoPipelining: true }))],
    ['a client of ioredis 5', () => new Redis5(options({ db: 3, keyPrefix: 'shop:', enableAutoPipelining: true }))],
  ])('%s', async (_name, clientOf) => {
    const client = clientOf();
    const meanwhile = async () => expect(await databasesInUse(sentinel.first)).toEqual([3]);
    await live(redisStore(client), { meanwhile }).finally(() => client.disconnect());
    expect(await databasesInUse(sentinel.first)).toEqual([]);
  });
});

describe('sessions are UNAVAILABLE behind a Sentinel, and the cause says why, with', () => {
  test.each([
    [
      'a wrong password of the Sentinel',
      () => ({ sentinelPassword: 'wrong' }),
      /All sentinels are unreachable.*WRONGPASS/,
    ],
    ['a wrong name of the primary', () => ({ name: 'another' }), /All sentinels are unreachable/],
    ['a wrong password of the primary', () => ({ password: 'wrong' }), /WRONGPASS/],
  ])('%s', async (_name, wrong, reason) => {
    const app = bearerApp({ store: redisStore(options(wrong()), { deadline: '500ms' }) });
    const error: unknown = await app.ready().catch((refused: unknown) => refused);
    expect(error).toMatchObject({ code: 'UNAVAILABLE' });
    expect(reasonsOf(error)).toMatch(reason);
    await app.close();
  });
});

describe('when the replica takes over, sessions go on there on', () => {
  test('the options and the clients of both ioredis', async () => {
    const { store } = await runSnippet('sentinel.ts', places());
    const clients = [new Redis(options({ failoverDetector: true })), new Redis5(options({ failoverDetector: true }))];
    const apps = [bearerApp({ store }), ...clients.map((client) => bearerApp({ store: redisStore(client) }))];
    const tokens = await Promise.all(apps.map(async (app, at) => (await signIn(app, `user-${at}`)).token));
    await replicate();
    await sentinel.failOver();
    await nobodyIsAt(sentinel.first);
    for (const [at, app] of apps.entries()) {
      const session = withToken(app, tokens[at] ?? '');
      expect((await increment(session)).data.count).toBe(1);
      await session.destroy();
      expect(await opens(app, tokens[at] ?? '')).toBe(false);
    }
    expect(await databasesInUse(sentinel.second)).toEqual([]);
    await Promise.all(apps.map((app) => app.close()));
    for (const client of clients) client.disconnect();
  });
});

/** Returns once the replica has everything that the primary had. */
async function replicate(): Promise<void> {
  const client = sentinel.first.client();
  // Redis waits for what the same connection wrote.
  await client.set('marker', '');
  expect(await client.wait(1, 5_000)).toBe(1);
  await client.del('marker');
}

/** Returns once every client of the apps has left. */
async function nobodyIsAt(server: RedisServer): Promise<void> {
  const isThere = ({ user }: SeenConnection) => user === 'sessions';
  await vi.waitUntil(async () => !(await connectionsTo(server)).some(isThere), { timeout: 5_000, interval: 10 });
}

describe('the page', () => {
  test('names every test of this file', ({ task }) => {
    expect(testsOnPage('configurations-sentinel.test.ts')).toEqual(testsIn(task.file));
  });
});
