import type { RedisOptions } from 'ioredis';
import { createOptionError, createSecretOptionError } from '../core/errors.ts';
import type { RedisAdapter } from './redis-adapter.ts';
import { adaptIoredis, type IoredisClient } from './redis-ioredis.ts';
import { connectOwnClient } from './redis-own-client.ts';

/** Where Redis is: a `redis://`, `rediss://` or unix-socket URL, ioredis options, or an ioredis client. */
export type RedisSource = string | RedisOptions | IoredisClient;

/** Returns the adapter of a client, or of a client that is created for a URL or options. Does not connect yet. */
export function connectSource(source: RedisSource, deadlineMs: number): RedisAdapter {
  assertSource(source);
  if (typeof source === 'object') assertPrimaryReads(source);
  return isIoredisClient(source) ? adaptIoredis(source) : connectOwnClient(source, deadlineMs);
}

function assertSource(source: unknown): void {
  const isUrl = typeof source === 'string' && /^(rediss?:\/\/|\/)/.test(source);
  if (isUrl || (typeof source === 'object' && source !== null)) return;
  throw createSecretOptionError('redisStore(source)', 'a redis:// URL, ioredis options, or an ioredis client', source);
}

function isIoredisClient(source: RedisSource): source is IoredisClient {
  return typeof source === 'object' && 'evalsha' in source && typeof source.evalsha === 'function';
}

/** Rejects clients that read from replicas: a replica may still return a session after the user has signed out. */
function assertPrimaryReads(client: object): void {
  const { options = client } = client as { options?: object };
  const { scaleReads = 'master', role = 'master' } = options as { scaleReads?: unknown; role?: unknown };
  if (scaleReads !== 'master') throw createOptionError('redisStore(source).scaleReads', "'master'", scaleReads);
  if (role !== 'master') throw createOptionError('redisStore(source).role', "'master'", role);
}
