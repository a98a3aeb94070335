/**
 * What is measured. `app` is a file of `bench/apps`, `options` is what its `createApp` receives, and `base` is the same
 * server without sessions. `redis` names the Redis servers and the network in between. `isPeer` marks the apps that need a
 * package of `bench/package.json`.
 */
export const subjects = {
  node: { title: 'node:http', app: 'node' },
  'node-hmget': { title: 'the limit: HMGET by hand on a socket', app: 'node-hmget', base: 'node' },
  'node-ours': { title: '**trpc-session** on Redis', app: 'node-ours', base: 'node' },
  'node-ours-memory': {
    title: '**trpc-session** in memory',
    app: 'node-ours',
    base: 'node',
    options: { store: 'memory' },
  },
  'node-ours-near': {
    title: '**trpc-session** with the near cache',
    app: 'node-ours',
    base: 'node',
    options: { store: 'near cache', prefix: 'near:' },
  },
  'node-iron-session': { title: 'iron-session (no store)', app: 'node-iron-session', base: 'node' },
  'better-auth': { title: 'better-auth on Redis', app: 'node-better-auth', base: 'node', isPeer: true },
  express: { title: 'Express', app: 'express' },
  'express-ours': { title: '**trpc-session** on Redis', app: 'express-ours', base: 'express' },
  'express-ours-near': {
    title: '**trpc-session** with the near cache',
    app: 'express-ours',
    base: 'express',
    options: { store: 'near cache', prefix: 'near:' },
  },
  'express-session': { title: 'express-session on Redis', app: 'express-session', base: 'express', isPeer: true },
  fastify: { title: 'Fastify', app: 'fastify' },
  'fastify-ours': { title: '**trpc-session** on Redis', app: 'fastify-ours', base: 'fastify' },
  'fastify-session': { title: '@fastify/session on Redis', app: 'fastify-session', base: 'fastify', isPeer: true },
  'trpc-fetch': { title: 'tRPC, fetch adapter', app: 'trpc-fetch' },
  'trpc-fetch-public': {
    title: '**trpc-session**, public call',
    app: 'trpc-fetch-ours',
    base: 'trpc-fetch',
    path: '/hello',
  },
  'trpc-fetch-ours': { title: '**trpc-session** on Redis', app: 'trpc-fetch-ours', base: 'trpc-fetch' },
  'trpc-fetch-ours-memory': {
    title: '**trpc-session** in memory',
    app: 'trpc-fetch-ours',
    base: 'trpc-fetch',
    options: { store: 'memory' },
  },
  'trpc-fetch-ours-near': {
    title: '**trpc-session** with the near cache',
    app: 'trpc-fetch-ours',
    base: 'trpc-fetch',
    options: { store: 'near cache', prefix: 'near:' },
  },
  'trpc-fetch-ours-cluster': {
    title: '**trpc-session** on a cluster',
    app: 'trpc-fetch-ours',
    base: 'trpc-fetch',
    redis: 'cluster',
  },
  'trpc-fetch-tuned': {
    title: 'written by hand, tuned',
    app: 'trpc-fetch-handwritten',
    base: 'trpc-fetch',
    options: { tuned: true },
  },
  'trpc-fetch-naive': { title: 'iron-session and ioredis by hand', app: 'trpc-fetch-handwritten', base: 'trpc-fetch' },
  'trpc-standalone': { title: 'tRPC, standalone adapter', app: 'trpc-standalone' },
  'trpc-standalone-ours': { title: '**trpc-session** on Redis', app: 'trpc-standalone-ours', base: 'trpc-standalone' },
  require: { title: '`sessions.open().require()` on Redis', app: 'trpc-fetch-ours', options: { only: 'require' } },
  'require-memory': {
    title: '`sessions.open().require()` in memory',
    app: 'trpc-fetch-ours',
    options: { only: 'require', store: 'memory' },
  },
  'require-near': {
    title: '`sessions.open().require()` with the near cache',
    app: 'trpc-fetch-ours',
    options: { only: 'require', store: 'near cache', prefix: 'near:' },
  },
};
