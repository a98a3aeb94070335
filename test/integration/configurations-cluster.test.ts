// Slow: it starts a Cluster of three nodes, and migrates a slot once per permission.
import { Cluster, type ClusterOptions, type Redis } from 'ioredis';
import { Cluster as Cluster5, type ClusterOptions as ClusterOptions5 } from 'ioredis-5';
import { createCluster } from 'redis';
import * as redis5 from 'redis-5';
import { type NodeRedisCluster, redisStore } from 'trpc-session/stores/redis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { computeSlot } from '../../src/core/record/token.ts';
import { type RedisCluster, startRedisCluster } from '../_support/redis-cluster.ts';
import { createBearerApp, createPatientStore } from './app.ts';
import { evidenceSuite, listTests, readListedTests } from './evidence.ts';
import {
  joinMessages,
  listConnections,
  listDenied,
  listUsedDatabases,
  runLifeCycle,
  runLifeCycleWithoutReady,
} from './life-cycle.ts';
import { readAclUser, readMoreRules, readUrls, replaceNames, runSnippet } from './redis-page.ts';

const password = 'a-long-password';
/** The key of ada's sessions. */
const key = `session:{${computeSlot('session:', 'ada')}}`;

let cluster: RedisCluster;

beforeAll(async () => {
  cluster = await startRedisCluster();
});

afterAll(() => cluster.stop());

beforeEach(() => createUser(['sessions', 'on', `>${password}`, '~*', '&*', '+@all']));

/** Empties every node, and creates the user there with these rules only. */
async function createUser(user: readonly string[]): Promise<void> {
  for (const { server } of cluster.nodes) {
    await server.client().call('ACL', 'DELUSER', 'sessions');
    await server.client().call('ACL', 'SETUSER', ...user);
    await server.client().call('ACL', 'LOG', 'RESET');
    await server.client().flushall();
  }
}

async function expectAllNodesEmpty(): Promise<void> {
  for (const { server } of cluster.nodes) expect(await listUsedDatabases(server)).toEqual([]);
}

const nodes = () => cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port }));
const redisOptions = { username: 'sessions', password };
const cluster6 = (options: Omit<ClusterOptions, 'redisOptions'> = {}, more: { readonly protocol?: 2 } = {}) =>
  new Cluster(nodes(), { ...options, redisOptions: { ...redisOptions, ...more } });
const cluster5 = (options: ClusterOptions5 = {}) => new Cluster5(nodes(), { redisOptions, ...options });

const toNodeRedisOptions = () => ({
  rootNodes: nodes().map(({ host, port }) => ({ url: `redis://${host}:${port}` })),
  defaults: redisOptions,
  // The store reads from the primary all the same.
  useReplicas: true,
});

function startToConnect<Client extends NodeRedisCluster>(client: Client): Client {
  client.connect().catch(() => {});
  return client;
}

function closeClient(client: { disconnect(): unknown }): unknown {
  return client.disconnect();
}

describe('every operation works on a Cluster with a client of', () => {
  test.each([
    ['ioredis 6', () => cluster6()],
    ['ioredis 6, lazyConnect', () => cluster6({ lazyConnect: true })],
    [
      'ioredis 6, enableAutoPipelining and keyPrefix',
      () => cluster6({ enableAutoPipelining: true, keyPrefix: 'shop:' }),
    ],
    ['ioredis 6, protocol 2 (RESP2)', () => cluster6({}, { protocol: 2 })],
    ['ioredis 5', () => cluster5()],
    [
      'ioredis 5, enableAutoPipelining and keyPrefix',
      () => cluster5({ enableAutoPipelining: true, keyPrefix: 'shop:' }),
    ],
    ['redis 6', () => createCluster(toNodeRedisOptions())],
    ['redis 6, keyPrefix', () => createCluster({ ...toNodeRedisOptions(), keyPrefix: 'shop:' })],
    ['redis 5', () => redis5.createCluster(toNodeRedisOptions())],
    ['redis 6, while it connects', () => startToConnect(createCluster(toNodeRedisOptions()))],
    ['redis 5, while it connects', () => startToConnect(redis5.createCluster(toNodeRedisOptions()))],
  ])('%s', async (_name, createClient) => {
    const client = createClient();
    await runLifeCycle(createPatientStore(client), { scans: true }).finally(() => closeClient(client));
    await expectAllNodesEmpty();
  });

  test('docs/redis.md', async () => {
    const [first, second] = cluster.nodes;
    const hosts = { 'node-1.internal': '127.0.0.1', 'node-2.internal': '127.0.0.1' };
    const replacements = { ...hosts, 7001: first?.port ?? 0, 7002: second?.port ?? 0 };
    const { store, disconnect } = await runSnippet('cluster.ts', replacements);
    const owner = await cluster.findOwner(await cluster.findSlot(key));
    const whileSignedIn = async () =>
      expect(await listConnections(owner.server)).toContainEqual(expect.objectContaining({ user: 'sessions' }));
    await runLifeCycle(store, { whileSignedIn }).finally(disconnect);
    await expectAllNodesEmpty();
  });
});

