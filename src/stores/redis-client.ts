import { createHash } from 'node:crypto';
import { Redis, type RedisOptions } from 'ioredis';
import { createOptionError, createSecretOptionError } from '../core/errors.ts';
import { type ScriptName, scripts } from './redis-scripts.ts';

/** The commands that the store needs. Every ioredis 5 or 6 `Redis` and `Cluster` fits. */
export interface RedisClient {
  hmget(key: string, ...fields: string[]): Promise<(string | null)[]>;
  evalsha(sha1: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
  eval(script: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
}

export type RedisSource = string | RedisOptions | RedisClient;

/** A client, and what is known of its connection. */
export interface RedisConnection {
  readonly client: RedisClient;
  /** Why there is no connection, where that is known: commands that went unanswered do not say. */
  trouble(): Error | undefined;
  /** Closes what is ours to close. */
  release(): void;
}

/** A client of ours, and what its connection failed with since it last stood. */
interface OwnClient {
  readonly client: Redis;
  trouble: Error | undefined;
}

/**
 * Under `globalThis`, because frameworks evaluate a module more than once and hot reload does it on every edit: each
 * would otherwise open a connection of its own.
 */
const redisRegistryKey = Symbol.for('trpc-session.redis-clients.v1');

function getRegistry(): Map<string, OwnClient> {
  const shared = globalThis as { [redisRegistryKey]?: Map<string, OwnClient> };
  shared[redisRegistryKey] ??= new Map();
  return shared[redisRegistryKey];
}

/** Settings under which an outage is noticed and its end too: ioredis' own would keep a request for many seconds. */
function getDefaultSettings(deadlineMs: number) {
  return {
    lazyConnect: true,
    connectTimeout: 2_000,
    maxRetriesPerRequest: 1,
    enableAutoPipelining: true,
    retryStrategy: (attempt) => Math.min(attempt * 50, 500),
    sentinelRetryStrategy: (attempt) => Math.min(attempt * 50, 500),
    // A primary that has been replaced may live on, and would go on taking writes that are lost.
    failoverDetector: true,
    maxLoadingRetryTime: 250,
    // A connection on which an answer is awaited and nothing comes is dead, whatever TCP believes.
    socketTimeout: 2 * deadlineMs,
    // A primary that became a replica: connect again, to whatever is the primary now.
    reconnectOnError: isReadOnly,
  } satisfies RedisOptions;
}

/** What a replica answers to a write, on its own or as the error of a script. */
export function isReadOnly(error: Error): boolean {
  return error.message.includes('READONLY');
}

/** What options may not change: commands come before the connection does, and replies are read in one shape. */
const fixedOptions = { enableOfflineQueue: true, replyMapping: 'legacy' } as const;

/** A user's own client is used as it is: no listener added, nothing closed. Connects with the first command. */
export function connectClient(source: RedisSource, deadlineMs: number): RedisConnection {
  if (typeof source === 'object') assertPrimaryReads(source);
  if (isRedisClient(source)) {
    return { client: source, trouble: () => undefined, release: () => {} };
  }
  const name = toClientName(source, deadlineMs);
  return {
    get client() {
      return getOwnClient(name, source, deadlineMs).client;
    },
    trouble: () => findConnectionError(getRegistry().get(name)),
    release: () => {
      const own = getRegistry().get(name);
      getRegistry().delete(name);
      own?.client.disconnect();
    },
  };
}

function findConnectionError(own: OwnClient | undefined): Error | undefined {
  const status = own?.client.status ?? 'ready';
  return own?.trouble ?? (status === 'ready' ? undefined : new Error(`There is no connection: it is "${status}".`));
}

/** Stores of one name share a client. Functions count by their text, since a module that is evaluated anew has new ones. */
function toClientName(source: string | RedisOptions, deadlineMs: number): string {
  try {
    return JSON.stringify([source, deadlineMs], (_key, value: unknown) =>
      typeof value === 'function' ? String(value) : value,
    );
  } catch {
    throw createSecretOptionError(
      'redisStore(source)',
      'options that JSON can hold, or else an ioredis client',
      source,
    );
  }
}

function getOwnClient(name: string, source: string | RedisOptions, deadlineMs: number): OwnClient {
  const known = getRegistry().get(name);
  if (known) return known;
  const defaults = getDefaultSettings(deadlineMs);
  const client =
    typeof source === 'string'
      ? new Redis(source, { ...defaults, ...fixedOptions })
      : new Redis({ ...defaults, ...source, ...fixedOptions });
  const own: OwnClient = { client, trouble: undefined };
  client.on('ready', () => {
    own.trouble = undefined;
  });
  client.on('error', (error: Error & { readonly command?: { readonly name?: string } }) => {
    own.trouble = error;
    // ioredis would go on in database 0, among the sessions of another app.
    if (error.command?.name === 'select') client.disconnect(true);
  });
  // ioredis gives up for good in some failovers: then the next command gets a new client, and this one leaves its Sentinels.
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

/** A replica may still show a session that was destroyed. */
function assertPrimaryReads(client: object): void {
  const { options = client } = client as { options?: object };
  const { scaleReads = 'master', role = 'master' } = options as { scaleReads?: unknown; role?: unknown };
  if (scaleReads !== 'master') throw createOptionError('redisStore(source).scaleReads', "'master'", scaleReads);
  if (role !== 'master') throw createOptionError('redisStore(source).role', "'master'", role);
}

const digests = Object.fromEntries(
  Object.entries(scripts).map(([name, script]) => [name, createHash('sha1').update(script).digest('hex')]),
) as Record<ScriptName, string>;

/** One run of a script. */
interface ScriptRun {
  readonly name: ScriptName;
  readonly key: string;
  readonly values: readonly (string | number)[];
}

/**
 * Runs a script by its digest; sends it whole where Redis has forgotten it (restart, failover, SCRIPT FLUSH), unless it has
 * been given up by then: what undoes it may have come before.
 */
export async function runScript(
  client: RedisClient,
  { name, key, values }: ScriptRun,
  isGivenUp: () => boolean,
): Promise<unknown> {
  const text = values.map(String);
  try {
    return await client.evalsha(digests[name], 1, key, ...text);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT') || isGivenUp()) throw error;
    return client.eval(scripts[name], 1, key, ...text);
  }
}
