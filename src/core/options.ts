import type { Engine, SessionTypes } from './engine.ts';
import { createOptionError, isSessionError, SessionError } from './errors.ts';
import { isolateListener, type SessionEventListener } from './events.ts';
import type { SessionLimit, SessionStore } from './ports/store.ts';
import type { SessionTransport } from './ports/transport.ts';
import {
  type Duration,
  type LifetimeOptions,
  parseDuration,
  resolveLifetimes,
  resolveTouchInterval,
} from './record/expiry.ts';
import { isSchema, type StandardSchemaV1 } from './record/schema.ts';
import { parseSecrets, type SecretSource } from './record/secret.ts';
import type { Immutable } from './record/snapshot.ts';
import { createId, type SessionSubject, validateIdGenerator } from './record/token.ts';
import { parseOrigins } from './request/origin.ts';

/** What JSON can carry unchanged. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** Everything `createSessions` takes. Present but bad options are refused at once; absent ones at first use. */
export interface SessionsOptions<
  Schema extends StandardSchemaV1,
  View extends JsonValue,
  Patch extends StandardSchemaV1<unknown, Partial<StandardSchemaV1.InferInput<Schema>>>,
> extends LifetimeOptions {
  /** Any Standard Schema. Judges data on every write and every read, and types it everywhere. */
  readonly schema: Schema;
  /** Where sessions are kept. Absent: refused at first use. */
  readonly store: SessionStore | undefined;
  /**
   * One secret or a ring of them, newest first; a string may hold several, with commas between. At least 32 characters
   * each. New cookies are sealed with the newest, all open. Absent: refused at first use in production, made up for this
   * process elsewhere.
   */
  readonly secret: SecretSource;
  /** What the browser may see. */
  readonly view: (data: Immutable<StandardSchemaV1.InferOutput<Schema>>) => View;
  /** Whose session it is. Without it, or where it answers undefined, a session is nobody's and stands alone. */
  readonly subject?: (data: StandardSchemaV1.InferOutput<Schema>) => SessionSubject | undefined;
  /** What the browser may change. Without it, nothing. */
  readonly patch?: Patch;
  /** How tokens travel. Default: the sealed cookie. */
  readonly transport?: SessionTransport;
  /**
   * How often a session in use is marked as seen. Default: a tenth of idle, at most 5 minutes. Uses in between are not
   * recorded, so a session may end sooner than `idle` after its last use: by less than this, and never later.
   */
  readonly touchEvery?: Duration;
  /** How often an open stream looks whether its session still lives. Default `'15s'`. */
  readonly watchEvery?: Duration;
  /** How many live sessions a subject may have. Default `{ max: 1000, whenFull: 'evict' }`. */
  readonly limit?: SessionLimit;
  /** Separates managers that share a Redis, in one app or several; changing it signs everybody out. Default `'session:'`. */
  readonly prefix?: string;
  /** Version of the schema, a whole number from 1. Default 1. */
  readonly version?: number;
  /** Brings data of an older version to this one. */
  readonly migrate?: (data: unknown, version: number) => unknown;
  /** Makes the public id of a session, never its token. Default: 128 random bits. */
  readonly id?: () => string;
  /** Other origins that may send writes, exactly as in an Origin header. Default: none but the app's own. */
  readonly origins?: readonly string[];
  /** Largest record in bytes. Default 65,536. */
  readonly maxBytes?: number;
  /** Told what happens to sessions. Nothing it does can break a request. */
  readonly onEvent?: SessionEventListener;
  /** The time, in milliseconds since the epoch. For tests. Default `Date.now`. */
  readonly now?: () => number;
}

/** The options with the types of one manager, and a transport. */
export type ManagerOptions<T extends SessionTypes> = SessionsOptions<
  StandardSchemaV1<T['input'], T['data']>,
  JsonValue,
  StandardSchemaV1<unknown, Partial<T['input']>>
> & { readonly transport: SessionTransport };

