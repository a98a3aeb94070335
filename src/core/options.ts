import { createOptionError } from './errors.ts';
import type { SessionEventListener } from './events.ts';
import type { SessionStore } from './ports/store.ts';
import type { SessionLimit } from './ports/stored-session.ts';
import type { SessionTransport } from './ports/transport.ts';
import type { FittingPatch, JsonView } from './record/checked-types.ts';
import type { Duration, LifetimeOptions } from './record/expiry.ts';
import type { OriginRule } from './record/origins.ts';
import { isSchema, type StandardSchemaV1 } from './record/schema.ts';
import { parseSecrets, type SecretSource } from './record/secret.ts';
import type { Immutable } from './record/snapshot.ts';
import type { SessionSubject } from './record/token.ts';

/** The options of `createSessions`. An invalid option throws at once; a missing secret or store throws at first use. */
export interface SessionsOptions<
  Schema extends StandardSchemaV1,
  View,
  Patch extends StandardSchemaV1,
  Subject extends SessionSubject = SessionSubject,
> extends LifetimeOptions {
  /**
   * Validates and types the session data: on every write, and the first time that a process reads a stored text. Put what
   * depends on the clock or on other data into a verifier. Any Standard Schema: zod, valibot, arktype.
   */
  readonly schema: Schema;
  /** Where sessions are stored: `redisStore(url)` or `memoryStore()`. If undefined, the first use throws `NOT_CONFIGURED`. */
  readonly store: SessionStore | undefined;
  /**
   * One secret, or several with the newest first. A string may hold several, separated by commas. Each needs 32 or more
   * random characters. The newest seals new cookies; every one opens existing cookies, which is how secrets are rotated.
   * If undefined, the first use throws `NOT_CONFIGURED` in production; in development a random secret is generated for the
   * life of the process.
   */
  readonly secret: SecretSource;
  /** Selects the part of the data that the browser may see. It must be JSON. */
  readonly view: (data: Immutable<StandardSchemaV1.InferOutput<Schema>>) => JsonView<View>;
  /**
   * Returns the id of the user that a session belongs to. If absent, or if it returns undefined, the session belongs to no
   * user (a guest): it cannot be listed or revoked with others.
   */
  readonly subject?: (data: StandardSchemaV1.InferOutput<Schema>) => Subject | undefined;
  /** Validates the changes that the browser may make with `useSetSession()`. If absent, the browser may change nothing. */
  readonly patch?: FittingPatch<Patch, StandardSchemaV1.InferInput<Schema>>;
  /**
   * How the token travels.
   *
   * @default cookie()
   */
  readonly transport?: SessionTransport;
  /**
   * How often the use of a session is recorded. Uses in between are not recorded, so a session may end earlier than `idle`
   * after its last use, by less than this duration, and never later.
   *
   * @default a tenth of `idle`, at most 5 minutes
   */
  readonly touchEvery?: Duration;
  /**
   * How often an open stream checks that its session is still alive. A store that reports changes ends it at once.
   *
   * @default '15s'
   */
  readonly watchEvery?: Duration;
  /**
   * How many live sessions one subject may have (1 to 1,000), and what happens to one more.
   *
   * @default { max: 100, whenFull: 'evict' }
   */
  readonly limit?: SessionLimit;
  /**
   * Separates several managers that share one Redis. Changing it signs every user out.
   *
   * @default 'session:'
   */
  readonly prefix?: string;
  /**
   * The version of the schema, a whole number from 1. Raise it together with `migrate` when stored data must change.
   *
   * @default 1
   */
  readonly version?: number;
  /**
   * Converts data of an older version to the current one. Receives the stored data and its version. Reading stores nothing:
   * the result is stored with the next update.
   */
  readonly migrate?: (data: unknown, version: number) => unknown;
  /**
   * Generates the public id of a session, which is not its token: 16 to 64 characters of `A-Z a-z 0-9 - _`.
   *
   * @default 128 random bits
   */
  readonly id?: () => string;
  /**
   * The URL under which browsers reach the app, without a path, such as `'https://shop.example'`. Set it behind a proxy
   * that changes the Host header. `'forwarded'`: `X-Forwarded-Host` and `X-Forwarded-Proto` say so; use it only if your
   * proxy always sets both.
   *
   * @default the Host header of each request
   */
  readonly publicUrl?: string;
  /**
   * Other origins that may send writes: exact origins, of any scheme (`'https://admin.example.com'`,
   * `'capacitor://localhost'`), patterns with one label (`'https://*.example.com'`), or a function of the Origin header.
   *
   * @default [] (only the app's own origin)
   */
  readonly origins?: OriginRule;
  /**
   * The largest stored record, in bytes.
   *
   * @default 65_536
   */
  readonly maxBytes?: number;
  /** Called with every event, for logs and metrics. Its errors never affect a request. */
  readonly onEvent?: SessionEventListener;
  /**
   * Returns the current time in milliseconds since the epoch. For tests.
   *
   * @default Date.now
   */
  readonly now?: () => number;
}

