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
    // Time enough for a busy machine: what is tested against the deadline is the store that does not answer.
    create: () => redisStore(redis.url, { deadline: '5s' }),
    clock: { advance: sleep },
    tickMs: 80,
    abilities: {
      plant: async ({ key, hash }, text) => {
        await redis.client().hset(key, hash, text, `${hash}:seen`, '1');
      },
      exists: async (key) => (await redis.client().exists(key)) === 1,
      ttlMs: (key) => redis.client().pttl(key),
      unreachable: async () => ({ store: redisStore(frozen.url, { deadline: '200ms' }), deadlineMs: 200 }),
      full: async (during) => {
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
