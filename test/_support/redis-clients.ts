import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { createClient } from 'redis';
import { createClient as createClient5 } from 'redis-5';
import type { RedisSource } from 'trpc-session/stores/redis';

/** A client library, or the URL for which the store creates a client itself. */
export type ClientName = 'URL' | 'ioredis 6' | 'ioredis 5' | 'redis 6' | 'redis 5';

const clientNames: readonly ClientName[] = ['URL', 'ioredis 6', 'ioredis 5', 'redis 6', 'redis 5'];

/** A source for `redisStore`, and how to close it. */
export interface TestClient {
  readonly source: RedisSource;
  close(): void;
}

/** Creates a client of this library, with the settings that docs/redis.md recommends for this deadline. */
export function createTestClient(name: ClientName, url: string, deadlineMs = 1_000): TestClient {
  if (name === 'URL') return { source: url, close: () => {} };
  if (name === 'redis 6') return toTestClient(createClient(toNodeRedisOptions(url, deadlineMs)));
  if (name === 'redis 5') return toTestClient(createClient5(toNodeRedisOptions(url, deadlineMs)));
  const options = toIoredisOptions(deadlineMs);
  const client = name === 'ioredis 6' ? new Redis(url, options) : new Redis5(url, options);
  client.on('error', () => {});
  return { source: client, close: () => client.disconnect() };
}

const waitToReconnect = (attempt: number) => Math.min(50 + attempt * 50, 500);

function toIoredisOptions(deadlineMs: number) {
  return {
    lazyConnect: true,
    connectTimeout: 2_000,
    maxRetriesPerRequest: 1,
    enableAutoPipelining: true,
    retryStrategy: waitToReconnect,
    maxLoadingRetryTime: 250,
    socketTimeout: 2 * deadlineMs,
    reconnectOnError: (error: Error) => error.message.includes('READONLY'),
  };
}

function toNodeRedisOptions(url: string, deadlineMs: number) {
  const reconnectStrategy = waitToReconnect;
  return {
    url,
    socket: { connectTimeout: 2_000, socketTimeout: 2 * deadlineMs, reconnectStrategy },
    pingInterval: deadlineMs,
  };
}

type NodeRedisClient = ReturnType<typeof createClient> | ReturnType<typeof createClient5>;

function toTestClient(client: NodeRedisClient): TestClient {
  return { source: client, close: () => client.isOpen && client.destroy() };
}

/** The clients that a test runs with: all that are listed, or those that TEST_REDIS_CLIENTS names. */
export function listClientsToTest(byDefault: readonly ClientName[]): readonly ClientName[] {
  const { TEST_REDIS_CLIENTS: chosen } = process.env;
  if (chosen === undefined) return byDefault;
  const unknown = chosen.split(',').filter((name) => !clientNames.some((known) => known === name));
  if (unknown.length > 0)
    throw new Error(`TEST_REDIS_CLIENTS names ${unknown.join(', ')}. Use: ${clientNames.join(', ')}`);
  return clientNames.filter((name) => chosen.split(',').includes(name));
}

/** Whether the tests about faults run with a near cache. */
export const nearCache = process.env.TEST_NEAR_CACHE === '1';
