/** Measures how much memory sessions take in Redis: `node bench/session-size.mjs`. Starts a server of its own. */
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { runnerImport } from 'vite';
import { z } from 'zod';

const load = async (path) => (await runnerImport(fileURLToPath(new URL(path, import.meta.url)))).module;
const { createSessions } = await load('../src/create-sessions.ts');
const { redisStore } = await load('../src/stores/redis.ts');
const { bearer } = await load('../src/transports/header.ts');
const { startRedis } = await load('../test/_support/redis-server.ts');

const userAgent =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
const userCount = 20_000;
const batchSize = 200;

const redis = await startRedis();
const client = new Redis(redis.url);
const sessions = createSessions({
  schema: z.object({ userId: z.string(), name: z.string(), email: z.string(), role: z.string(), basket: z.string() }),
  subject: ({ userId }) => userId,
  view: () => null,
  store: redisStore(client, { deadline: '10s' }),
  secret: undefined,
  transport: bearer(),
});

const createData = (user) => ({
  userId: `usr_${String(user).padStart(20, '0')}`,
  name: 'Augusta Ada Lovelace',
  email: `user-${String(user).padStart(6, '0')}@example.com`,
  role: 'member',
  basket: 'a8098c1a-f86e-11da-bd1a-00112444be1e,6fa459ea-ee8a-3ca4-894e-db77e160355e',
});
const signIn = (user) =>
  sessions.open({ headers: { 'user-agent': userAgent }, method: 'POST' }).start(createData(user));

async function readServerName() {
  const info = await redis.client().info('server');
  const [, valkey] = /^valkey_version:(\S+)/m.exec(info) ?? [];
  return valkey ? `Valkey ${valkey}` : `Redis ${/^redis_version:(\S+)/m.exec(info)?.[1]}`;
}

async function readUsedMemory() {
  return Number(/^used_memory:(\d+)/m.exec(await redis.client().info('memory'))?.[1]);
}

/** Resolves to the bytes of one user with this many sessions. */
async function measureOneUser(count) {
  await redis.client().flushall();
  for (let at = 0; at < count; at++) await signIn(0);
  const [key] = await redis.client().keys('*');
  return redis.client().memory('USAGE', key, 'SAMPLES', 0);
}

/** Resolves to the bytes of many users with one session each. */
async function measureManyUsers() {
  await redis.client().flushall();
  const before = await readUsedMemory();
  for (let at = 0; at < userCount; at += batchSize) {
    await Promise.all(Array.from({ length: batchSize }, (_, offset) => signIn(at + offset)));
  }
  return (await readUsedMemory()) - before;
}

try {
  console.log(
    `${await readServerName()}; data of ${JSON.stringify(createData(0)).length} bytes, a user agent of ${userAgent.length} characters`,
  );
  for (const count of [1, 10, 100]) {
    const bytes = await measureOneUser(count);
    console.log(`a user with ${count} sessions: ${bytes} bytes, ${Math.round(bytes / count)} each`);
  }
  const bytes = await measureManyUsers();
  console.log(`${userCount} users with one session each: ${bytes} bytes, ${Math.round(bytes / userCount)} each`);
} finally {
  await sessions.close();
  client.disconnect();
  await redis.stop();
}
