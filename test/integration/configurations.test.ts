// Slow: each test starts a client of its own and runs every operation, and Valkey repeats them all.
import { Redis, type RedisOptions } from 'ioredis';
import { Redis as Redis5, type RedisOptions as RedisOptions5 } from 'ioredis-5';
import { createClient, RESP_TYPES, type RedisClientOptions } from 'redis';
import * as redisPackage5 from 'redis-5';
import { type RedisSource, redisStore } from 'trpc-session/stores/redis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findTool } from '../../scripts/system-tools.mjs';
import { type RedisServer, startRedis } from '../_support/redis-server.ts';
import { createBearerApp, createPatientStore, isSignedIn, signIn } from './app.ts';
import { evidenceSuite, listTests, readListedTests } from './evidence.ts';
import {
  type Connection,
  endConnections,
  joinMessages,
  listConnections,
  listUsedDatabases,
  runLifeCycle,
} from './life-cycle.ts';
import { readUrls, replaceNames, runSnippet } from './redis-page.ts';

const password = 'a-long-password';

let redis: RedisServer;

beforeAll(async () => {
  redis = await startServer();
});

afterAll(() => redis.stop());

beforeEach(async () => {
  await redis.client().flushall();
  await endConnections(redis);
});

async function startServer(program?: string): Promise<RedisServer> {
  const server = await startRedis(program === undefined ? {} : { program });
  await server.client().call('ACL', 'SETUSER', 'sessions', 'on', `>${password}`, '~*', '&*', '+@all');
  return server;
}

/** One way to connect, and what the server then reports about the connection. */
type Configuration = readonly [
  name: string,
  createSource: (server: RedisServer) => RedisSource,
  expected: Partial<Connection>,
];

function disconnect(source: RedisSource): void {
  if (typeof source === 'object' && 'disconnect' in source) (source as Pick<Redis, 'disconnect'>).disconnect();
}

async function expectToWork(server: RedisServer, [, createSource, expected]: Configuration): Promise<void> {
  const source = createSource(server);
  const whileSignedIn = async () => {
    expect(await listConnections(server)).toContainEqual(expect.objectContaining(expected));
    expect(await listUsedDatabases(server)).toEqual([expected.database ?? 0]);
  };
  try {
    await runLifeCycle(createPatientStore(source), { whileSignedIn, scans: true });
  } finally {
    disconnect(source);
  }
  expect(await listUsedDatabases(server)).toEqual([]);
}

/** A URL of docs/redis.md, pointed at a server of this machine. */
const toSource =
  (url: string) =>
  ({ port, socket }: RedisServer): string =>
    url.includes('redis.internal')
      ? replaceNames(url, { 'redis.internal:6379': `127.0.0.1:${port}` })
      : replaceNames(url, { '/run/redis/redis.sock': socket });

const urls: readonly (readonly [name: string, url: string, expected: Partial<Connection>])[] = [
  ['host and port', 'redis://redis.internal:6379', { user: 'default', database: 0, protocol: 3 }],
  ['database', 'redis://redis.internal:6379/3', { database: 3 }],
  [
    'user, password and database',
    'redis://sessions:a-long-password@redis.internal:6379/3',
    { user: 'sessions', database: 3 },
  ],
  ['path of a unix socket', '/run/redis/redis.sock', { isSocket: true, database: 0 }],
  [
    'path of a unix socket, user and database',
    '/run/redis/redis.sock?db=3&username=sessions&password=a-long-password',
    { isSocket: true, user: 'sessions', database: 3 },
  ],
  ['unix socket in a redis: URL', 'redis://localhost?path=/run/redis/redis.sock', { isSocket: true }],
  ['ioredis option', 'redis://redis.internal:6379?protocol=2', { protocol: 2 }],
];
const urlConfigurations = urls.map(([name, url, expected]): Configuration => [name, toSource(url), expected]);

