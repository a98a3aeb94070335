import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster } from 'ioredis';
import { findFreePort } from './free-port.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

/** One primary of a cluster. */
interface ClusterNode {
  readonly id: string;
  readonly port: number;
  readonly server: RedisServer;
}

interface MigrateOptions {
  /** Called at each step of the migration, so that a test can send commands in that state. */
  readonly atEachStep?: (step: MigrationStep) => Promise<unknown>;
}

export type MigrationStep = 'begun' | 'keys moved' | 'new owner notified' | 'old owner notified' | 'all notified';

/** A real Redis Cluster of three primaries without replicas, on free loopback ports. */
export interface RedisCluster extends AsyncDisposable {
  readonly nodes: readonly ClusterNode[];
  /** Creates a client, which is closed with the cluster. */
  client(): Cluster;
  findSlot(key: string): Promise<number>;
  findOwner(slot: number): Promise<ClusterNode>;
  /** Moves a slot and its keys from its owner to the next primary, while clients continue. Resolves to the new owner. */
  migrate(slot: number, options?: MigrateOptions): Promise<ClusterNode>;
  stop(): Promise<void>;
}

const slotCount = 16_384;
const size = 3;
const formWithinMs = 15_000;
const attempts = 3;

export async function startRedisCluster(): Promise<RedisCluster> {
  const servers = await Promise.all(Array.from({ length: size }, startNode));
  try {
    const nodes = await Promise.all(servers.map(createNode));
    await formCluster(nodes);
    return createCluster(nodes);
  } catch (error) {
    await Promise.all(servers.map((server) => server.stop()));
    throw error;
  }
}

async function startNode(): Promise<RedisServer> {
  for (let attempt = 1; ; attempt++) {
    // The default, the port plus 10,000, may exceed the highest port number.
    const bus = String(await findFreePort());
    const timeouts = ['--cluster-node-timeout', '5000'];
    try {
      return await startRedis({ args: ['--cluster-enabled', 'yes', '--cluster-port', bus, ...timeouts] });
    } catch (error) {
      if (attempt === attempts) throw error;
    }
  }
}

async function createNode(server: RedisServer): Promise<ClusterNode> {
  return { id: await server.client().cluster('MYID'), port: server.port, server };
}

async function formCluster(nodes: readonly ClusterNode[]): Promise<void> {
  await Promise.all(nodes.map(({ server }, at) => assignSlots(server, at)));
  const [first, ...others] = nodes;
  for (const { server, port } of others) {
    const bus = await getBusPort(server);
    await first?.server.client().call('CLUSTER', 'MEET', '127.0.0.1', port, bus);
  }
  const deadline = performance.now() + formWithinMs;
  while (!(await isFormed(nodes))) {
    if (performance.now() > deadline) throw new Error(`No cluster within ${formWithinMs} ms`);
    await sleep(20);
  }
}

async function assignSlots(server: RedisServer, at: number): Promise<void> {
  const [from, to] = [Math.floor((slotCount * at) / size), Math.floor((slotCount * (at + 1)) / size) - 1];
  await server.client().call('CLUSTER', 'SET-CONFIG-EPOCH', at + 1);
  await server.client().call('CLUSTER', 'ADDSLOTSRANGE', from, to);
}

async function getBusPort(server: RedisServer): Promise<number> {
  const [, port] = (await server.client().config('GET', 'cluster-port')) as string[];
  return Number(port);
}

async function isFormed(nodes: readonly ClusterNode[]): Promise<boolean> {
  const infos = await Promise.all(nodes.map(({ server }) => server.client().cluster('INFO')));
  const expected = ['cluster_state:ok', `cluster_known_nodes:${size}`, `cluster_slots_ok:${slotCount}`];
  return infos.every((info) => expected.every((line) => info.includes(line)));
}

function createCluster(nodes: readonly ClusterNode[]): RedisCluster {
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
    findSlot: async (key) => Number(await getNode(nodes, 0).server.client().cluster('KEYSLOT', key)),
    findOwner: async (slot) => owners.get(slot) ?? getNode(nodes, Math.floor((slot * size) / slotCount)),
    async migrate(slot, { atEachStep = async () => {} } = {}) {
      const from = await cluster.findOwner(slot);
      const to = getNode(nodes, (nodes.indexOf(from) + 1) % size);
      const failures: unknown[] = [];
      const runStep = (name: MigrationStep) => atEachStep(name).catch((error: unknown) => failures.push(error));
      await moveSlot(slot, { from, to, nodes, atEachStep: runStep });
      owners.set(slot, to);
      // Thrown only after the migration, so that no slot stays half moved.
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
async function moveSlot(slot: number, { from, to, nodes, atEachStep }: Move): Promise<void> {
  await to.server.client().cluster('SETSLOT', slot, 'IMPORTING', from.id);
  await from.server.client().cluster('SETSLOT', slot, 'MIGRATING', to.id);
  await atEachStep('begun');
  for (;;) {
    const keys = await from.server.client().cluster('GETKEYSINSLOT', slot, 10);
    if (keys.length === 0) break;
    await from.server.client().call('MIGRATE', '127.0.0.1', to.port, '', 0, 5_000, 'KEYS', ...keys);
  }
  await atEachStep('keys moved');
  const notify = ({ server }: ClusterNode) => server.client().cluster('SETSLOT', slot, 'NODE', to.id);
  // The new owner comes first. Otherwise the old one would redirect clients to a node that does not own the slot yet.
  await notify(to);
  await atEachStep('new owner notified');
  await notify(from);
  await atEachStep('old owner notified');
  for (const node of nodes) await notify(node);
  await atEachStep('all notified');
}

function getNode(nodes: readonly ClusterNode[], at: number): ClusterNode {
  const node = nodes[at];
  if (!node) throw new Error(`There is no node ${at}`);
  return node;
}
