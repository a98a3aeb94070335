import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const load = async (path) => (await runnerImport(fileURLToPath(new URL(path, import.meta.url)))).module;

/** Creates the Redis servers of a run: each kind is started when it is first asked for. */
export async function createServers() {
  const { startRedis } = await load('../../test/_support/redis-server.ts');
  const { startRedisCluster } = await load('../../test/_support/redis-cluster.ts');
  const started = new Map();
  const disposals = [];
  const startOne = async () => {
    const redis = await startRedis();
    disposals.push(redis.stop);
    return { url: redis.url, port: redis.port, nodes: [redis.client()] };
  };
  const startCluster = async () => {
    const cluster = await startRedisCluster();
    disposals.push(cluster.stop);
    const hosts = cluster.nodes.map(({ port }) => `127.0.0.1:${port}`);
    return { url: `redis+cluster://${hosts.join(',')}`, nodes: cluster.nodes.map(({ server }) => server.client()) };
  };
  const startDelayed = async (ms) => {
    const { port, nodes } = await servers.get('one');
    const child = fork(fileURLToPath(new URL('./delay-process.mjs', import.meta.url)), [port, ms].map(String));
    disposals.push(() => child.disconnect());
    const [message] = await once(child, 'message');
    return { url: `redis://127.0.0.1:${message.port}`, nodes };
  };
  const start = (kind) => {
    if (kind === 'cluster') return startCluster();
    return typeof kind === 'number' ? startDelayed(kind) : startOne();
  };
  const servers = {
    /**
     * Resolves to a server of its own for each name, to a cluster for `'cluster'`, and for a number to the server `'one'`
     * behind a network that delays each packet by so many milliseconds.
     */
    get: (kind) => {
      if (!started.has(kind)) started.set(kind, start(kind));
      return started.get(kind);
    },
    stop: async () => {
      for (const dispose of disposals) await dispose();
    },
  };
  return servers;
}
