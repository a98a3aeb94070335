import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { redisStore } from '../../src/stores/redis.ts';
import { type RedisServer, startRedis } from '../_support/redis-server.ts';

const deadlineMs = 100;
const place = { key: 'somebody', hash: 'h'.repeat(43) };

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

/** What a page that takes long to draw does to everything else in its process. */
function work(forMs: number): void {
  const until = performance.now() + forMs;
  while (performance.now() < until);
}

describe('the deadline of the Redis store', () => {
  test('does not blame Redis for what this process spent on other things', async () => {
    const store = redisStore(redis.url, { deadline: deadlineMs });
    await store.read(place);
    const answer = store.read(place);
    work(deadlineMs * 3);
    expect(await answer).toBeNull();
    const later = store.read(place);
    await turn();
    work(deadlineMs * 3);
    expect(await later).toBeNull();
  });

  test('holds while this process is busy', async () => {
    const store = redisStore(redis.url, { deadline: deadlineMs });
    await store.read(place);
    await redis.kill('SIGSTOP');
    const began = performance.now();
    const outcome = store.read(place).catch((error: Error) => error.message);
    let isOver = false;
    void outcome.then(() => {
      isOver = true;
    });
    while (!isOver && performance.now() - began < 5_000) {
      work(deadlineMs / 5);
      await turn();
    }
    await redis.kill('SIGCONT');
    expect(await outcome).toBe(`Redis did not answer within ${deadlineMs} ms.`);
    expect(performance.now() - began).toBeLessThan(deadlineMs * 20);
  });
});
