/** What sessions weigh in Redis: `node bench/session-size.mjs`. Starts a server of its own. */
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';
import { z } from 'zod';

const load = async (path) => (await runnerImport(fileURLToPath(new URL(path, import.meta.url)))).module;
const { createSessions } = await load('../src/create-sessions.ts');
const { redisStore } = await load('../src/stores/redis.ts');
const { bearer } = await load('../src/transports/header.ts');
const { startRedis } = await load('../test/_support/redis-server.ts');

const userAgent =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
const many = 20_000;
const atOnce = 200;

const redis = await startRedis();
const sessions = createSessions({
  schema: z.object({ userId: z.string(), name: z.string(), email: z.string(), role: z.string(), basket: z.string() }),
  subject: ({ userId }) => userId,
  view: () => null,
  store: redisStore(redis.url, { deadline: '10s' }),
  secret: undefined,
  transport: bearer(),
});

const dataOf = (user) => ({
  userId: `usr_${String(user).padStart(20, '0')}`,
  name: 'Augusta Ada Lovelace',
  email: `user-${String(user).padStart(6, '0')}@example.com`,
  role: 'member',
  basket: 'a8098c1a-f86e-11da-bd1a-00112444be1e,6fa459ea-ee8a-3ca4-894e-db77e160355e',
});
const signIn = (user) => sessions.open({ headers: { 'user-agent': userAgent }, method: 'POST' }).start(dataOf(user));

async function serverName() {
  const info = await redis.client().info('server');
  const [, valkey] = /^valkey_version:(\S+)/m.exec(info) ?? [];
  return valkey ? `Valkey ${valkey}` : `Redis ${/^redis_version:(\S+)/m.exec(info)?.[1]}`;
}

async function usedMemory() {
  return Number(/^used_memory:(\d+)/m.exec(await redis.client().info('memory'))?.[1]);
}

async function sizeOfOne(count) {
  await redis.client().flushall();
  for (let at = 0; at < count; at++) await signIn(0);
  const [key] = await redis.client().keys('*');
  return redis.client().memory('USAGE', key, 'SAMPLES', 0);
}

async function sizeOfMany() {
  await redis.client().flushall();
  const before = await usedMemory();
  for (let at = 0; at < many; at += atOnce) {
    await Promise.all(Array.from({ length: atOnce }, (_, offset) => signIn(at + offset)));
  }
  return (await usedMemory()) - before;
}

try {
  console.log(
    `${await serverName()}; data of ${JSON.stringify(dataOf(0)).length} bytes, a user agent of ${userAgent.length}`,
  );
  for (const count of [1, 10, 100]) {
    const bytes = await sizeOfOne(count);
    console.log(`a user with ${count} sessions: ${bytes} bytes, ${Math.round(bytes / count)} each`);
  }
  const bytes = await sizeOfMany();
  console.log(`${many} users with one session each: ${bytes} bytes, ${Math.round(bytes / many)} each`);
} finally {
  await sessions.close();
  await redis.stop();
}