/** The types of one manager. */
export interface SessionTypes {
  /** What the schema returns: the data that an app reads. */
  readonly data: unknown;
  /** What the browser may see. */
  readonly view: unknown;
  /** What the schema accepts: the data that an app writes. Absent if it is the same as `data`. */
  readonly input?: unknown;
}

/** The data that an app writes. */
export type SessionInput<T extends SessionTypes> = T extends { readonly input: infer Input } ? Input : T['data'];

/** The options with the types of one manager, and a transport. */
export type ManagerOptions<T extends SessionTypes> = SessionsOptions<
  StandardSchemaV1<SessionInput<T>, T['data']>,
  unknown,
  StandardSchemaV1
> & { readonly transport: SessionTransport };

/**
 * Checks the options that need no conversion.
 *
 * @throws SessionError `INVALID_OPTION` naming the option.
 */
export function assertOptions<T extends SessionTypes>(options: ManagerOptions<T>): void {
  const { schema, patch, store } = options;
  if (!isSchema(schema)) throw createOptionError('schema', 'a Standard Schema, such as a zod object', schema);
  if (patch !== undefined && !isSchema(patch)) throw createOptionError('patch', 'a Standard Schema', patch);
  if (typeof options.view !== 'function') throw createOptionError('view', 'a function', options.view);
  for (const name of ['subject', 'migrate', 'onEvent', 'id', 'now', 'transport'] as const) {
    const value = options[name];
    if (value !== undefined && typeof value !== 'function') throw createOptionError(name, 'a function', value);
  }
  if (store !== undefined && typeof store?.read !== 'function') {
    throw createOptionError('store', 'a SessionStore, such as redisStore(url) or memoryStore()', store);
  }
  parseSecrets(options.secret, { absent: 'allowed' });
}

export function parseWholeNumber(option: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  throw createOptionError(option, 'a whole number from 1', value);
}

export function parseLimit(limit: SessionLimit = { max: 100, whenFull: 'evict' }): SessionLimit {
  const { max, whenFull } = limit ?? {};
  if (!['evict', 'refuse'].includes(whenFull))
    throw createOptionError('limit.whenFull', "'evict' or 'refuse'", whenFull);
  // Scripts visit every session of a subject, so the number has to be bounded.
  if (max > 1000) throw createOptionError('limit.max', 'at most 1000', max);
  return { max: parseWholeNumber('limit.max', max), whenFull };
}

/** The prefix is part of Redis keys, ACL patterns and Cluster hash tags, so it may not contain their special characters. */
export function parsePrefix(prefix: unknown = 'session:'): string {
  if (typeof prefix === 'string' && /^[\w:./-]{1,64}$/.test(prefix)) return prefix;
  throw createOptionError('prefix', '1 to 64 characters of A-Z a-z 0-9 _ : . / -', prefix);
}