describe('every operation works on a Cluster with', () => {
  test('the URL of docs/redis.md', async () => {
    const [first, second] = nodes();
    const url = replaceNames(readUrls('Cluster')[0] ?? '', {
      'node-1.internal:7001': `127.0.0.1:${first?.port}`,
      'node-2.internal:7002': `127.0.0.1:${second?.port}`,
    });
    const owner = await cluster.findOwner(await cluster.findSlot(key));
    const whileSignedIn = async () =>
      expect(await listConnections(owner.server)).toContainEqual(expect.objectContaining({ user: 'sessions' }));
    await runLifeCycle(createPatientStore(url), { whileSignedIn });
    await expectAllNodesEmpty();
  });
});

describe('sessions are unavailable, and the cause says why, with', () => {
  test('the URL of a single Cluster node', async () => {
    const owner = await cluster.findOwner(await cluster.findSlot(key));
    const other = cluster.nodes.find((node) => node !== owner);
    const app = createBearerApp({ store: createPatientStore(`redis://127.0.0.1:${other?.port}`) });
    const error: unknown = await app
      .of('ada')
      .list()
      .catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: 'UNAVAILABLE' });
    expect(joinMessages(error)).toMatch(/MOVED/);
    await app.close();
  });
});

type ClusterClient = Cluster | (NodeRedisCluster & { disconnect(): unknown });

/** ioredis does not catch a denied ASKING: the unhandled rejection would end this process. */
function ignoreDeniedAsking(node: Redis): void {
  const asking = node.asking.bind(node);
  node.asking = () => asking().catch(() => 'OK' as const);
}

describe('on a Cluster, the permissions of docs/redis.md', () => {
  const added = readMoreRules('a Cluster');
  const createIoredis = () => {
    const client = cluster6();
    client.on('error', () => {});
    client.on('+node', ignoreDeniedAsking);
    return client;
  };
  /** Runs the life cycle at every step of a migration, with these permissions. */
  const migrateWith = async (
    rules: readonly string[],
    deadline: '300ms' | '10s',
    createClient: () => ClusterClient = createIoredis,
  ): Promise<unknown> => {
    await createUser([...readAclUser(), ...rules]);
    const client = createClient();
    const slot = await cluster.findSlot(key);
    const atEachStep = () => runLifeCycleWithoutReady(redisStore(client, { deadline }));
    return cluster.migrate(slot, { atEachStep }).finally(() => client.disconnect());
  };

  test.each([
    ['ioredis 6', createIoredis],
    ['redis 6', () => createCluster(toNodeRedisOptions())],
    ['redis 5', () => redis5.createCluster(toNodeRedisOptions())],
  ])('suffice for %s, also while a slot migrates', async (_name, createClient) => {
    await migrateWith(added, '10s', createClient);
    for (const { server } of cluster.nodes) expect(await listDenied(server)).toEqual([]);
    await expectAllNodesEmpty();
  });

  test('are all needed', async () => {
    const needed: string[] = [];
    for (const rule of added) {
      const others = added.filter((other) => other !== rule);
      const failure: unknown = await migrateWith(others, '300ms').catch((error: unknown) => error);
      if (failure instanceof Error && 'code' in failure && failure.code === 'UNAVAILABLE') needed.push(rule);
    }
    expect(needed).toEqual(added);
  });
});

describe(evidenceSuite, () => {
  test('lists every test of this file', ({ task }) => {
    expect(readListedTests('configurations-cluster.test.ts')).toEqual(listTests(task.file));
  });
});
