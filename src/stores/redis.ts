import { type Duration, durationMs } from '../core/expiry.ts';
import type {
  RegenerateResult,
  ReplaceResult,
  Revocation,
  SessionStore,
  StartResult,
  StoredSession,
} from '../core/store.ts';
import { assertSource, connect, type RedisSource, runScript } from './redis-client.ts';
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
  const deadlineMs = durationMs('redisStore.deadline', deadline);
  const connection = connect(source);
  const ask = <Answer>(send: () => Promise<Answer>): Promise<Answer> => within(deadlineMs, completed(send));
  const run = (name: ScriptName, key: string, ...values: readonly (string | number)[]): Promise<unknown> =>
    ask(() => runScript(connection.client, name, [key, ...values]));
  return {
    name: 'redis',
    read: async ({ key, hash }) => {
      const [text, seen] = await ask(() => fields(connection.client.hmget(key, hash, `${hash}:seen`)));
      return text === null ? null : (parse(text, seen) ?? 'unreadable');
    },
    touch: async ({ key, hash }) => (await run('touch', key, hash)) === 1,
    start: async ({ key, hash, nonce, id, body, idleMs, lifetimeMs, limit, replaces }) => {
      const old = [replaces?.hash ?? '', replaces?.revision ?? ''];
      const values = [hash, nonce, id, body, idleMs, lifetimeMs, limit.max, limit.whenFull, ...old];
      return result<StartResult>(await run('start', key, ...values));
    },
    replace: async ({ key, hash, nonce, revision, body }) =>
      result<ReplaceResult>(await run('replace', key, hash, nonce, revision, body)),
    regenerate: async ({ key, hash, newHash, nonce, renewMs }) =>
      result<RegenerateResult>(await run('regenerate', key, hash, newHash, nonce, renewMs ?? '')),
    destroy: async ({ key, hash }, revision) => {
      const ended = await run('destroy', key, hash, revision ?? '');
      return ended === -1 ? 'conflict' : ended === 1;
    },
    list: async (key) => {
      const rows = (await run('list', key)) as readonly (readonly [string, string])[];
      return rows.flatMap(([text, seen]) => parse(text, seen) ?? []);
    },
    revoke: async (key, which) => Number(await run('revoke', key, ...revocation(which))),
    ping: async () => {
      await ask(() => connection.client.ping());
    },
    close: async () => connection.release(),
  };
}

/** Both fields of a session; a key of another type is something this store did not write. */
async function fields(answer: Promise<(string | null)[]>): Promise<readonly [string | null, string | null]> {
  try {
    const [text = null, seen = null] = await answer;
    return [text, seen];
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('WRONGTYPE')) return ['', null];
    throw error;
  }
}

const header = /^(\d+) \S+ (\S+) \S+ (\d+) (\d+) (\d+) (\d+)\n/;

function parse(text: string, seen: string | null): StoredSession | null {
  const found = header.exec(text);
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
function result<Result>(reply: unknown): Result {
  const [status, text, seen = null] = reply as readonly [string, string?, string?];
  const session = text === undefined ? undefined : parse(text, seen);
  return { status, ...(session && { session }) } as Result;
}

function revocation(which: Revocation): readonly string[] {
  if (which === 'all') return ['all', ''];
  return 'id' in which ? ['id', which.id] : ['except', which.except];
}

/**
 * ioredis sends again what a broken connection left unanswered, except the rest of a pipeline that was answered in part:
 * that is sent again here, once. Every command of this store may be.
 */
async function completed<Answer>(send: () => Promise<Answer>): Promise<Answer> {
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'AbortError') throw bare(error);
    return send().catch((again: unknown) => Promise.reject(bare(again)));
  }
}

/** ioredis hangs the command on its errors, with the hash and the data in it: they would end up in events and logs. */
function bare(error: unknown): Error {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return Object.assign(new Error(message), { name });
}

const parts = 10;

/**
 * Settles in time whatever the client does; a late answer is nobody's business any more. The time passes in parts: a
 * process that is busy elsewhere finds its timers due before it looks at answers that have long come, and a part that
 * took it too long counts for no more than a part.
 */
async function within<Answer>(deadlineMs: number, answer: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    let left = parts;
    const pass = () => {
      if (left === 0) return reject(new Error(`Redis did not answer within ${deadlineMs} ms.`));
      left--;
      timer = setTimeout(pass, Math.ceil(deadlineMs / parts));
    };
    pass();
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
