import { Redis } from 'ioredis';
import { createJsonServer } from './json-server.mjs';

/** Another client of the same Redis. It sends PING without a pause, and GET returns the slowest reply since the last GET. */
export function createApp({ redisUrl }) {
  const redis = new Redis(redisUrl);
  let slowestMs = 0;
  const ping = async () => {
    const start = performance.now();
    await redis.ping();
    slowestMs = Math.max(slowestMs, performance.now() - start);
    setTimeout(ping, 1);
  };
  ping();
  return {
    server: createJsonServer(async () => {
      const slowest = slowestMs;
      slowestMs = 0;
      return { slowestMs: slowest };
    }),
  };
}