const tcp = ({ port }: RedisServer) => ({ host: '127.0.0.1', port });
const options = (more: RedisOptions) => (server: RedisServer) => ({ ...tcp(server), ...more });

const optionConfigurations: readonly Configuration[] = [
  ['host, port and db', options({ db: 3 }), { database: 3 }],
  ['username and password', options({ username: 'sessions', password }), { user: 'sessions' }],
  ['path', ({ socket }) => ({ path: socket, db: 3 }), { isSocket: true, database: 3 }],
  ['protocol 2 (RESP2)', options({ protocol: 2 }), { protocol: 2 }],
  ["protocol 3 (RESP3) and replyMapping 'resp3'", options({ replyMapping: 'resp3' }), { protocol: 3 }],
  ['stringNumbers', options({ stringNumbers: true }), {}],
  ['enableOfflineQueue off', options({ enableOfflineQueue: false }), {}],
  ['enableReadyCheck off', options({ enableReadyCheck: false, db: 3 }), { database: 3 }],
  ['enableAutoPipelining off', options({ enableAutoPipelining: false }), {}],
];

/** ioredis 6 rejects its own type `RedisOptions` in its constructor under `exactOptionalPropertyTypes`. */
type Options6 = RedisOptions & { readonly replyMapping?: 'legacy' | 'resp3' };

const ioredis6 = (more: Options6) => (server: RedisServer) => new Redis({ ...tcp(server), ...more });
const ioredis5 = (more: RedisOptions5) => (server: RedisServer) => new Redis5({ ...tcp(server), ...more });
const userAndDatabase = { username: 'sessions', password, db: 3 };

/** The same settings for the `redis` package, which calls them differently. */
const nodeRedisDatabase = { username: 'sessions', password, database: 3 };
const nodeRedis6 = (more: RedisClientOptions) => (server: RedisServer) =>
  createClient({ socket: tcp(server), ...more });
const nodeRedis5 = (more: redisPackage5.RedisClientOptions) => (server: RedisServer) =>
  redisPackage5.createClient({ socket: tcp(server), ...more });
const buffers = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer, [RESP_TYPES.NUMBER]: String } };
/** The app connects it and does not wait. */
const connectAtOnce = (server: RedisServer) => {
  const client = nodeRedis6({ disableOfflineQueue: true })(server);
  void client.connect();
  return client;
};

const clientConfigurations: readonly Configuration[] = [
  ['ioredis 6', ioredis6({}), { protocol: 3 }],
  ['ioredis 6, protocol 2 (RESP2)', ioredis6({ protocol: 2 }), { protocol: 2 }],
  ["ioredis 6, replyMapping 'resp3'", ioredis6({ replyMapping: 'resp3' }), { protocol: 3 }],
  ['ioredis 6, enableAutoPipelining', ioredis6({ enableAutoPipelining: true }), {}],
  ['ioredis 6, lazyConnect', ioredis6({ lazyConnect: true }), {}],
  ['ioredis 6, stringNumbers', ioredis6({ stringNumbers: true }), {}],
  ['ioredis 6, user and database', ioredis6(userAndDatabase), { user: 'sessions', database: 3 }],
  ['ioredis 5', ioredis5({}), { protocol: 2 }],
  ['ioredis 5, enableAutoPipelining', ioredis5({ enableAutoPipelining: true }), {}],
  ['ioredis 5, user and database', ioredis5(userAndDatabase), { user: 'sessions', database: 3 }],
  ['redis 6', nodeRedis6({}), { protocol: 3 }],
  ['redis 6, RESP 2', (server) => createClient({ RESP: 2, socket: tcp(server) }), { protocol: 2 }],
  ['redis 6, user and database', nodeRedis6(nodeRedisDatabase), { user: 'sessions', database: 3 }],
  ['redis 6, unix socket', ({ socket }) => createClient({ socket: { path: socket, tls: false } }), { isSocket: true }],
  ['redis 6, type mapping', nodeRedis6({ commandOptions: buffers }), {}],
  ['redis 6, connected by the app, without a queue', connectAtOnce, {}],
  ['redis 5', nodeRedis5({}), { protocol: 2 }],
  ['redis 5, RESP 3', nodeRedis5({ RESP: 3 }), { protocol: 3 }],
  ['redis 5, user and database', nodeRedis5(nodeRedisDatabase), { user: 'sessions', database: 3 }],
  ['redis 5, without a queue', nodeRedis5({ disableOfflineQueue: true }), {}],
];

