import { createHash } from 'node:crypto';
import { Redis, type RedisOptions } from 'ioredis';
import { invalidOption, invalidSecretOption } from '../core/errors.ts';
import { type ScriptName, scripts } from './redis-scripts.ts';

/** The commands that the store needs. Every ioredis 5 or 6 `Redis` and `Cluster` fits. */
export interface RedisClient {
  hmget(key: string, ...fields: string[]): Promise<(string | null)[]>;
  evalsha(sha1: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
  eval(script: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
}

export type RedisSource = string | RedisOptions | RedisClient;

/** A client, and whether it is ours to close. */
export interface Connection {
  readonly client: RedisClient;
  release(): void;
}

/**
 * Under `globalThis`, because frameworks evaluate a module more than once and hot reload does it on every edit: each
 * would otherwise open a connection of its own.
 */
const registryKey = Symbol.for('trpc-session.redis-clients.v1');

function registry(): Map<string, Redis> {
  const shared = globalThis as { [registryKey]?: Map<string, Redis> };
  shared[registryKey] ??= new Map();
  return shared[registryKey];
}

type OwnSettings = RedisOptions & { readonly replyMapping: 'legacy' };

/** Settings under which an outage is noticed and its end too: ioredis' own would keep a request for many seconds. */
function settings(deadlineMs: number): OwnSettings {
  return {
    lazyConnect: true,
    replyMapping: 'legacy',
    connectTimeout: 2_000,
    maxRetriesPerRequest: 1,
    enableAutoPipelining: true,
    retryStrategy: (attempt) => Math.min(attempt * 50, 500),
    sentinelRetryStrategy: (attempt) => Math.min(attempt * 50, 500),
    maxLoadingRetryTime: 250,
    // A connection on which an answer is awaited and nothing comes is dead, whatever TCP believes.
    socketTimeout: 2 * deadlineMs,
    // A primary that became a replica: connect again, to whatever is the primary now, and repeat the command.
    reconnectOnError: (error) => (error.message.includes('READONLY') ? 2 : false),
  };
}

/** A user's own client is used as it is: no listener added, nothing closed. Connects with the first command. */
export function connect(source: RedisSource, deadlineMs: number): Connection {
  if (typeof source === 'object') assertPrimaryReads(source);
  if (isClient(source)) {
    return { client: source, release: () => {} };
  }
  const name = JSON.stringify([source, deadlineMs]);
  return {
    get client() {
      return sharedClient(name, source, settings(deadlineMs));
    },
    release: () => {
      registry().get(name)?.disconnect();
      registry().delete(name);
    },
  };
}

function sharedClient(name: string, source: string | RedisOptions, defaults: OwnSettings): Redis {
  const known = registry().get(name);
  if (known) return known;
  const client =
    typeof source === 'string'
      ? new Redis(source, defaults)
      : new Redis({ ...defaults, ...source, replyMapping: 'legacy' });
  // Every failed command says so itself; without a listener ioredis prints each failed attempt to connect.
  client.on('error', () => {});
  registry().set(name, client);
  return client;
}

export function assertSource(source: unknown): void {
  const isUrl = typeof source === 'string' && /^(rediss?:\/\/|\/)/.test(source);
  if (isUrl || (typeof source === 'object' && source !== null)) return;
  throw invalidSecretOption('redisStore(source)', 'a redis:// URL, ioredis options, or an ioredis client', source);
}

function isClient(source: RedisSource): source is RedisClient {
  return typeof source === 'object' && 'evalsha' in source && typeof source.evalsha === 'function';
}

/** A replica may still show a session that was destroyed. */
function assertPrimaryReads(client: object): void {
  const { options = client } = client as { options?: object };
  const { scaleReads = 'master', role = 'master' } = options as { scaleReads?: unknown; role?: unknown };
  if (scaleReads !== 'master') throw invalidOption('redisStore(source).scaleReads', "'master'", scaleReads);
  if (role !== 'master') throw invalidOption('redisStore(source).role', "'master'", role);
}

const digests = Object.fromEntries(
  Object.entries(scripts).map(([name, script]) => [name, createHash('sha1').update(script).digest('hex')]),
) as Record<ScriptName, string>;

/** Runs a script by its digest; sends it whole where Redis has forgotten it (restart, failover, SCRIPT FLUSH). */
export async function runScript(
  client: RedisClient,
  name: ScriptName,
  [key, ...values]: readonly [string, ...(string | number)[]],
): Promise<unknown> {
  const text = values.map(String);
  try {
    return await client.evalsha(digests[name], 1, key, ...text);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return client.eval(scripts[name], 1, key, ...text);
  }
}
