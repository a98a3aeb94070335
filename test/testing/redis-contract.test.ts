// Slow: the clock is that of a real Redis, so each case waits for the ticks that it needs.
import { setTimeout as sleep } from 'node:timers/promises';
import { redisStore } from 'trpc-session/stores/redis';
import { getSkipReason, type StoreHarness, storeContract } from 'trpc-session/testing';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type RedisServer, startRedis } from '../_support/redis-server.ts';

describe('the Redis store keeps the contract', () => {
  let redis: RedisServer;
  let frozen: RedisServer;

  beforeAll(async () => {
    [redis, frozen] = await Promise.all([startRedis(), startRedis()]);
    await frozen.kill('SIGSTOP');
  });

  afterAll(() => Promise.all([redis.stop(), frozen.stop()]));

  const harness: StoreHarness = {
    // Long enough for a busy machine. The deadline itself is tested with the unreachable store.
    create: () => redisStore(redis.url, { deadline: '5s' }),
    clock: { advance: sleep },
    tickMs: 80,
    abilities: {
      writeRaw: async ({ key, hash }, text) => {
        await redis.client().hset(key, hash, text, `${hash}:seen`, '1');
      },
      hasKey: async (key) => (await redis.client().exists(key)) === 1,
      getTtlMs: (key) => redis.client().pttl(key),
      createUnreachableStore: async () => ({ store: redisStore(frozen.url, { deadline: '200ms' }), deadlineMs: 200 }),
      runOutOfMemory: async (during) => {
        await redis.client().config('SET', 'maxmemory', '1');
        await during().finally(() => redis.client().config('SET', 'maxmemory', '0'));
      },
    },
  };

  for (const storeCase of storeContract) {
    const reason = getSkipReason(storeCase, harness);
    test(storeCase.name, async ({ skip }) => {
      if (reason !== null) skip(reason);
      await storeCase.run(harness);
    });
  }
});
