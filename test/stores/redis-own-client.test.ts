// Slow: it starts several Redis servers, and waits for connections to fail and to recover.
import { redisStore } from 'trpc-session/stores/redis';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type RedisServer, startRedis } from '../_support/redis-server.ts';

const scratch = 'session:{scratch}';
const limit = { max: 10, whenFull: 'evict' } as const;

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
afterEach(() => redis.client().flushall());

/** The error message of a ping, and the message of its cause. */
async function pingAndFail(
  store: ReturnType<typeof redisStore>,
): Promise<{ readonly message: string; readonly cause: string }> {
  const error: unknown = await store.ping(scratch).catch((refusal: unknown) => refusal);
  await store.close();
  if (!(error instanceof Error)) throw new Error('The ping was expected to fail.');
  return { message: error.message, cause: error.cause instanceof Error ? error.cause.message : '' };
}

async function countConnections(): Promise<number> {
  const list = String(await redis.client().client('LIST'));
  // Without the connection of this test itself.
  return list.trim().split('\n').length - 1;
}

describe('the reason why there is no connection', () => {
  test.each([
    ['redis://127.0.0.1:1', /ECONNREFUSED/],
    ['redis://nowhere.invalid:6379', /ENOTFOUND|EAI_AGAIN/],
  ])('is the cause of the error: %s', async (url, why) => {
    expect((await pingAndFail(redisStore(url))).cause).toMatch(why);
  });

  test('is also the cause when a command is not sent', async () => {
    const store = redisStore('redis://127.0.0.1:1');
    await store.ping(scratch).catch(() => {});
    // This call is the probe of the open circuit, so that the next one is not sent.
    void store.ping(scratch).catch(() => {});
    const { message, cause } = await pingAndFail(store);
    expect(message).toBe('Redis does not respond, so this command was not sent.');
    expect(cause).toMatch(/ECONNREFUSED/);
  });

  test('is not reported for a later connection', async () => {
    const first = await startRedis();
    const store = redisStore(first.url);
    await first.stop();
    await expect(store.ping(scratch)).rejects.toMatchObject({ cause: { message: expect.stringMatching(/ECONN/) } });
    await using second = await startRedis({ port: first.port, args: ['--maxmemory', '1'] });
    await vi.waitFor(() => expect(store.ping(scratch)).rejects.toThrow(/^HSET: OOM/), { timeout: 5_000, interval: 50 });
    expect(await pingAndFail(store)).toMatchObject({ cause: '' });
    expect(await second.client().dbsize()).toBe(0);
  });
});

describe('a client that stops reconnecting', () => {
  test('is replaced by the next command', async () => {
    const first = await startRedis();
    const store = redisStore({ host: '127.0.0.1', port: first.port, retryStrategy: () => null });
    await store.ping(scratch);
    await first.stop();
    await expect(store.ping(scratch)).rejects.toThrow();
    await using _second = await startRedis({ port: first.port });
    await vi.waitFor(() => store.ping(scratch), { timeout: 2_000, interval: 50 });
    await store.close();
  });
});

describe('a database number that Redis refuses', () => {
  test('is an error, and database 0 stays empty', async () => {
    const store = redisStore(`${redis.url}/99`);
    await expect(store.ping(scratch)).rejects.toMatchObject({ cause: { message: 'ERR DB index is out of range' } });
    const start = {
      key: scratch,
      hash: 'h',
      nonce: 'n',
      id: 'i',
      summary: '',
      body: '',
      idleMs: 9_000,
      lifetimeMs: 9_000,
      limit,
    };
    await expect(store.start(start)).rejects.toThrow();
    await store.close();
    expect(await redis.client().dbsize()).toBe(0);
  });
});

describe('stores', () => {
  test('with equal options share one connection; functions are compared by their text', async () => {
    const options = () => ({ port: redis.port, host: '127.0.0.1', retryStrategy: () => 100 });
    const stores = Array.from({ length: 5 }, () => redisStore(options()));
    await Promise.all(stores.map((store) => store.ping(scratch)));
    expect(await countConnections()).toBe(1);
    await Promise.all(stores.map((store) => store.close()));
  });

  test('with different functions in their options do not share a connection', async () => {
    const at = { port: redis.port, host: '127.0.0.1' };
    const stores = [redisStore({ ...at, retryStrategy: () => 100 }), redisStore({ ...at, retryStrategy: () => 200 })];
    await Promise.all(stores.map((store) => store.ping(scratch)));
    expect(await countConnections()).toBe(2);
    await Promise.all(stores.map((store) => store.close()));
  });

  test('reject circular options, and say what to pass instead', () => {
    const circular: Record<string, unknown> = { port: 1 };
    circular.tls = circular;
    expect(() => redisStore(circular)).toThrow(/or an ioredis client instead/);
  });

  test('send commands before the connection is ready, whatever the options say', async () => {
    const store = redisStore({ port: redis.port, host: '127.0.0.1', enableOfflineQueue: false });
    await expect(store.ping(scratch)).resolves.toBeUndefined();
    await store.close();
  });
});

describe('a primary that has become a replica', () => {
  test('refuses a write immediately, and the client reconnects, but not in a loop', async () => {
    await using other = await startRedis();
    const store = redisStore(redis.url);
    await store.ping(scratch);
    await redis.client().replicaof('127.0.0.1', other.port);
    const received = async () =>
      Number(/total_connections_received:(\d+)/.exec(await redis.client().info('stats'))?.[1]);
    const before = await received();
    await expect(store.ping(scratch)).rejects.toThrow(/READONLY/);
    expect((await received()) - before).toBeLessThanOrEqual(2);
    const again = store.ping(scratch);
    await redis.client().replicaof('NO', 'ONE');
    await expect(again).resolves.toBeUndefined();
    await store.close();
  });
});
