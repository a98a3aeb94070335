import { createEngine } from './engine.ts';
import type { ManagerOptions, SessionInput, SessionTypes } from './options.ts';
import { noSink, type SessionSink } from './ports/sink.ts';
import type { RequestSource, SessionCarrier } from './ports/transport.ts';
import type { StandardSchemaV1 } from './record/schema.ts';
import { computeSlot, createRandomSlot, type SessionSubject } from './record/token.ts';
import { Exchange } from './request/exchange.ts';
import { toSessionRequest } from './request/session-request.ts';
import { toSessionKey } from './session/locate-session.ts';
import { countSessions, scanSubjects } from './session/scan-sessions.ts';
import type { OpenOptions, Session } from './session/session.ts';
import { SessionHandle } from './session/session-handle.ts';
import { createSubjectSessions, type SubjectSessions } from './session/subject-sessions.ts';

/**
 * The session manager of an app, as `createSessions` returns it.
 *
 * @typeParam Patch What the browser may change; `never` without a patch schema.
 * @typeParam Subject The id of a user; `never` without a `subject` function.
 */
export interface Sessions<T extends SessionTypes, Patch = unknown, Subject extends SessionSubject = SessionSubject> {
  /**
   * Returns the session of a request. Does no I/O and never rejects a request. The integrations call it for you; call it
   * yourself in a plain server.
   *
   * @param sink Where cookies are set. Without it, `start` over a cookie throws `COOKIE_UNWRITABLE`.
   * @example const session = sessions.open(request, createHeadersSink(responseHeaders));
   */
  open(request: RequestSource, sink?: SessionSink, options?: OpenOptions): Session<T>;
  /**
   * Returns the sessions of one user, for administrators and jobs.
   *
   * @example await sessions.of(userId).revokeAll(); // sign out everywhere
   */
  of(subject: Subject): SubjectSessions<T>;
  /**
   * Returns the sessions of every user and guest, one user after another, in no particular order. Each user is returned
   * once, also if the user has signed out in the meantime. Users who sign in meanwhile may be missing.
   *
   * @throws SessionError `UNAVAILABLE`.
   * @example for await (const user of sessions.scan()) await user.revokeAll(); // sign everybody out
   */
  scan(): AsyncIterable<SubjectSessions<T>>;
  /**
   * Returns how many sessions are live, those of guests included. It takes one command per user, so call it for statistics
   * and not in every request.
   *
   * @throws SessionError `UNAVAILABLE`.
   * @example const online = await sessions.count();
   */
  count(): Promise<number>;
  /**
   * Checks that sessions can be used: for start-up and health checks.
   *
   * @throws SessionError `INVALID_OPTION` or `NOT_CONFIGURED`; `UNAVAILABLE` with the store's error as its `cause` if the
   * store does not respond, is out of memory or forbids a command.
   */
  ready(): Promise<SessionsReadiness>;
  /** Ends guarded streams, and closes the connections that the store opened itself. */
  close(): Promise<void>;
  /** What the entry points need to know about this manager. */
  readonly facts: SessionsFacts<Patch>;
}

/** Any manager. Methods take and return the data, so no `Sessions<…>` fits all. This type needs only the facts. */
export interface AnySessions {
  readonly facts: SessionsFacts;
}

/**
 * The types of a manager.
 *
 * @example type View = InferSession<typeof sessions>['view'];
 */
export type InferSession<S extends AnySessions> =
  S extends Sessions<infer T, infer Patch, infer Subject>
    ? { data: T['data']; input: SessionInput<T>; view: T['view']; patch: Patch; subject: Subject }
    : never;

/** What a health check may show. */
export interface SessionsReadiness {
  /** How long it took the store to run every kind of command once, in milliseconds. */
  readonly latencyMs: number;
}

export interface SessionsFacts<Patch = unknown> {
  /** Tells several managers apart. */
  readonly prefix: string;
  readonly patch: StandardSchemaV1<unknown, Patch> | null;
  /** Calls the listener when the manager is closed, unless the returned function was called before. */
  onClose(listener: () => void): () => void;
  /** The largest stored record. */
  readonly maxBytes: number;
  now(): number;
  /** The carriers of the transport, in its order. */
  readonly carriers: readonly SessionCarrier[];
}

/** Creates a manager. The options hold a transport; `createSessions` supplies the default one. */
export function createManager<T extends SessionTypes>(options: ManagerOptions<T>): Sessions<T> {
  const engine = createEngine<T>(options);
  const { prefix, now, carriers, closeListeners, store, publicUrl } = engine;
  return {
    open: (request, sink = noSink, openOptions = {}) =>
      new SessionHandle(new Exchange(engine, toSessionRequest(request, publicUrl), sink), openOptions),
    of: (subject) => createSubjectSessions(engine, toSessionKey(engine, computeSlot(prefix, subject))),
    scan: () => scanSubjects(engine),
    count: () => countSessions(engine),
    ready: async () => {
      for (const carrier of carriers) carrier.assertConfigured();
      const startedAt = performance.now();
      await store.ping(toSessionKey(engine, createRandomSlot()));
      return { latencyMs: performance.now() - startedAt };
    },
    close: () => {
      for (const listener of closeListeners) listener();
      return store.close();
    },
    facts: {
      prefix,
      patch: (options.patch ?? null) as StandardSchemaV1 | null,
      onClose: (listener) => {
        closeListeners.add(listener);
        return () => closeListeners.delete(listener);
      },
      maxBytes: engine.codec.maxBytes,
      now,
      carriers,
    },
  };
}
