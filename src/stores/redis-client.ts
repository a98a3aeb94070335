import { createHash } from 'node:crypto';
import { Redis, type RedisOptions } from 'ioredis';
import { createOptionError, createSecretOptionError } from '../core/errors.ts';
import { type ScriptName, scripts } from './redis-scripts.ts';

/** The commands that the store uses. Every `Redis` and `Cluster` of ioredis 5 and 6 has them. */
export interface RedisClient {
  hmget(key: string, ...fields: string[]): Promise<(string | null)[]>;
  evalsha(sha1: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
  eval(script: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
}

/** Where Redis is: a `redis://`, `rediss://` or unix-socket URL, ioredis options, or an ioredis client. */
export type RedisSource = string | RedisOptions | RedisClient;

/** A client, and what is known about its connection. */
export interface RedisConnection {
  readonly client: RedisClient;
  /**
   * Returns why there is no connection, if that is known. The error of a command without a reply does not contain it.
   */
  findError(): Error | undefined;
  /** Closes the connection, unless it belongs to the app. */
  close(): void;
}

/** A client that the store has created. */
interface OwnClient {
  readonly client: Redis;
  /** The last error since the connection was last ready. */
  lastError: Error | undefined;
}

/** In `globalThis`: frameworks and hot reload evaluate a module repeatedly, and each copy would open a connection. */
const redisRegistryKey = Symbol.for('trpc-session.redis-clients.v1');

function getRegistry(): Map<string, OwnClient> {
  const shared = globalThis as { [redisRegistryKey]?: Map<string, OwnClient> };
  shared[redisRegistryKey] ??= new Map();
  return shared[redisRegistryKey];
}

/**
 * Settings that notice an outage, and its end, quickly. With the defaults of ioredis a request would wait many seconds.
 */
function getDefaultSettings(deadlineMs: number) {
  return {
    lazyConnect: true,
    connectTimeout: 2_000,
    maxRetriesPerRequest: 1,
    enableAutoPipelining: true,
    retryStrategy: (attempt) => Math.min(attempt * 50, 500),
    sentinelRetryStrategy: (attempt) => Math.min(attempt * 50, 500),
    // After a failover the former primary may still be running. Writes that it accepts are lost.
    failoverDetector: true,
    maxLoadingRetryTime: 250,
    // A connection that waits for a reply and receives nothing is dead, even if TCP still reports it as open.
    socketTimeout: 2 * deadlineMs,
    // When a primary becomes a replica, a new connection finds the current primary.
    reconnectOnError: isReadOnly,
  } satisfies RedisOptions;
}

/** Whether this is the error with which a replica refuses a write, sent by itself or in a script. */
export function isReadOnly(error: Error): boolean {
  return error.message.includes('READONLY');
}

/** Options that cannot be overridden: commands are sent before the connection is ready, and replies have one format. */
const fixedOptions = { enableOfflineQueue: true, replyMapping: 'legacy' } as const;

/** Uses a client of the app as it is: adds no listener and closes nothing. Connects with the first command. */
export function connectClient(source: RedisSource, deadlineMs: number): RedisConnection {
  if (typeof source === 'object') assertPrimaryReads(source);
  if (isRedisClient(source)) {
    return { client: source, findError: () => undefined, close: () => {} };
  }
  const name = toClientName(source, deadlineMs);
  return {
    get client() {
      return getOwnClient(name, source, deadlineMs).client;
    },
    findError: () => findConnectionError(getRegistry().get(name)),
    close: () => {
      const own = getRegistry().get(name);
      getRegistry().delete(name);
      own?.client.disconnect();
    },
  };
}

function findConnectionError(own: OwnClient | undefined): Error | undefined {
  const status = own?.client.status ?? 'ready';
  return own?.lastError ?? (status === 'ready' ? undefined : new Error(`There is no connection: it is "${status}".`));
}

/** Stores with equal names share a client. Functions are compared by their source text: hot reload creates new ones. */
function toClientName(source: string | RedisOptions, deadlineMs: number): string {
  try {
    return JSON.stringify([source, deadlineMs], (_key, value: unknown) =>
      typeof value === 'function' ? String(value) : value,
    );
  } catch {
    const expected = 'options that can be converted to JSON, or an ioredis client instead';
    throw createSecretOptionError('redisStore(source)', expected, source);
  }
}

function getOwnClient(name: string, source: string | RedisOptions, deadlineMs: number): OwnClient {
  const existing = getRegistry().get(name);
  if (existing) return existing;
  const defaults = getDefaultSettings(deadlineMs);
  const client =
    typeof source === 'string'
      ? new Redis(source, { ...defaults, ...fixedOptions })
      : new Redis({ ...defaults, ...source, ...fixedOptions });
  const own: OwnClient = { client, lastError: undefined };
  client.on('ready', () => {
    own.lastError = undefined;
  });
  client.on('error', (error: Error & { readonly command?: { readonly name?: string } }) => {
    own.lastError = error;
    // When Redis refuses the database, ioredis continues in database 0, where another app may keep its sessions.
    if (error.command?.name === 'select') client.disconnect(true);
  });
  // After some failovers ioredis never reconnects. The next command then gets a new client, and this one leaves its
  // Sentinels.
  client.on('end', () => {
    if (getRegistry().get(name) !== own) return;
    getRegistry().delete(name);
    client.disconnect();
  });
  getRegistry().set(name, own);
  return own;
}

export function assertSource(source: unknown): void {
  const isUrl = typeof source === 'string' && /^(rediss?:\/\/|\/)/.test(source);
  if (isUrl || (typeof source === 'object' && source !== null)) return;
  throw createSecretOptionError('redisStore(source)', 'a redis:// URL, ioredis options, or an ioredis client', source);
}

function isRedisClient(source: RedisSource): source is RedisClient {
  return typeof source === 'object' && 'evalsha' in source && typeof source.evalsha === 'function';
}

/** Rejects clients that read from replicas: a replica may still return a session after the user has signed out. */
function assertPrimaryReads(client: object): void {
  const { options = client } = client as { options?: object };
  const { scaleReads = 'master', role = 'master' } = options as { scaleReads?: unknown; role?: unknown };
  if (scaleReads !== 'master') throw createOptionError('redisStore(source).scaleReads', "'master'", scaleReads);
  if (role !== 'master') throw createOptionError('redisStore(source).role', "'master'", role);
}

const digests = Object.fromEntries(
  Object.entries(scripts).map(([name, script]) => [name, createHash('sha1').update(script).digest('hex')]),
) as Record<ScriptName, string>;

/** A script, and the values to run it with. */
interface ScriptCall {
  readonly name: ScriptName;
  readonly key: string;
  readonly values: readonly (string | number)[];
}

/**
 * Runs a script by its digest. If Redis no longer has the script (after a restart, a failover or SCRIPT FLUSH), sends
 * its text, unless the call has been cancelled: the write that undoes it may have run already.
 */
export async function runScript(
  client: RedisClient,
  { name, key, values }: ScriptCall,
  isCancelled: () => boolean,
): Promise<unknown> {
  const text = values.map(String);
  try {
    return await client.evalsha(digests[name], 1, key, ...text);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT') || isCancelled()) throw error;
    return client.eval(scripts[name], 1, key, ...text);
  }
}
