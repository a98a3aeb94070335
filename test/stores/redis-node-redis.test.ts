// Slow: it starts Redis.
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';
import { createClient as createClient5 } from 'redis-5';
import { redisStore } from 'trpc-session/stores/redis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type RedisServer, startRedis } from '../_support/redis-server.ts';

let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());

/** Breaks the connections of all clients but the test's own. */
async function breakConnections(): Promise<void> {
  await redis.client().call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
}

interface Settings {
  readonly pingInterval?: number;
  readonly reconnectStrategy?: () => false | Error | number;
}

function toOptions({ pingInterval, reconnectStrategy = () => 50 }: Settings) {
  return { url: redis.url, ...(pingInterval && { pingInterval }), socket: { reconnectStrategy } };
}

describe.each([
  ['redis 6', (settings: Settings) => createClient(toOptions(settings))],
  ['redis 5', (settings: Settings) => createClient5(toOptions(settings))],
])('a client of %s', (_name, create) => {
  test.each([
    ['false', (): false => false],
    ['an Error', () => new Error('Too many attempts')],
  ])('is connected again after its reconnectStrategy has returned %s', async (_result, reconnectStrategy) => {
    const client = create({ reconnectStrategy });
    const store = redisStore(client);
    await store.ping('first');
    await breakConnections();
    await vi.waitFor(() => expect(client.isOpen).toBe(false));
    await store.ping('second');
    client.destroy();
  });

  test('is not connected again after the app has closed it', async () => {
    const client = create({});
    const store = redisStore(client);
    await store.ping('first');
    client.destroy();
    await expect(store.ping('second')).rejects.toThrow('The client is closed');
    expect(client.isOpen).toBe(false);
  });

  test('is not connected again after the app has closed it while a PING was pending', async () => {
    const client = create({ pingInterval: 10 });
    const store = redisStore(client);
    await store.ping('first');
    await redis.client().client('PAUSE', 200, 'ALL');
    await sleep(50);
    client.destroy();
    await sleep(200);
    await expect(store.ping('second')).rejects.toThrow('The client is closed');
  });

  test('is not connected again after the app has closed it during an outage', async () => {
    const client = create({ reconnectStrategy: () => 60_000 });
    const store = redisStore(client);
    await store.ping('first');
    const broken = new Promise((resolve) => client.once('error', resolve));
    await breakConnections();
    await broken;
    client.destroy();
    await expect(store.ping('second')).rejects.toThrow('The client is closed');
  });
});
