// Slow: it starts Redis, and blocks this process for longer than the deadline.
import { setImmediate as macrotask } from 'node:timers/promises';
import { redisStore } from 'trpc-session/stores/redis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestClient, listClientsToTest, type TestClient } from '../_support/redis-clients.ts';
import { type RedisServer, startRedis } from '../_support/redis-server.ts';

const deadlineMs = 100;
const at = { key: 'ada', hash: 'h'.repeat(43) };

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

/** Blocks the process, as rendering a large page does. */
function block(forMs: number): void {
  const until = performance.now() + forMs;
  while (performance.now() < until);
}

describe.each(listClientsToTest(['URL', 'redis 6']))('the deadline of the Redis store with %s', (name) => {
  let client: TestClient;
  beforeEach(() => {
    client = createTestClient(name, redis.url, 2_000);
  });
  afterEach(() => client.close());

  test('does not count the time in which this process was busy', async () => {
    const store = redisStore(client.source, { deadline: deadlineMs });
    await store.read(at);
    const reply = store.read(at);
    block(deadlineMs * 3);
    expect(await reply).toBeNull();
    const later = store.read(at);
    await macrotask();
    block(deadlineMs * 3);
    expect(await later).toBeNull();
  });

  test('ends a call even while this process is busy', async () => {
    const store = redisStore(client.source, { deadline: deadlineMs });
    await store.read(at);
    await redis.kill('SIGSTOP');
    const startedAt = performance.now();
    const outcome = store.read(at).catch((error: Error) => error.message);
    let isSettled = false;
    void outcome.then(() => {
      isSettled = true;
    });
    while (!isSettled && performance.now() - startedAt < 5_000) {
      block(deadlineMs / 5);
      await macrotask();
    }
    await redis.kill('SIGCONT');
    expect(await outcome).toBe(`Redis did not respond within ${deadlineMs} ms.`);
    expect(performance.now() - startedAt).toBeLessThan(deadlineMs * 20);
  });
});