describe('every operation works with a URL that has', () => {
  test.each(urlConfigurations)('%s', (...configuration) => expectToWork(redis, configuration));

  test('password only', async () => {
    await redis.client().config('SET', 'requirepass', password);
    try {
      await expect(createPatientStore(redis.url).ping('a-key')).rejects.toThrow('NOAUTH');
      const url = 'redis://:a-long-password@redis.internal:6379';
      await expectToWork(redis, ['', toSource(url), { user: 'default' }]);
    } finally {
      await redis.client().config('SET', 'requirepass', '');
    }
  });

  test('percent-encoded password', async () => {
    const unusual = 'p@ss:w/rd?#[]%&=+é';
    await redis.client().call('ACL', 'SETUSER', 'unusual', 'on', `>${unusual}`, '~*', '&*', '+@all');
    const createSource = ({ port }: RedisServer) =>
      `redis://unusual:${encodeURIComponent(unusual)}@127.0.0.1:${port}/3`;
    await expectToWork(redis, ['', createSource, { user: 'unusual', database: 3 }]);
  });
});

describe('every operation works with the options', () => {
  test.each(optionConfigurations)('%s', (...configuration) => expectToWork(redis, configuration));

  test('of docs/redis.md', async () => {
    const { store } = await runSnippet('options.ts', { 'redis.internal': '127.0.0.1', 6379: redis.port });
    const whileSignedIn = async () =>
      expect(await listConnections(redis)).toContainEqual(expect.objectContaining({ user: 'sessions', database: 3 }));
    await runLifeCycle(store, { whileSignedIn });
    expect(await listUsedDatabases(redis)).toEqual([]);
  });
});

