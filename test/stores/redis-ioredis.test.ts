// Slow: it starts Redis behind a proxy, and waits for a client to connect again.
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { redisStore } from 'trpc-session/stores/redis';
import { expect, test, vi } from 'vitest';
import { startRedis } from '../_support/redis-server.ts';
import { loseNextReply, startTcpProxy } from '../_support/tcp-proxy.ts';
import { createBearerApp, signIn } from '../integration/app.ts';

const reconnectAfterMs = 1_000;
const settings = { enableOfflineQueue: false, retryStrategy: () => reconnectAfterMs };

test.each([
  ['ioredis 6', (url: string) => new Redis(url, settings)],
  ['ioredis 5', (url: string) => new Redis5(url, settings)],
])('a sign-in is undone by %s without an offline queue, after its connection is back', async (_name, connect) => {
  await using redis = await startRedis();
  await using proxy = await startTcpProxy(redis.port);
  const client = connect(proxy.url);
  client.on('error', () => {});
  await vi.waitFor(() => expect(client.status).toBe('ready'));
  const app = createBearerApp({ store: redisStore(client, { deadline: reconnectAfterMs / 2 }) });
  await app.ready();
  await signIn(app, 'grace');
  loseNextReply(proxy, /\bevalsha/i);
  await expect(signIn(app, 'ada')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  // ioredis now sends the sign-in again, as soon as it is connected.
  await sleep(reconnectAfterMs);
  await vi.waitFor(() => expect(client.status).toBe('ready'), 5_000);
  await vi.waitFor(async () => expect(await app.of('ada').list()).toEqual([]), 5_000);
  await app.close();
  client.disconnect();
});
