import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster } from 'ioredis';
import { freePort } from './free-port.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

/** One primary of a cluster. */
export interface ClusterNode {
  readonly id: string;
  readonly port: number;
  readonly server: RedisServer;
}

export interface MigrateOptions {
  /** Runs at each step on the way, so that commands meet it. */
  readonly atEachStep?: (step: MigrationStep) => Promise<unknown>;
}

export type MigrationStep = 'begun' | 'keys moved' | 'new owner told' | 'old owner told' | 'all told';

/** A real Redis Cluster of three primaries without replicas, on free loopback ports. */
export interface RedisCluster extends AsyncDisposable {
  readonly nodes: readonly ClusterNode[];
  /** A client of its own, closed with the cluster. */
  client(): Cluster;
  slotOf(key: string): Promise<number>;
  ownerOf(slot: number): Promise<ClusterNode>;
  /** Moves a slot, and every key in it, from its owner to the next primary while clients go on. Answers the new owner. */
  migrate(slot: number, options?: MigrateOptions): Promise<ClusterNode>;
  stop(): Promise<void>;
}

const slotCount = 16_384;
const size = 3;
const formsWithinMs = 15_000;
const attempts = 3;

export async function startRedisCluster(): Promise<RedisCluster> {
  const servers = await Promise.all(Array.from({ length: size }, startNode));
  try {
    const nodes = await Promise.all(servers.map(nodeOf));
    await form(nodes);
    return clusterOf(nodes);
  } catch (error) {
    await Promise.all(servers.map((server) => server.stop()));
    throw error;
  }
}

async function startNode(): Promise<RedisServer> {
  for (let attempt = 1; ; attempt++) {
    // Its default, 10,000 above the port, may lie beyond the last port there is.
    const bus = String(await freePort());
    const timeouts = ['--cluster-node-timeout', '5000'];
    try {
      return await startRedis({ args: ['--cluster-enabled', 'yes', '--cluster-port', bus, ...timeouts] });
    } catch (error) {
      if (attempt === attempts) throw error;
    }
  }
}

async function nodeOf(server: RedisServer): Promise<ClusterNode> {
  return { id: await server.client().cluster('MYID'), port: server.port, server };
}

async function form(nodes: readonly ClusterNode[]): Promise<void> {
  await Promise.all(nodes.map(({ server }, at) => own(server, at)));
  const [first, ...others] = nodes;
  for (const { server, port } of others) {
    const bus = await busPort(server);
    await first?.server.client().call('CLUSTER', 'MEET', '127.0.0.1', port, bus);
  }
  const deadline = performance.now() + formsWithinMs;
  while (!(await isFormed(nodes))) {
    if (performance.now() > deadline) throw new Error(`No cluster within ${formsWithinMs} ms`);
    await sleep(20);
  }
}

async function own(server: RedisServer, at: number): Promise<void> {
  const [from, to] = [Math.floor((slotCount * at) / size), Math.floor((slotCount * (at + 1)) / size) - 1];
  await server.client().call('CLUSTER', 'SET-CONFIG-EPOCH', at + 1);
  await server.client().call('CLUSTER', 'ADDSLOTSRANGE', from, to);
}

async function busPort(server: RedisServer): Promise<number> {
  const [, port] = (await server.client().config('GET', 'cluster-port')) as string[];
  return Number(port);
}

async function isFormed(nodes: readonly ClusterNode[]): Promise<boolean> {
  const infos = await Promise.all(nodes.map(({ server }) => server.client().cluster('INFO')));
  const signs = ['cluster_state:ok', `cluster_known_nodes:${size}`, `cluster_slots_ok:${slotCount}`];
  return infos.every((info) => signs.every((sign) => info.includes(sign)));
}

function clusterOf(nodes: readonly ClusterNode[]): RedisCluster {
  const clients: Cluster[] = [];
  const owners = new Map<number, ClusterNode>();
  const cluster: RedisCluster = {
    nodes,
    client() {
      const client = new Cluster(nodes.map(({ port }) => ({ host: '127.0.0.1', port })));
      client.on('error', () => {});
      clients.push(client);
      return client;
    },
    slotOf: async (key) => Number(await nodeAt(nodes, 0).server.client().cluster('KEYSLOT', key)),
    ownerOf: async (slot) => owners.get(slot) ?? nodeAt(nodes, Math.floor((slot * size) / slotCount)),
    async migrate(slot, { atEachStep = async () => {} } = {}) {
      const from = await cluster.ownerOf(slot);
      const to = nodeAt(nodes, (nodes.indexOf(from) + 1) % size);
      const failures: unknown[] = [];
      const step = (name: MigrationStep) => atEachStep(name).catch((error: unknown) => failures.push(error));
      await move(slot, { from, to, nodes, atEachStep: step });
      owners.set(slot, to);
      // Only now, so that no slot is left between two nodes.
      if (failures.length > 0) throw failures[0];
      return to;
    },
    async stop() {
      for (const client of clients) client.disconnect();
      await Promise.all(nodes.map(({ server }) => server.stop()));
    },
    [Symbol.asyncDispose]: () => cluster.stop(),
  };
  return cluster;
}

interface Move {
  readonly from: ClusterNode;
  readonly to: ClusterNode;
  readonly nodes: readonly ClusterNode[];
  readonly atEachStep: (step: MigrationStep) => Promise<unknown>;
}

/** The steps of `redis-cli --cluster reshard`. */
async function move(slot: number, { from, to, nodes, atEachStep }: Move): Promise<void> {
  await to.server.client().cluster('SETSLOT', slot, 'IMPORTING', from.id);
  await from.server.client().cluster('SETSLOT', slot, 'MIGRATING', to.id);
  await atEachStep('begun');
  for (;;) {
    const keys = await from.server.client().cluster('GETKEYSINSLOT', slot, 10);
    if (keys.length === 0) break;
    await from.server.client().call('MIGRATE', '127.0.0.1', to.port, '', 0, 5_000, 'KEYS', ...keys);
  }
  await atEachStep('keys moved');
  const told = ({ server }: ClusterNode) => server.client().cluster('SETSLOT', slot, 'NODE', to.id);
  // The new owner first: the old one then sends clients to where the slot already is.
  await told(to);
  await atEachStep('new owner told');
  await told(from);
  await atEachStep('old owner told');
  for (const node of nodes) await told(node);
  await atEachStep('all told');
}

function nodeAt(nodes: readonly ClusterNode[], at: number): ClusterNode {
  const node = nodes[at];
  if (!node) throw new Error(`There is no node ${at}`);
  return node;
}