describe('every operation works with an own client of', () => {
  const expectKeyPrefix = async () =>
    expect(await redis.client().keys('*')).toEqual([expect.stringMatching(/^shop:session:{/)]);

  test.each(clientConfigurations)('%s', (...configuration) => expectToWork(redis, configuration));

  test.each([
    ['ioredis 6, keyPrefix', ioredis6({ keyPrefix: 'shop:', enableAutoPipelining: true })],
    ['ioredis 5, keyPrefix', ioredis5({ keyPrefix: 'shop:', enableAutoPipelining: true })],
    ['redis 6, keyPrefix', nodeRedis6({ keyPrefix: 'shop:' })],
  ])('%s', async (_name, createOwnClient) => {
    const client = createOwnClient(redis);
    const store = createPatientStore(client);
    await runLifeCycle(store, { whileSignedIn: expectKeyPrefix, scans: true }).finally(() => disconnect(client));
    expect(await listUsedDatabases(redis)).toEqual([]);
  });

  test('docs/redis.md', async () => {
    const { store, disconnect } = await runSnippet('client.ts', { 'redis.internal:6379': `127.0.0.1:${redis.port}` });
    await runLifeCycle(store, { whileSignedIn: expectKeyPrefix }).finally(disconnect);
  });

  test('docs/redis.md, redis', async () => {
    const at = { 'redis.internal:6379': `127.0.0.1:${redis.port}` };
    const { store, disconnect } = await runSnippet('node-redis.ts', at);
    await runLifeCycle(store).finally(disconnect);
  });
});

describe('two apps in one Redis are separated by', () => {
  const clients: Redis[] = [];
  const withKeyPrefix = (keyPrefix: string) => {
    const client = ioredis6({ keyPrefix })(redis);
    clients.push(client);
    return createPatientStore(client);
  };

  test.each([
    [
      'prefix',
      () => ({ store: createPatientStore(redis.url), prefix: 'shop:' }),
      () => ({ store: createPatientStore(redis.url), prefix: 'blog:' }),
    ],
    ['keyPrefix', () => ({ store: withKeyPrefix('shop:') }), () => ({ store: withKeyPrefix('blog:') })],
    [
      'database',
      () => ({ store: createPatientStore(`${redis.url}/1`) }),
      () => ({ store: createPatientStore(`${redis.url}/2`) }),
    ],
  ])('%s', async (_name, createShop, createBlog) => {
    const [shop, blog] = [createBearerApp(createShop()), createBearerApp(createBlog())];
    const [shopUser, blogUser] = [await signIn(shop, 'ada'), await signIn(blog, 'ada')];
    expect(await isSignedIn(shop, blogUser.token)).toBe(false);
    expect(await isSignedIn(blog, shopUser.token)).toBe(false);
    expect(await shop.of('ada').list()).toMatchObject([{ id: shopUser.id }]);
    expect(await blog.of('ada').revoke(shopUser.id)).toBe(false);
    expect(await shop.of('ada').revokeAll()).toBe(1);
    expect(await isSignedIn(blog, blogUser.token)).toBe(true);
    expect(await blog.of('ada').revokeAll()).toBe(1);
    await Promise.all([shop.close(), blog.close()]);
    for (const client of clients.splice(0)) client.disconnect();
    expect(await listUsedDatabases(redis)).toEqual([]);
  });
});

describe('sessions are unavailable, and the cause says why, with', () => {
  test.each([
    ['a wrong password', () => `redis://sessions:wrong@127.0.0.1:${redis.port}`, /WRONGPASS/],
    ['a database that Redis does not have', () => `${redis.url}/99`, /DB index is out of range/],
    ['a port without a server', () => 'redis://127.0.0.1:1', /ECONNREFUSED/],
  ])('%s', async (_name, createSource, reason) => {
    const app = createBearerApp({ store: redisStore(createSource()) });
    for (const attempt of [() => app.ready(), () => signIn(app, 'ada')]) {
      const error: unknown = await attempt().catch((failure: unknown) => failure);
      expect(error).toMatchObject({ code: 'UNAVAILABLE' });
      expect(joinMessages(error)).toMatch(reason);
    }
    await app.close();
    expect(await listUsedDatabases(redis)).toEqual([]);
  });
});

describe('redisStore throws for', () => {
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
    ['a URL that ioredis does not support', () => 'unix:///run/redis/redis.sock', 'redisStore(source)'],
  ])('%s', (_name, createSource, option) => {
    expect(() => redisStore(createSource())).toThrow(option);
  });
});

describe('every URL, option and client works on', () => {
  test('Valkey', { timeout: 30_000 }, async ({ skip }) => {
    const program = findTool('valkey');
    if (program === undefined) return skip('valkey-server is not installed, and VALKEY_SERVER_BIN is not set.');
    await using valkey = await startServer(program);
    const all = [...urlConfigurations, ...optionConfigurations, ...clientConfigurations];
    for (const configuration of all) await expectToWork(valkey, configuration);
  });
});

describe(evidenceSuite, () => {
  test('docs/redis.md has no URL that is not tested here or over TLS', () => {
    const tested = [
      ...urls.map(([, url]) => url),
      'redis://:a-long-password@redis.internal:6379',
      'rediss://redis.internal:6380',
    ];
    expect(readUrls().toSorted()).toEqual(tested.sort());
  });

  test('lists every test of this file', ({ task }) => {
    expect(readListedTests('configurations.test.ts')).toEqual(listTests(task.file));
  });
});
