import type {
  DestroyResult,
  RegenerateResult,
  ReplaceResult,
  Revocation,
  SessionStore,
  StartResult,
} from '../core/ports/store.ts';
import type { Address } from '../core/ports/stored-session.ts';
import { type Duration, parseDuration } from '../core/record/expiry.ts';
import type { CircuitCall } from './circuit-breaker.ts';
import { addNearCache } from './near-cache.ts';
import type { RedisAdapter, RedisCommand } from './redis-adapter.ts';
import { createRedisCalls } from './redis-calls.ts';
import { parseFields, parseHeaders, parseResult, takeOwnReply } from './redis-replies.ts';
import { runScript } from './redis-run-script.ts';
import { scanKeys } from './redis-scan.ts';
import type { ScriptName } from './redis-scripts.ts';
import { connectSource, type RedisSource } from './redis-source.ts';

export type { SessionStore } from '../core/ports/store.ts';
export type { IoredisClient, IoredisOptions } from './redis-ioredis.ts';
export type { NodeRedis, NodeRedisClient, NodeRedisCluster, NodeRedisSentinel } from './redis-node-redis.ts';
export type { RedisSource } from './redis-source.ts';

/** Options of `redisStore`. */
export interface RedisStoreOptions {
  /**
   * How long a call may take before it fails with `UNAVAILABLE`: milliseconds, or a duration such as `'500ms'`.
   *
   * @default '1s'
   */
  readonly deadline?: Duration;
  /**
   * True: the process keeps the sessions that it has read, up to 64 MiB, until Redis reports that they have changed. A
   * change of another process is seen within milliseconds, and after half a second at the latest.
   *
   * @default false
   */
  readonly nearCache?: boolean;
}

/**
 * Creates a store that keeps sessions in Redis 6.2 or newer, or in Valkey, with one hash per user. A read is one HMGET
 * and a write is one script, both on one key. It connects with the first command.
 *
 * @param source A URL (`redis:`, `rediss:`, `redis+sentinel:`, `redis+cluster:` or the path of a unix socket), ioredis
 * options, or your own client: `Redis` or `Cluster` of ioredis, or `createClient()`, `createCluster()` or
 * `createSentinel()` of the `redis` package. A URL and options need ioredis.
 * @throws SessionError `INVALID_OPTION` if the source is not one of these, reads from replicas, or cannot have a near
 * cache. `NOT_CONFIGURED` from the first call if ioredis is needed and not installed.
 * @example
 * const store = redisStore(process.env.REDIS_URL ?? 'redis://localhost:6379', { deadline: '500ms' });
 * @example
 * import { createClient } from 'redis';
 * const store = redisStore(createClient({ url: 'redis://localhost:6379' }));
 */
export function redisStore(
  source: RedisSource,
  { deadline = '1s', nearCache = false }: RedisStoreOptions = {},
): SessionStore {
  const deadlineMs = parseDuration('redisStore.deadline', deadline);
  const adapter = connectSource(source, deadlineMs);
  const store = createRedisStore(adapter, deadlineMs);
  return nearCache ? addNearCache(store, adapter, deadlineMs) : store;
}

function createRedisStore(adapter: RedisAdapter, deadlineMs: number): SessionStore {
  const calls = createRedisCalls(deadlineMs, adapter);
  const run = async (name: ScriptName, { key, own, values }: ScriptInput): Promise<readonly unknown[]> => {
    const call = { key, needsUndo: scriptsThatNeedUndo.has(name), canUndo: scriptsThatCanUndo.has(name) };
    const script = { name, key, values };
    return takeOwnReply(await calls.send(call, (cancellation) => runScript(adapter, script, cancellation)), own);
  };
  const runAt = (name: ScriptName, { key, hash }: Address, ...values: ScriptInput['values']) =>
    run(name, { key, own: hash, values: [hash, ...values] });
  const runOnKey = (name: ScriptName, key: string, ...values: ScriptInput['values']) =>
    run(name, { key, own: key, values: [key, ...values] });
  return {
    name: 'redis',
    read: async ({ key, hash }) => {
      const command: RedisCommand = { name: 'HMGET', key, values: [hash, `${hash}:body`] };
      try {
        const reply = await calls.send(toReadCall(key), (cancellation) => adapter.send(command, cancellation));
        return parseFields(reply, hash);
      } catch (error) {
        // Another program wrote a key of another type.
        if (error instanceof Error && error.message.startsWith('WRONGTYPE')) return 'unreadable';
        throw error;
      }
    },
    touch: async (at) => Number((await runAt('touch', at))[0]) === 1,
    start: async ({ nonce, id, summary, body, idleMs, lifetimeMs, limit, replaces, ...at }) => {
      const old = [replaces?.hash ?? '', replaces?.revision ?? ''];
      const values = [nonce, id, summary, body, idleMs, lifetimeMs, limit.max, limit.whenFull, ...old];
      return parseResult<StartResult>(await runAt('start', at, ...values), body);
    },
    replace: async ({ nonce, revision, body, ...at }) =>
      parseResult<ReplaceResult>(await runAt('replace', at, nonce, revision, body), body),
    regenerate: async ({ key, hash, newHash, nonce, renewMs }) => {
      const values = [hash, newHash, nonce, renewMs ?? ''];
      return parseResult<RegenerateResult>(await run('regenerate', { key, own: newHash, values }));
    },
    destroy: async (at, revision, ended = 'signed-out') =>
      parseResult<DestroyResult>(await runAt('destroy', at, revision ?? '', ended)),
    list: async (key) => parseHeaders(await runOnKey('list', key)),
    revoke: async (key, which) => Number((await runOnKey('revoke', key, ...toRevocationArguments(which)))[0]),
    scan: (command) =>
      calls.send(toReadCall(command.start), (cancellation) => scanKeys(adapter, command, cancellation)),
    ping: async (key) => {
      await runOnKey('ping', key);
    },
    close: async () => {
      await calls.close();
      adapter.close();
    },
  };
}

/** A script's key, what its reply must begin with, and its arguments. */
interface ScriptInput {
  readonly key: string;
  readonly own: string;
  readonly values: readonly (string | number)[];
}

function toReadCall(key: string): CircuitCall {
  return { key, needsUndo: false, canUndo: false };
}

/** The writes that the core undoes when their reply is lost, and the writes that undo them. */
const scriptsThatNeedUndo: ReadonlySet<ScriptName> = new Set(['start', 'regenerate']);
const scriptsThatCanUndo: ReadonlySet<ScriptName> = new Set(['destroy', 'regenerate']);

function toRevocationArguments(which: Revocation): readonly string[] {
  if (which === 'all') return ['all', ''];
  return 'id' in which ? ['id', which.id] : ['except', which.except];
}
