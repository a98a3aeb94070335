import { Redis, type RedisOptions } from 'ioredis';
import { Redis as Redis5, type RedisOptions as RedisOptions5 } from 'ioredis-5';
import { type RedisSource, redisStore } from 'trpc-session/stores/redis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findTool } from '../../scripts/system-tools.mjs';
import { type RedisServer, startRedis } from '../_support/redis-server.ts';
import { bearerApp, opens, signIn } from './app.ts';
import { connectionsTo, databasesInUse, endConnectionsTo, live, reasonsOf, type SeenConnection } from './life.ts';
import { localized, rowsBelow, runSnippet, testsIn, testsOnPage } from './redis-page.ts';

const password = 'a-long-password';

let redis: RedisServer;

beforeAll(async () => {
  redis = await start();
});

afterAll(() => redis.stop());

beforeEach(async () => {
  await redis.client().flushall();
  await endConnectionsTo(redis);
});

async function start(program?: string): Promise<RedisServer> {
  const server = await startRedis(program === undefined ? {} : { program });
  await server.client().call('ACL', 'SETUSER', 'sessions', 'on', `>${password}`, '~*', '&*', '+@all');
  return server;
}

/** One way to reach a server, and how the server sees whoever came that way. */
type Way = readonly [name: string, source: (server: RedisServer) => RedisSource, seen: Partial<SeenConnection>];

async function liveOn(server: RedisServer, [, sourceOn, seen]: Way): Promise<void> {
  const source = sourceOn(server);
  const meanwhile = async () => {
    expect(await connectionsTo(server)).toContainEqual(expect.objectContaining(seen));
    expect(await databasesInUse(server)).toEqual([seen.database ?? 0]);
  };
  try {
    await live(redisStore(source), { meanwhile });
  } finally {
    if (typeof source === 'object' && 'disconnect' in source) (source as Redis).disconnect();
  }
  expect(await databasesInUse(server)).toEqual([]);
}

/** A URL of the page, with a server of this machine in place of the page's. */
const url =
  (written: string) =>
  ({ port, socket }: RedisServer): string =>
    written.includes('redis.internal')
      ? localized(written, { 'redis.internal:6379': `127.0.0.1:${port}` })
      : localized(written, { '/run/redis/redis.sock': socket });

const urls: readonly (readonly [name: string, written: string, seen: Partial<SeenConnection>])[] = [
  ['a host and a port', 'redis://redis.internal:6379', { user: 'default', database: 0, protocol: 3 }],
  ['a database', 'redis://redis.internal:6379/3', { database: 3 }],
  [
    'a user, a password and a database',
    'redis://sessions:a-long-password@redis.internal:6379/3',
    { user: 'sessions', database: 3 },
  ],
  ['the path of a unix socket', '/run/redis/redis.sock', { isSocket: true, database: 0 }],
  [
    'the path of a unix socket, a user and a database',
    '/run/redis/redis.sock?db=3&username=sessions&password=a-long-password',
    { isSocket: true, user: 'sessions', database: 3 },
  ],
  ['a unix socket behind redis:', 'redis://localhost?path=/run/redis/redis.sock', { isSocket: true }],
  ['an option of ioredis', 'redis://redis.internal:6379?protocol=2', { protocol: 2 }],
];
const urlWays: readonly Way[] = urls.map(([name, written, seen]) => [name, url(written), seen]);

const tcp = ({ port }: RedisServer) => ({ host: '127.0.0.1', port });
const options = (more: (server: RedisServer) => RedisOptions) => (server: RedisServer) => ({
  ...tcp(server),
  ...more(server),
});

const optionWays: readonly Way[] = [
  ['host, port and db', options(() => ({ db: 3 })), { database: 3 }],
  ['username and password', options(() => ({ username: 'sessions', password })), { user: 'sessions' }],
  ['path', ({ socket }) => ({ path: socket, db: 3 }), { isSocket: true, database: 3 }],
  ['protocol 2 (RESP2)', options(() => ({ protocol: 2 })), { protocol: 2 }],
  ['protocol 3 (RESP3) and its own shape of replies', options(() => ({ replyMapping: 'resp3' })), { protocol: 3 }],
  ['stringNumbers', options(() => ({ stringNumbers: true })), {}],
  ['enableOfflineQueue off', options(() => ({ enableOfflineQueue: false })), {}],
  ['enableReadyCheck off', options(() => ({ enableReadyCheck: false, db: 3 })), { database: 3 }],
  ['enableAutoPipelining off', options(() => ({ enableAutoPipelining: false })), {}],
];

