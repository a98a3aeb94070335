import { createOptionError, isSessionError, SessionError } from './errors.ts';
import { isolateListener, type SessionEvent } from './events.ts';
import {
  assertOptions,
  type ManagerOptions,
  parseLimit,
  parsePrefix,
  parseWholeNumber,
  type SessionTypes,
} from './options.ts';
import type { SessionStore } from './ports/store.ts';
import type { SessionLimit } from './ports/stored-session.ts';
import type { SessionCarrier } from './ports/transport.ts';
import { createTokenCache, RecordCache, type TokenCache } from './record/caches.ts';
import { type Lifetimes, parseDuration, resolveLifetimes, resolveTouchInterval } from './record/expiry.ts';
import { type PublicUrl, parseOrigins, parsePublicUrl } from './record/origins.ts';
import type { RecordCodec } from './record/record.ts';
import type { StandardSchemaV1 } from './record/schema.ts';
import { parseSecrets } from './record/secret.ts';
import type { Immutable } from './record/snapshot.ts';
import { createId, type SessionSubject, validateIdGenerator } from './record/token.ts';

/** A manager's options, checked and completed: what every request works with. */
export interface Engine<T extends SessionTypes> {
  readonly codec: RecordCodec<T['data']>;
  readonly records: RecordCache<T['data']>;
  readonly tokens: TokenCache;
  readonly lifetimes: Lifetimes;
  readonly touchEveryMs: number;
  readonly watchEveryMs: number;
  readonly limit: SessionLimit;
  readonly prefix: string;
  /** Returns whether another origin may send writes. */
  readonly isAllowedOrigin: (origin: string) => boolean;
  readonly publicUrl: PublicUrl;
  readonly view: (data: Immutable<T['data']>) => T['view'];
  readonly getSubject: (data: T['data']) => SessionSubject | undefined;
  readonly createId: () => string;
  readonly now: () => number;
  readonly emit: (event: SessionEvent) => void;
  /** The carriers of the transport, in its order. There is at least one. */
  readonly carriers: readonly [SessionCarrier, ...SessionCarrier[]];
  /** Called when the manager is closed. */
  readonly closeListeners: Set<() => void>;
  /** The app's store. Whatever it throws becomes `UNAVAILABLE` and an event. */
  readonly store: SessionStore;
}

export function createEngine<T extends SessionTypes>(options: ManagerOptions<T>): Engine<T> {
  assertOptions(options);
  const { schema, view, subject = () => undefined, now = Date.now, version = 1, maxBytes = 65_536 } = options;
  const emit = isolateListener(options.onEvent);
  const prefix = parsePrefix(options.prefix);
  const lifetimes = resolveLifetimes(options, { idle: '6h', absolute: '7d' });
  return {
    records: new RecordCache(),
    tokens: createTokenCache(),
    codec: {
      schema: schema as StandardSchemaV1<unknown, T['data']>,
      version: parseWholeNumber('version', version),
      migrate: options.migrate,
      maxBytes: parseWholeNumber('maxBytes', maxBytes),
    },
    lifetimes,
    touchEveryMs: resolveTouchInterval(options.touchEvery, lifetimes.idleMs),
    watchEveryMs: parseDuration('watchEvery', options.watchEvery ?? '15s'),
    limit: parseLimit(options.limit),
    prefix,
    isAllowedOrigin: parseOrigins(options.origins),
    publicUrl: parsePublicUrl(options.publicUrl),
    view: view as Engine<T>['view'],
    getSubject: subject,
    createId: options.id ? validateIdGenerator(options.id) : createId,
    now,
    emit,
    carriers: bindTransport(options, prefix),
    closeListeners: new Set(),
    store: reportStore(options.store, emit),
  };
}

function bindTransport<T extends SessionTypes>(options: ManagerOptions<T>, prefix: string): Engine<T>['carriers'] {
  const carriers = options.transport({
    prefix,
    secrets: () => parseSecrets(options.secret),
    production: () => process.env.NODE_ENV === 'production',
  });
  const [head, ...rest] = Array.isArray(carriers) ? carriers : [];
  if (head) return [head, ...rest];
  throw createOptionError('transport', 'a transport, such as cookie() or first(cookie(), bearer())', carriers);
}

type StoreCall = (...args: readonly unknown[]) => Promise<unknown>;

/**
 * Wraps every call of the store, so that no caller has to translate its errors. An `unavailable` event is emitted when an
 * operation begins to fail, and `recovered` when it works again; the calls in between emit nothing.
 */
function reportStore(store: SessionStore | undefined, emit: (event: SessionEvent) => void): SessionStore {
  const failing = new Set<string>();
  const wrap = (operation: keyof SessionStore): StoreCall => {
    return async (...args) => {
      if (!store)
        throw new SessionError('NOT_CONFIGURED', { hint: 'Pass `store: redisStore(url)` to createSessions.' });
      try {
        const result = await (store[operation] as StoreCall)(...args);
        if (failing.size > 0 && failing.delete(operation)) emit({ type: 'recovered', operation });
        return result;
      } catch (cause) {
        if (isSessionError(cause)) throw cause;
        if (!failing.has(operation)) emit({ type: 'unavailable', operation, cause });
        failing.add(operation);
        throw new SessionError('UNAVAILABLE', { cause });
      }
    };
  };
  const names = [
    'read',
    'touch',
    'start',
    'replace',
    'regenerate',
    'destroy',
    'list',
    'revoke',
    'scan',
    'ping',
  ] as const;
  const calls = Object.fromEntries(names.map((name) => [name, wrap(name)]));
  const { name = 'none', maxStaleMs } = store ?? {};
  const watch = store?.watch?.bind(store);
  return { ...calls, name, maxStaleMs, watch, close: async () => store?.close() } as unknown as SessionStore;
}
