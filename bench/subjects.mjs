/**
 * What is measured. `app` is the file that creates it, `options` is what its `createApp` receives, and `base` is the same
 * server without sessions. `redis` names the Redis servers and the network in between.
 * `prefix` is the first part of the paths, and `path` is that of reads.
 */
export const subjects = {
  node: { title: 'node:http', app: 'apps/node' },
  'node-hmget': { title: 'the limit: HMGET by hand on a socket', app: 'apps/node-hmget', base: 'node' },
  'node-ours': { title: '**trpc-session** on Redis', app: 'apps/node-ours', base: 'node' },
  'node-ours-memory': {
    title: '**trpc-session** in memory',
    app: 'apps/node-ours',
    base: 'node',
    options: { store: 'memory' },
  },
  'node-ours-near': {
    title: '**trpc-session** with the near cache',
    app: 'apps/node-ours',
    base: 'node',
    options: { store: 'near cache', prefix: 'near:' },
    redis: 'near',
  },
  'node-iron-session': { title: 'iron-session (no store)', app: 'apps/node-iron-session', base: 'node' },
  'better-auth': { title: 'better-auth on Redis', app: 'peers/better-auth', base: 'node' },
  express: { title: 'Express', app: 'apps/express' },
  'express-ours': { title: '**trpc-session** on Redis', app: 'apps/express-ours', base: 'express' },
  'express-ours-near': {
    title: '**trpc-session** with the near cache',
    app: 'apps/express-ours',
    base: 'express',
    options: { store: 'near cache', prefix: 'near:' },
    redis: 'near',
  },
  'express-session': { title: 'express-session on Redis', app: 'peers/express-session', base: 'express' },
  fastify: { title: 'Fastify', app: 'apps/fastify' },
  'fastify-ours': { title: '**trpc-session** on Redis', app: 'apps/fastify-ours', base: 'fastify' },
  'fastify-session': { title: '@fastify/session on Redis', app: 'peers/fastify-session', base: 'fastify' },
  'trpc-fetch': { title: 'tRPC, fetch adapter', app: 'apps/trpc-fetch' },
  'trpc-fetch-guard': { title: 'an empty guard', app: 'apps/trpc-fetch', base: 'trpc-fetch', path: '/guarded' },
  'trpc-fetch-public': {
    title: '**trpc-session**, public call',
    app: 'apps/trpc-fetch-ours',
    base: 'trpc-fetch',
    path: '/hello',
  },
  'trpc-fetch-ours': { title: '**trpc-session** on Redis', app: 'apps/trpc-fetch-ours', base: 'trpc-fetch' },
  'trpc-fetch-ours-memory': {
    title: '**trpc-session** in memory',
    app: 'apps/trpc-fetch-ours',
    base: 'trpc-fetch',
    options: { store: 'memory' },
  },
  'trpc-fetch-ours-near': {
    title: '**trpc-session** with the near cache',
    app: 'apps/trpc-fetch-ours',
    base: 'trpc-fetch',
    options: { store: 'near cache', prefix: 'near:' },
    redis: 'near',
  },
  'trpc-fetch-ours-cluster': {
    title: '**trpc-session** on a cluster',
    app: 'apps/trpc-fetch-ours',
    base: 'trpc-fetch',
    redis: 'cluster',
  },
  'trpc-fetch-tuned': {
    title: 'written by hand, tuned',
    app: 'apps/trpc-fetch-handwritten',
    base: 'trpc-fetch',
    options: { tuned: true },
  },
  'trpc-fetch-naive': {
    title: 'iron-session and ioredis by hand',
    app: 'apps/trpc-fetch-handwritten',
    base: 'trpc-fetch',
  },
  'trpc-standalone': { title: 'tRPC, standalone adapter', app: 'apps/trpc-standalone' },
  'trpc-standalone-ours': {
    title: '**trpc-session** on Redis',
    app: 'apps/trpc-standalone-ours',
    base: 'trpc-standalone',
  },
  require: { title: '`sessions.open().require()` on Redis', app: 'apps/trpc-fetch-ours', options: { only: 'require' } },
  'require-memory': {
    title: '`sessions.open().require()` in memory',
    app: 'apps/trpc-fetch-ours',
    options: { only: 'require', store: 'memory' },
  },
  'require-near': {
    title: '`sessions.open().require()` with the near cache',
    app: 'apps/trpc-fetch-ours',
    options: { only: 'require', store: 'near cache', prefix: 'near:' },
    redis: 'near',
  },
  seal: { title: 'sealing alone, with iron-session', app: 'apps/seal' },
  'next-trpc': { title: 'Next, a tRPC call', app: 'apps/next', prefix: '/bare' },
  'next-trpc-ours': { title: '**trpc-session** on Redis', app: 'apps/next', prefix: '/ours', base: 'next-trpc' },
  'next-trpc-iron': { title: 'iron-session (no store)', app: 'apps/next', prefix: '/iron', base: 'next-trpc' },
  'next-page': { title: 'Next, a page', app: 'apps/next', prefix: '/bare', path: '/bare-page' },
  'next-page-ours': {
    title: '**trpc-session** on Redis',
    app: 'apps/next',
    prefix: '/ours',
    path: '/ours-page',
    base: 'next-page',
  },
  'next-page-iron': {
    title: 'iron-session (no store)',
    app: 'apps/next',
    prefix: '/iron',
    path: '/iron-page',
    base: 'next-page',
  },
  bystander: { title: 'another client of Redis', app: 'apps/bystander' },
  'many-sign-in': { title: 'many sessions', app: 'apps/node-ours', redis: 'many' },
  'many-read': { title: 'many sessions', app: 'apps/trpc-fetch-ours', redis: 'many', options: { only: 'require' } },
  thousand: { title: 'Redis with 1,000 sessions', app: 'apps/trpc-fetch-ours', redis: 'thousand' },
  million: { title: 'Redis with a million sessions', app: 'apps/trpc-fetch-ours', redis: 'million', base: 'thousand' },
};

/** Finds a subject. `name@10` is the subject `name` with 10 ms between its app and Redis in each direction. */
export function findSubject(fullName) {
  const [name, delay] = fullName.split('@');
  const subject = subjects[name];
  if (delay === undefined) return subject;
  return { ...subject, redis: Number(delay), base: subject.base && `${subject.base}@${delay}` };
}