/** ioredis' own type is refused by its own constructor where `undefined` is not taken for absent. */
type Options6 = RedisOptions & { readonly replyMapping?: 'legacy' | 'resp3' };

const redis6 = (more: Options6) => (server: RedisServer) => new Redis({ ...tcp(server), ...more });
const redis5 = (more: RedisOptions5) => (server: RedisServer) => new Redis5({ ...tcp(server), ...more });

const clientWays: readonly Way[] = [
  ['ioredis 6', redis6({}), { protocol: 3 }],
  ['ioredis 6, protocol 2 (RESP2)', redis6({ protocol: 2 }), { protocol: 2 }],
  ['ioredis 6, RESP3 and its own shape of replies', redis6({ replyMapping: 'resp3' }), { protocol: 3 }],
  ['ioredis 6, enableAutoPipelining', redis6({ enableAutoPipelining: true }), {}],
  ['ioredis 6, lazyConnect', redis6({ lazyConnect: true }), {}],
  ['ioredis 6, stringNumbers', redis6({ stringNumbers: true }), {}],
  [
    'ioredis 6, a user and a database',
    redis6({ username: 'sessions', password, db: 3 }),
    { user: 'sessions', database: 3 },
  ],
  ['ioredis 5', redis5({}), { protocol: 2 }],
  ['ioredis 5, enableAutoPipelining', redis5({ enableAutoPipelining: true }), {}],
  [
    'ioredis 5, a user and a database',
    redis5({ username: 'sessions', password, db: 3 }),
    { user: 'sessions', database: 3 },
  ],
];

describe('sessions live on a URL with', () => {
  test.each(urlWays)('%s', (...way) => liveOn(redis, way));

  test('a password alone', async () => {
    await redis.client().config('SET', 'requirepass', password);
    try {
      await expect(redisStore(redis.url).ping('a-key')).rejects.toThrow('NOAUTH');
      const written = 'redis://:a-long-password@redis.internal:6379';
      await liveOn(redis, ['', url(written), { user: 'default' }]);
    } finally {
      await redis.client().config('SET', 'requirepass', '');
    }
  });

  test('a password of every sign, percent-encoded', async () => {
    const odd = 'p@ss:w/rd?#[]%&=+é';
    await redis.client().call('ACL', 'SETUSER', 'odd', 'on', `>${odd}`, '~*', '&*', '+@all');
    const source = ({ port }: RedisServer) => `redis://odd:${encodeURIComponent(odd)}@127.0.0.1:${port}/3`;
    await liveOn(redis, ['', source, { user: 'odd', database: 3 }]);
  });
});

describe('sessions live on options with', () => {
  test.each(optionWays)('%s', (...way) => liveOn(redis, way));

  test('what the page writes', async () => {
    const { store } = await runSnippet('options.ts', { 'redis.internal': '127.0.0.1', 6379: redis.port });
    const meanwhile = async () =>
      expect(await connectionsTo(redis)).toContainEqual(expect.objectContaining({ user: 'sessions', database: 3 }));
    await live(store, { meanwhile });
    expect(await databasesInUse(redis)).toEqual([]);
  });
});

