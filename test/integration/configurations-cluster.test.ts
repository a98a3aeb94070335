import { Cluster, type ClusterOptions, type Redis } from 'ioredis';
import { Cluster as Cluster5, type ClusterOptions as ClusterOptions5 } from 'ioredis-5';
import { redisStore } from 'trpc-session/stores/redis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { computeSlot } from '../../src/core/record/token.ts';
import { type RedisCluster, startRedisCluster } from '../_support/redis-cluster.ts';
import { bearerApp } from './app.ts';
import { connectionsTo, databasesInUse, live, liveUnseen, reasonsOf, refusalsAt } from './life.ts';
import { aclUser, moreRulesFor, runSnippet, testsIn, testsOnPage } from './redis-page.ts';

const password = 'a-long-password';
/** Where the sessions of the life are kept. */
const key = `session:{${computeSlot('session:', 'ada')}}`;

let cluster: RedisCluster;

beforeAll(async () => {
  cluster = await startRedisCluster();
});

afterAll(() => cluster.stop());

beforeEach(() => permit(['sessions', 'on', `>${password}`, '~*', '&*', '+@all']));

/** Makes the user anew on every node, which is empty then. */
async function permit(user: readonly string[]): Promise<void> {
  for (const { server } of cluster.nodes) {
    await server.client().call('ACL', 'DELUSER', 'sessions');
    await server.client().call('ACL', 'SETUSER', ...user);
    await server.client().call('ACL', 'LOG', 'RESET');
    await server.client().flushall();
  }
}

async function expectNothingLeft(): Promise<void> {
  for (const { server } of cluster.nodes) expect(await databasesInUse(server)).toEqual([]);
}

const nodes = () => cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port }));
const redisOptions = { username: 'sessions', password };
const cluster6 = (options: Omit<ClusterOptions, 'redisOptions'> = {}, more: { readonly protocol?: 2 } = {}) =>
  new Cluster(nodes(), { ...options, redisOptions: { ...redisOptions, ...more } });
const cluster5 = (options: ClusterOptions5 = {}) => new Cluster5(nodes(), { redisOptions, ...options });

describe('sessions live on a Cluster of', () => {
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
  ])('%s', async (_name, clientOf) => {
    const client = clientOf();
    await live(redisStore(client)).finally(() => client.disconnect());
    await expectNothingLeft();
  });

  test('the page', async () => {
    const [first, second] = cluster.nodes;
    const hosts = { 'node-1.internal': '127.0.0.1', 'node-2.internal': '127.0.0.1' };
    const places = { ...hosts, 7001: first?.port ?? 0, 7002: second?.port ?? 0 };
    const { store, disconnect } = await runSnippet('cluster.ts', places);
    const owner = await cluster.ownerOf(await cluster.slotOf(key));
    const meanwhile = async () =>
      expect(await connectionsTo(owner.server)).toContainEqual(expect.objectContaining({ user: 'sessions' }));
    await live(store, { meanwhile }).finally(disconnect);
    await expectNothingLeft();
  });
});

describe('sessions are UNAVAILABLE, and the cause says why, on', () => {
  test('one node of a Cluster without the others', async () => {
    const owner = await cluster.ownerOf(await cluster.slotOf(key));
    const other = cluster.nodes.find((node) => node !== owner);
    const app = bearerApp({ store: redisStore(`redis://127.0.0.1:${other?.port}`) });
    const error: unknown = await app
      .of('ada')
      .list()
      .catch((refused: unknown) => refused);
    expect(error).toMatchObject({ code: 'UNAVAILABLE' });
    expect(reasonsOf(error)).toMatch(/MOVED/);
    await app.close();
  });
});

/** ioredis looks after ASKING no more once it is sent: being denied it would end the process. */
function keepPromise(node: Redis): void {
  const asking = node.asking.bind(node);
  node.asking = () => asking().catch(() => 'OK' as const);
}

describe('on a Cluster, the permissions of the page', () => {
  const added = moreRulesFor('a Cluster');
  /** A life at every step of a migration, with these permissions. */
  const liveWith = async (rules: readonly string[]): Promise<unknown> => {
    await permit([...aclUser(), ...rules]);
    const client = cluster6();
    client.on('error', () => {});
    client.on('+node', keepPromise);
    const slot = await cluster.slotOf(key);
    const atEachStep = () => liveUnseen(redisStore(client, { deadline: '300ms' }));
    return cluster.migrate(slot, { atEachStep }).finally(() => client.disconnect());
  };

  test('suffice, while slots migrate too', async () => {
    await liveWith(added);
    for (const { server } of cluster.nodes) expect(await refusalsAt(server)).toEqual([]);
    await expectNothingLeft();
  });

  test('are all needed', async () => {
    const needed: string[] = [];
    for (const rule of added) {
      const refused: unknown = await liveWith(added.filter((other) => other !== rule)).catch((error: unknown) => error);
      if (refused instanceof Error && 'code' in refused && refused.code === 'UNAVAILABLE') needed.push(rule);
    }
    expect(needed).toEqual(added);
  });
});

describe('the page', () => {
  test('names every test of this file', ({ task }) => {
    expect(testsOnPage('configurations-cluster.test.ts')).toEqual(testsIn(task.file));
  });
});
