import type {
  DestroyResult,
  RegenerateResult,
  ReplaceResult,
  Revocation,
  SessionStore,
  StartResult,
  StoredSession,
} from '../core/ports/store.ts';
import { type Duration, parseDuration } from '../core/record/expiry.ts';
import type { RedisCommand } from './redis-adapter.ts';
import { createRedisCalls } from './redis-calls.ts';
import { runScript } from './redis-run-script.ts';
import type { ScriptName } from './redis-scripts.ts';
import { connectSource, type RedisSource } from './redis-source.ts';

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
}

/**
 * Creates a store that keeps sessions in Redis 6.2 or newer, or in Valkey, with one hash per user. A read is one HMGET
 * and a write is one script, both on one key. It connects with the first command.
 *
 * @param source A URL (`redis:`, `rediss:`, `redis+sentinel:`, `redis+cluster:` or the path of a unix socket), ioredis
 * options, or your own client: `Redis` or `Cluster` of ioredis, or `createClient()`, `createCluster()` or
 * `createSentinel()` of the `redis` package. A URL and options need ioredis.
 * @throws SessionError `INVALID_OPTION` if the source is not one of these, or reads from replicas. `NOT_CONFIGURED` from
 * the first call if ioredis is needed and not installed.
 * @example
 * const store = redisStore(process.env.REDIS_URL ?? 'redis://localhost:6379', { deadline: '500ms' });
 * @example
 * import { createClient } from 'redis';
 * const store = redisStore(createClient({ url: 'redis://localhost:6379' }));
 */
export function redisStore(source: RedisSource, { deadline = '1s' }: RedisStoreOptions = {}): SessionStore {
  const deadlineMs = parseDuration('redisStore.deadline', deadline);
  const adapter = connectSource(source, deadlineMs);
  const calls = createRedisCalls(deadlineMs, adapter);
  const run = (name: ScriptName, key: string, ...values: readonly (string | number)[]): Promise<unknown> => {
    const call = { key, needsUndo: scriptsThatNeedUndo.has(name), canUndo: scriptsThatCanUndo.has(name) };
    const script = { name, key, values };
    return calls.send(call, (cancellation) => runScript(adapter, script, cancellation));
  };
  return {
    name: 'redis',
    read: async ({ key, hash }) => {
      const command: RedisCommand = { name: 'HMGET', key, values: [hash, `${hash}:seen`] };
      const [text, seen] = await calls.send({ key, needsUndo: false, canUndo: false }, (cancellation) =>
        readFields(adapter.send(command, cancellation)),
      );
      return text === null ? null : (parseStoredSession(text, seen) ?? 'unreadable');
    },
    touch: async ({ key, hash }) => Number(await run('touch', key, hash)) === 1,
    start: async ({ key, hash, nonce, id, body, idleMs, lifetimeMs, limit, replaces }) => {
      const old = [replaces?.hash ?? '', replaces?.revision ?? ''];
      const values = [hash, nonce, id, body, idleMs, lifetimeMs, limit.max, limit.whenFull, ...old];
      return parseResult<StartResult>(await run('start', key, ...values));
    },
    replace: async ({ key, hash, nonce, revision, body }) =>
      parseResult<ReplaceResult>(await run('replace', key, hash, nonce, revision, body)),
    regenerate: async ({ key, hash, newHash, nonce, renewMs }) =>
      parseResult<RegenerateResult>(await run('regenerate', key, hash, newHash, nonce, renewMs ?? '')),
    destroy: async ({ key, hash }, revision) =>
      parseResult<DestroyResult>(await run('destroy', key, hash, revision ?? '')),
    list: async (key) => {
      const rows = (await run('list', key)) as readonly (readonly [string, string])[];
      return rows.flatMap(([text, seen]) => parseStoredSession(text, seen) ?? []);
    },
    revoke: async (key, which) => Number(await run('revoke', key, ...toRevocationArguments(which))),
    ping: async (key) => {
      await run('ping', key);
    },
    close: async () => {
      await calls.close();
      adapter.close();
    },
  };
}

/** The writes that the core undoes when their reply is lost, and the writes that undo them. */
const scriptsThatNeedUndo: ReadonlySet<ScriptName> = new Set(['start', 'regenerate']);
const scriptsThatCanUndo: ReadonlySet<ScriptName> = new Set(['destroy', 'regenerate']);

/** Returns both fields of a session. A key of another type counts as unreadable: another program wrote it. */
async function readFields(reply: Promise<unknown>): Promise<readonly [string | null, string | null]> {
  try {
    const fields = await reply;
    // A client in the middle of MULTI replies with QUEUED.
    if (!Array.isArray(fields)) throw new Error('The reply to HMGET is not an array.');
    const [text = null, seen = null] = fields as readonly (string | null)[];
    return [text, seen];
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('WRONGTYPE')) return ['', null];
    throw error;
  }
}

const headerPattern = /^(\d+) \S+ (\S+) \S+ (\d+) (\d+) (\d+) (\d+)\n/;

function parseStoredSession(text: string, seen: string | null): StoredSession | null {
  const match = headerPattern.exec(text);
  if (!match || seen === null || !/^\d+$/.test(seen)) return null;
  const [header, revision, id = '', createdAt, authenticatedAt, expiresAt, idleMs] = match;
  return {
    id,
    revision: Number(revision),
    createdAt: Number(createdAt),
    authenticatedAt: Number(authenticatedAt),
    lastSeenAt: Number(seen),
    expiresAt: Number(expiresAt),
    idleMs: Number(idleMs),
    body: text.slice(header.length),
  };
}

/** Parses what a script returns: its status and, for some statuses, the session. */
function parseResult<Result>(reply: unknown): Result {
  const [status, text, seen = null] = reply as readonly [string, string?, string?];
  const session = text === undefined ? undefined : parseStoredSession(text, seen);
  return { status, ...(session && { session }) } as Result;
}

function toRevocationArguments(which: Revocation): readonly string[] {
  if (which === 'all') return ['all', ''];
  return 'id' in which ? ['id', which.id] : ['except', which.except];
}
