// Slow: the clock is that of a real Redis, so each case waits for the ticks that it needs.
import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionStore } from 'trpc-session/stores';
import { redisStore } from 'trpc-session/stores/redis';
import { getSkipReason, type StoreHarness, storeContract } from 'trpc-session/testing';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type ClientName, createTestClient, listClientsToTest, type TestClient } from '../_support/redis-clients.ts';
import { type RedisServer, startRedis } from '../_support/redis-server.ts';

const names: readonly [ClientName, string][] = [
  ...listClientsToTest(['URL', 'redis 6']).map((name): [ClientName, string] => [name, '']),
  ...listClientsToTest(['URL']).map((name): [ClientName, string] => [name, ' and a near cache']),
];

describe.each(names)('the Redis store keeps the contract with %s%s', (name, addition) => {
  const nearCache = addition !== '';
  let redis: RedisServer;
  let frozen: RedisServer;
  const clients: TestClient[] = [];
  const connect = (url: string, deadline: number): SessionStore => {
    const client = createTestClient(name, url, deadline);
    clients.push(client);
    return redisStore(client.source, { deadline, nearCache });
  };

  beforeAll(async () => {
    [redis, frozen] = await Promise.all([startRedis(), startRedis()]);
    await frozen.kill('SIGSTOP');
  });

  afterAll(async () => {
    for (const client of clients) client.close();
    await Promise.all([redis.stop(), frozen.stop()]);
  });

  const harness: StoreHarness = {
    // Long enough for a busy machine. The deadline itself is tested with the unreachable store.
    create: async () => {
      const store = connect(redis.url, 5_000);
      // A near cache keeps nothing until Redis reports changes.
      if (nearCache) await store.ping('contract:{ping}');
      return store;
    },
    clock: { advance: sleep },
    tickMs: 80,
    abilities: {
      writeRaw: async ({ key, hash }, text) => {
        await redis.client().hset(key, hash, text, `${hash}:body`, '{}');
      },
      hasKey: async (key) => (await redis.client().exists(key)) === 1,
      getTtlMs: (key) => redis.client().pttl(key),
      createUnreachableStore: async () => ({ store: connect(frozen.url, 200), deadlineMs: 200 }),
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