/** Checks the options, and completes them. */
export function createEngine<T extends SessionTypes>(options: ManagerOptions<T>): Engine<T> {
  const { schema, view, patch, subject = () => undefined, version = 1, maxBytes = 65_536, now = Date.now } = options;
  if (!isSchema(schema)) throw createOptionError('schema', 'a Standard Schema, such as a zod object', schema);
  if (patch !== undefined && !isSchema(patch)) throw createOptionError('patch', 'a Standard Schema', patch);
  assertFunction('view', view);
  assertFunction('subject', subject);
  assertFunction('now', now);
  for (const name of ['migrate', 'onEvent', 'id', 'transport'] as const) {
    if (options[name] !== undefined) assertFunction(name, options[name]);
  }
  parseSecrets(options.secret, { absent: 'allowed' });
  const emit = isolateListener(options.onEvent);
  const prefix = validatePrefix(options.prefix ?? 'session:');
  const times = resolveLifetimes(options, { idle: '6h', absolute: '7d' });
  return {
    codec: {
      schema: schema as StandardSchemaV1<unknown, T['data']>,
      version: validateWholeNumber('version', version),
      migrate: options.migrate,
      maxBytes: validateWholeNumber('maxBytes', maxBytes),
    },
    lifetimes: times,
    touchEveryMs: resolveTouchInterval(options.touchEvery, times.idleMs),
    watchEveryMs: parseDuration('watchEvery', options.watchEvery ?? '15s'),
    limit: validateLimit(options.limit ?? { max: 1000, whenFull: 'evict' }),
    prefix,
    origins: parseOrigins(options.origins ?? []),
    view: view as Engine<T>['view'],
    subjectOf: subject,
    newId: options.id ? validateIdGenerator(options.id) : createId,
    now,
    emit,
    carriers: bindTransport(options, prefix),
    ask: createAsk(options.store, emit),
  };
}

function bindTransport<T extends SessionTypes>(options: ManagerOptions<T>, prefix: string): Engine<T>['carriers'] {
  const carriers = options.transport({
    prefix,
    secrets: () => parseSecrets(options.secret),
    production: () => process.env.NODE_ENV === 'production',
  });
  const [head, ...rest] = Array.isArray(carriers) ? carriers : [];
  if (!head)
    throw createOptionError('transport', 'a transport, such as cookie() or first(cookie(), bearer())', carriers);
  return () => [head, ...rest];
}

/** The one way to the store: every failure becomes `UNAVAILABLE`. Per operation it is told when that begins and ends. */
function createAsk<T extends SessionTypes>(store: SessionStore | undefined, emit: Engine<T>['emit']): Engine<T>['ask'] {
  if (store !== undefined && typeof store?.read !== 'function') {
    throw createOptionError('store', 'a SessionStore, such as redisStore(url) or memoryStore()', store);
  }
  const failing = new Set<string>();
  return async (operation, call) => {
    if (!store) throw new SessionError('NOT_CONFIGURED', { hint: 'Pass `store: redisStore(url)` to createSessions.' });
    try {
      const answer = await call(store);
      if (failing.delete(operation)) emit({ type: 'recovered', operation });
      return answer;
    } catch (cause) {
      if (isSessionError(cause)) throw cause;
      if (!failing.has(operation)) emit({ type: 'unavailable', operation, cause });
      failing.add(operation);
      throw new SessionError('UNAVAILABLE', { cause });
    }
  };
}

function assertFunction(option: string, value: unknown): void {
  if (typeof value !== 'function') throw createOptionError(option, 'a function', value);
}

function validateWholeNumber(option: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  throw createOptionError(option, 'a whole number from 1', value);
}

function validateLimit(limit: SessionLimit): SessionLimit {
  const { max, whenFull } = limit ?? {};
  if (!['evict', 'refuse'].includes(whenFull))
    throw createOptionError('limit.whenFull', "'evict' or 'refuse'", whenFull);
  if (max > 1000) throw createOptionError('limit.max', 'at most 1000, so that no script is unbounded', max);
  return { max: validateWholeNumber('limit.max', max), whenFull };
}

/** A prefix is part of Redis keys, of ACL patterns and of Cluster routing, so it holds nothing that means anything there. */
function validatePrefix(prefix: unknown): string {
  if (typeof prefix === 'string' && /^[\w:./-]{1,64}$/.test(prefix)) return prefix;
  throw createOptionError('prefix', '1 to 64 characters of A-Z a-z 0-9 _ : . / -', prefix);
}
