// Slow: it starts a Sentinel with a primary and a replica, and waits for a failover.
import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { createSentinel } from 'redis';
import * as redis5 from 'redis-5';
import { redisStore } from 'trpc-session/stores/redis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { primaryName, type RedisSentinel, sentinelPassword, startRedisSentinel } from '../_support/redis-sentinel.ts';
import type { RedisServer } from '../_support/redis-server.ts';
import { createBearerApp, createPatientStore, increment, isSignedIn, signIn, withToken } from './app.ts';
import { evidenceSuite, listTests, readListedTests } from './evidence.ts';
import { type Connection, joinMessages, listConnections, listUsedDatabases, runLifeCycle } from './life-cycle.ts';
import { readUrls, replaceNames, runSnippet } from './redis-page.ts';

const password = 'a-long-password';

let sentinel: RedisSentinel;

beforeAll(async () => {
  sentinel = await startRedisSentinel();
  for (const { client } of [sentinel.first, sentinel.second]) {
    await client().call('ACL', 'SETUSER', 'sessions', 'on', `>${password}`, '~*', '&*', '+@all');
  }
});

afterAll(() => sentinel.stop());

const toOptions = <More extends object>(more: More) => ({
  sentinels: [{ host: '127.0.0.1', port: sentinel.port }],
  name: primaryName,
  sentinelPassword,
  username: 'sessions',
  password,
  ...more,
});

/** The same settings for the `redis` package. */
const toNodeRedisOptions = (database: number) => ({
  name: primaryName,
  sentinelRootNodes: [{ host: '127.0.0.1', port: sentinel.port }],
  sentinelClientOptions: { password: sentinelPassword },
  nodeClientOptions: { username: 'sessions', password, database },
});

/** With these, the client reads from replicas. The store must not. */
const withReplicas = { replicaPoolSize: 1 };

const toReplacements = () => ({ 'sentinel.internal': '127.0.0.1', 26379: sentinel.port });

describe('every operation works behind a Sentinel with', () => {
  test('the options of docs/redis.md', async () => {
    const { store } = await runSnippet('sentinel.ts', toReplacements());
    const whileSignedIn = async () => {
      expect(await listConnections(sentinel.first)).toContainEqual(expect.objectContaining({ user: 'sessions' }));
      expect(await listUsedDatabases(sentinel.first)).toEqual([0]);
    };
    await runLifeCycle(store, { whileSignedIn });
    expect(await listUsedDatabases(sentinel.first)).toEqual([]);
  });

  test('the URL of docs/redis.md', async () => {
    const url = replaceNames(readUrls('Sentinel')[0] ?? '', {
      'sentinel-1.internal:26379': `127.0.0.1:${sentinel.port}`,
      // Nothing listens there, so that the next Sentinel is tried.
      'sentinel-2.internal:26379': '127.0.0.1:1',
    });
    const whileSignedIn = async () => {
      expect(await listConnections(sentinel.first)).toContainEqual(expect.objectContaining({ user: 'sessions' }));
      expect(await listUsedDatabases(sentinel.first)).toEqual([3]);
    };
    await runLifeCycle(createPatientStore(url), { whileSignedIn });
    expect(await listUsedDatabases(sentinel.first)).toEqual([]);
  });

  test.each([
    ['a client of ioredis 6', () => new Redis(toOptions({ db: 3, keyPrefix: 'shop:', enableAutoPipelining: true }))],
    ['a client of ioredis 5', () => new Redis5(toOptions({ db: 3, keyPrefix: 'shop:', enableAutoPipelining: true }))],
    ['a client of redis 6', () => createSentinel({ ...toNodeRedisOptions(3), ...withReplicas, keyPrefix: 'shop:' })],
    ['a client of redis 5', () => redis5.createSentinel({ ...toNodeRedisOptions(3), ...withReplicas })],
  ])('%s', async (_name, createClient) => {
    const client = createClient();
    const whileSignedIn = async () => expect(await listUsedDatabases(sentinel.first)).toEqual([3]);
    await runLifeCycle(createPatientStore(client), { whileSignedIn, scans: true }).finally(() => closeClient(client));
    expect(await listUsedDatabases(sentinel.first)).toEqual([]);
  });
});

function closeClient(client: { disconnect(): void } | { destroy(): unknown }): unknown {
  return 'disconnect' in client ? client.disconnect() : client.destroy();
}

describe('sessions are unavailable behind a Sentinel, and the cause says why, with', () => {
  test.each([
    [
      'a wrong password of the Sentinel',
      () => ({ sentinelPassword: 'wrong' }),
      /All sentinels are unreachable.*WRONGPASS/,
    ],
    ['a wrong name of the primary', () => ({ name: 'another' }), /All sentinels are unreachable/],
    ['a wrong password of the primary', () => ({ password: 'wrong' }), /WRONGPASS/],
  ])('%s', async (_name, wrong, reason) => {
    const app = createBearerApp({ store: redisStore(toOptions(wrong()), { deadline: '500ms' }) });
    const error: unknown = await app.ready().catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: 'UNAVAILABLE' });
    expect(joinMessages(error)).toMatch(reason);
    await app.close();
  });
});

describe('after a failover, sessions continue on the new primary with', () => {
  test('the options of docs/redis.md, and a client of each library', async () => {
    const { store } = await runSnippet('sentinel.ts', toReplacements());
    const failoverDetector = true;
    const clients = [
      new Redis(toOptions({ failoverDetector })),
      new Redis5(toOptions({ failoverDetector })),
      createSentinel(toNodeRedisOptions(0)),
      redis5.createSentinel(toNodeRedisOptions(0)),
    ];
    const stores = [store, ...clients.map((client) => createPatientStore(client))];
    const apps = stores.map((each) => createBearerApp({ store: each }));
    const tokens = await Promise.all(apps.map(async (app, at) => (await signIn(app, `user-${at}`)).token));
    await waitForReplica();
    await sentinel.failOver();
    await waitForDisconnect(sentinel.first);
    for (const [at, app] of apps.entries()) {
      const session = withToken(app, tokens[at] ?? '');
      expect((await increment(session)).data.count).toBe(1);
      await session.destroy();
      expect(await isSignedIn(app, tokens[at] ?? '')).toBe(false);
    }
    expect(await listUsedDatabases(sentinel.second)).toEqual([]);
    await Promise.all(apps.map((app) => app.close()));
    for (const client of clients) closeClient(client);
  });
});

/** Waits until the replica has received all writes. */
async function waitForReplica(): Promise<void> {
  const client = sentinel.first.client();
  // WAIT waits only for writes of the same connection.
  await client.set('marker', '');
  expect(await client.wait(1, 5_000)).toBe(1);
  await client.del('marker');
}

/** Waits until all clients of the apps have disconnected. */
async function waitForDisconnect(server: RedisServer): Promise<void> {
  const isAppClient = ({ user }: Connection) => user === 'sessions';
  const hasNoClients = async () => !(await listConnections(server)).some(isAppClient);
  await vi.waitUntil(hasNoClients, { timeout: 10_000, interval: 10 });
}

describe(evidenceSuite, () => {
  test('lists every test of this file', ({ task }) => {
    expect(readListedTests('configurations-sentinel.test.ts')).toEqual(listTests(task.file));
  });
});
