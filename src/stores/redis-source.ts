import { createOptionError, SessionError } from '../core/errors.ts';
import type { RedisAdapter } from './redis-adapter.ts';
import { adaptIoredis, type IoredisClient, type IoredisOptions } from './redis-ioredis.ts';
import { adaptNodeRedis, type NodeRedis } from './redis-node-redis.ts';
import { connectOwnClient } from './redis-own-client.ts';
import { parseRedisUrl } from './redis-url.ts';

/** Where Redis is: a URL, ioredis options, or a client of `ioredis` or `redis`. */
export type RedisSource = string | IoredisOptions | IoredisClient | NodeRedis;

const accepted = 'a URL, ioredis options, or a client of ioredis (5.11 or newer) or redis (5 or 6)';

/** Returns the adapter of a client, or of a client that is created for a URL or options. Does not connect yet. */
export function connectSource(source: RedisSource, deadlineMs: number): RedisAdapter {
  if (typeof source === 'string') {
    return connectOwnClient(parseRedisUrl(source) ?? source, deadlineMs);
  }
  assertObject(source);
  if (isIoredisClient(source) || isNodeRedisClient(source)) {
    assertPrimaryReads('options' in source && source.options);
    return 'status' in source ? adaptIoredis(source) : adaptNodeRedis(source);
  }
  assertIoredisOptions(source);
  assertPrimaryReads(source);
  return connectOwnClient(source, deadlineMs);
}

function assertObject(source: unknown): void {
  if (typeof source === 'object' && source !== null) return;
  throw createOptionError('redisStore(source)', accepted, source);
}

/** Each `Redis` and `Cluster` of ioredis has a status. A pipeline, and a client of another package, has none. */
function isIoredisClient(source: object): source is IoredisClient {
  return hasMethod(source, 'defineCommand') && 'status' in source && typeof source.status === 'string';
}

/** Version 4 has no `withTypeMapping`. A legacy client, a lease and a transaction cannot connect. */
function isNodeRedisClient(source: object): source is NodeRedis {
  const isClient = ['sendCommand', 'connect', 'withTypeMapping', 'on'].every((name) => hasMethod(source, name));
  if (!isClient || !('isOpen' in source)) return false;
  if (!('totalClients' in source)) return true;
  const hint =
    '`redisStore(source)` cannot be a pool: a command could overtake the one that it undoes. Pass one client.';
  throw new SessionError('INVALID_OPTION', { hint });
}

function hasMethod(value: object, name: string): boolean {
  return typeof (value as Readonly<Record<string, unknown>>)[name] === 'function';
}

/** Options of the `redis` package that ioredis ignores: it would connect to localhost. */
const foreignOptions = ['url', 'socket', 'database', 'rootNodes', 'sentinelRootNodes'];

/** Rejects objects that are neither a known client nor options: ioredis would take them for options. */
function assertIoredisOptions(source: object): asserts source is IoredisOptions {
  const prototype: unknown = Object.getPrototypeOf(source);
  // Object.prototype of another realm is as good as our own.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    const hint = `\`redisStore(source)\` must be ${accepted}; it is an object of the class ${findClassName(source)}.`;
    throw new SessionError('INVALID_OPTION', { hint });
  }
  const foreign = foreignOptions.find((name) => name in source);
  if (foreign === undefined) return;
  const hint = `\`redisStore(source).${foreign}\` is an option of redis, not of ioredis. Pass createClient(options).`;
  throw new SessionError('INVALID_OPTION', { hint });
}

/** Finds the name of the nearest class that has one. The `redis` package calls every class of clients Class. */
function findClassName(value: object): string {
  for (let at: unknown = Object.getPrototypeOf(value); at !== null; at = Object.getPrototypeOf(at)) {
    const name = (at as object).constructor?.name;
    if (name && name !== 'Class') return name;
  }
  return 'object';
}

/** Rejects options that read from replicas: a replica may still return a session after the user has signed out. */
function assertPrimaryReads(options: unknown): void {
  const { scaleReads = 'master', role = 'master', readOnly, readonly } = (options || {}) as ReplicaOptions;
  if (scaleReads !== 'master') throw createOptionError('redisStore(source).scaleReads', "'master'", scaleReads);
  if (role !== 'master') throw createOptionError('redisStore(source).role', "'master'", role);
  if (readOnly) throw createOptionError('redisStore(source).readOnly', 'false', readOnly);
  if (readonly) throw createOptionError('redisStore(source).readonly', 'false', readonly);
}

interface ReplicaOptions {
  readonly scaleReads?: unknown;
  readonly role?: unknown;
  /** As ioredis calls it. */
  readonly readOnly?: unknown;
  /** As the `redis` package calls it. */
  readonly readonly?: unknown;
}
