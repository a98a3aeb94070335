import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

const packages = ['@trpc/server', 'next', 'express', 'fastify', 'ioredis', 'redis', 'iron-session', 'zod'];
const peers = ['express-session', 'connect-redis', '@fastify/session', 'better-auth'];

/** Describes the machine and the versions of a run. */
export async function describeEnvironment([redis]) {
  const [, redisVersion] = /^redis_version:(\S+)/m.exec(await redis.info('server')) ?? [];
  const names = [`Node ${process.versions.node}`, `Redis ${redisVersion}`];
  const list = [...packages.map((name) => [name, '../..']), ...peers.map((name) => [name, '../peers'])];
  const [{ model }] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} cores (${model.replace(/\s+/g, ' ').trim()}), ${Math.round(totalmem() / 2 ** 30)} GB`,
    versions: [...names, ...list.map(([name, folder]) => `${name} ${readVersion(name, folder)}`)].join(', '),
  };
}

function readVersion(name, folder) {
  const manifest = fileURLToPath(new URL(`${folder}/node_modules/${name}/package.json`, import.meta.url));
  return JSON.parse(readFileSync(manifest, 'utf8')).version;
}
