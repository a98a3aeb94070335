import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const load = async (path) => (await runnerImport(fileURLToPath(new URL(path, import.meta.url)))).module;

/** Creates the Redis servers of a run: each kind is started when it is first asked for. */
export async function createServers() {
  const { startRedis } = await load('../../test/_support/redis-server.ts');
  const { startRedisCluster } = await load('../../test/_support/redis-cluster.ts');
  const started = new Map();
  const disposals = [];
  const start = {
    one: async () => {
      const redis = await startRedis();
      disposals.push(redis.stop);
      return { url: redis.url, port: redis.port, nodes: [redis.client()] };
    },
    cluster: async () => {
      const cluster = await startRedisCluster();
      disposals.push(cluster.stop);
      const hosts = cluster.nodes.map(({ port }) => `127.0.0.1:${port}`);
      return { url: `redis+cluster://${hosts.join(',')}`, nodes: cluster.nodes.map(({ server }) => server.client()) };
    },
  };
  return {
    get: (kind) => {
      if (!started.has(kind)) started.set(kind, start[kind]());
      return started.get(kind);
    },
    stop: async () => {
      for (const dispose of disposals) await dispose();
    },
  };
}
