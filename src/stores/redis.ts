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
import { createRedisCalls } from './redis-calls.ts';
import { assertSource, connectClient, type RedisSource, runScript } from './redis-client.ts';
import type { ScriptName } from './redis-scripts.ts';

export type { RedisClient, RedisSource } from './redis-client.ts';

export interface RedisStoreOptions {
  /** How long a call may take before it counts as unavailable, whatever the client still does. Default `'1s'`. */
  readonly deadline?: Duration;
}

/**
 * Sessions in Redis 6.2 or newer, or Valkey: one hash per subject. A read is one HMGET, a write one script, both on one
 * key. Connects with the first command.
 *
 * @param source A `redis://`, `rediss://` or unix-socket URL, ioredis options, or your own ioredis `Redis` or `Cluster`.
 * Default `'redis://localhost:6379/0'`.
 */
export function redisStore(
  source: RedisSource = 'redis://localhost:6379/0',
  { deadline = '1s' }: RedisStoreOptions = {},
): SessionStore {
  assertSource(source);
  const deadlineMs = parseDuration('redisStore.deadline', deadline);
  const connection = connectClient(source, deadlineMs);
  const calls = createRedisCalls(deadlineMs, connection);
  const run = (name: ScriptName, key: string, ...values: readonly (string | number)[]): Promise<unknown> => {
    const circuitCall = { key, undoable: undoableScripts.has(name), undoes: undoingScripts.has(name) };
    const script = { name, key, values };
    return calls.make(circuitCall, (isGivenUp) => runScript(connection.client, script, isGivenUp));
  };
  return {
    name: 'redis',
    read: async ({ key, hash }) => {
      const send = () => readFields(connection.client.hmget(key, hash, `${hash}:seen`));
      const [text, seen] = await calls.make({ key, undoable: false, undoes: false }, send);
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
      await run('rehearse', key);
    },
    close: async () => {
      await calls.close();
      connection.release();
    },
  };
}

/** Writes that core undoes when their answer stays away, and those that it undoes them with. */
const undoableScripts: ReadonlySet<ScriptName> = new Set(['start', 'regenerate']);
const undoingScripts: ReadonlySet<ScriptName> = new Set(['destroy', 'regenerate']);

/** Both fields of a session; a key of another type is something this store did not write. */
async function readFields(answer: Promise<(string | null)[]>): Promise<readonly [string | null, string | null]> {
  try {
    const [text = null, seen = null] = await answer;
    return [text, seen];
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('WRONGTYPE')) return ['', null];
    throw error;
  }
}

const headerPattern = /^(\d+) \S+ (\S+) \S+ (\d+) (\d+) (\d+) (\d+)\n/;

function parseStoredSession(text: string, seen: string | null): StoredSession | null {
  const found = headerPattern.exec(text);
  if (!found || seen === null || !/^\d+$/.test(seen)) return null;
  const [head, revision, id = '', createdAt, authenticatedAt, expiresAt, idleMs] = found;
  return {
    id,
    revision: Number(revision),
    createdAt: Number(createdAt),
    authenticatedAt: Number(authenticatedAt),
    lastSeenAt: Number(seen),
    expiresAt: Number(expiresAt),
    idleMs: Number(idleMs),
    body: text.slice(head.length),
  };
}

/** A script answers its status, and with it the session where there is one to show. */
function parseResult<Result>(reply: unknown): Result {
  const [status, text, seen = null] = reply as readonly [string, string?, string?];
  const session = text === undefined ? undefined : parseStoredSession(text, seen);
  return { status, ...(session && { session }) } as Result;
}

function toRevocationArguments(which: Revocation): readonly string[] {
  if (which === 'all') return ['all', ''];
  return 'id' in which ? ['id', which.id] : ['except', which.except];
}