describe('sessions live on a client of', () => {
  test.each(clientWays)('%s', (...way) => liveOn(redis, way));

  test.each([
    ['ioredis 6, keyPrefix', redis6({ keyPrefix: 'shop:', enableAutoPipelining: true })],
    ['ioredis 5, keyPrefix', redis5({ keyPrefix: 'shop:', enableAutoPipelining: true })],
  ])('%s', async (_name, clientOf) => {
    const client = clientOf(redis);
    const meanwhile = async () =>
      expect(await redis.client().keys('*')).toEqual([expect.stringMatching(/^shop:session:{/)]);
    await live(redisStore(client), { meanwhile }).finally(() => client.disconnect());
    expect(await databasesInUse(redis)).toEqual([]);
  });

  test('the page', async () => {
    const { store, disconnect } = await runSnippet('client.ts', { 'redis.internal:6379': `127.0.0.1:${redis.port}` });
    const meanwhile = async () =>
      expect(await redis.client().keys('*')).toEqual([expect.stringMatching(/^shop:session:{/)]);
    await live(store, { meanwhile }).finally(disconnect);
  });
});

describe('two apps in one Redis are kept apart by', () => {
  const databaseOf = (db: number) => redisStore(`${redis.url}/${db}`);
  const clients: Redis[] = [];
  const withKeyPrefix = (keyPrefix: string) => {
    const client = redis6({ keyPrefix })(redis);
    clients.push(client);
    return redisStore(client);
  };

  test.each([
    [
      'prefix',
      () => ({ store: redisStore(redis.url), prefix: 'shop:' }),
      () => ({ store: redisStore(redis.url), prefix: 'blog:' }),
    ],
    ['keyPrefix', () => ({ store: withKeyPrefix('shop:') }), () => ({ store: withKeyPrefix('blog:') })],
    ['database', () => ({ store: databaseOf(1) }), () => ({ store: databaseOf(2) })],
  ])('%s', async (_name, oneOptions, otherOptions) => {
    const [one, other] = [bearerApp(oneOptions()), bearerApp(otherOptions())];
    const [here, there] = [await signIn(one, 'ada'), await signIn(other, 'ada')];
    expect(await opens(one, there.token)).toBe(false);
    expect(await opens(other, here.token)).toBe(false);
    expect(await one.of('ada').list()).toMatchObject([{ id: here.id }]);
    expect(await other.of('ada').revoke(here.id)).toBe(false);
    expect(await one.of('ada').revokeAll()).toBe(1);
    expect(await opens(other, there.token)).toBe(true);
    expect(await other.of('ada').revokeAll()).toBe(1);
    await Promise.all([one.close(), other.close()]);
    for (const client of clients.splice(0)) client.disconnect();
    expect(await databasesInUse(redis)).toEqual([]);
  });
});

describe('sessions are UNAVAILABLE, and the cause says why, with', () => {
  test.each([
    ['a wrong password', () => `redis://sessions:wrong@127.0.0.1:${redis.port}`, /WRONGPASS/],
    ['a database that Redis does not have', () => `${redis.url}/99`, /DB index is out of range/],
    ['nobody at that port', () => 'redis://127.0.0.1:1', /ECONNREFUSED/],
  ])('%s', async (_name, source, reason) => {
    const app = bearerApp({ store: redisStore(source()) });
    for (const attempt of [() => app.ready(), () => signIn(app, 'ada')]) {
      const error: unknown = await attempt().catch((refused: unknown) => refused);
      expect(error).toMatchObject({ code: 'UNAVAILABLE' });
      expect(reasonsOf(error)).toMatch(reason);
    }
    await app.close();
    expect(await databasesInUse(redis)).toEqual([]);
  });
});

describe('redisStore refuses', () => {
  test.each([
    [
      'a client of a replica',
      () => new Redis({ sentinels: [{ host: '127.0.0.1' }], name: 'main', role: 'slave', lazyConnect: true }),
      'role',
    ],
    [
      'a Cluster that reads from replicas',
      () => new Redis.Cluster([], { scaleReads: 'all', lazyConnect: true }),
      'scaleReads',
    ],
    ['a URL that ioredis does not know', () => 'unix:///run/redis/redis.sock', 'redisStore(source)'],
  ])('%s', (_name, source, option) => {
    expect(() => redisStore(source())).toThrow(option);
  });
});

describe('all of the above works on', () => {
  test('Valkey', async ({ skip }) => {
    const program = findTool('valkey');
    if (program === undefined) return skip('There is no valkey-server here, and VALKEY_SERVER_BIN names none.');
    await using valkey = await start(program);
    for (const way of [...urlWays, ...optionWays, ...clientWays]) await liveOn(valkey, way);
  });
});

describe('the page', () => {
  test('names no URL that is not run here or over TLS', () => {
    const run = [
      ...urls.map(([, written]) => written),
      'redis://:a-long-password@redis.internal:6379',
      'rediss://redis.internal:6380',
    ];
    expect(
      rowsBelow('With a URL')
        .map(([written]) => written.replaceAll('`', ''))
        .sort(),
    ).toEqual(run.sort());
  });

  test('names every test of this file', ({ task }) => {
    expect(testsOnPage('configurations.test.ts')).toEqual(testsIn(task.file));
  });
});
