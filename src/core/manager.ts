import type { Engine, SessionTypes } from './engine.ts';
import { createEngine, type ManagerOptions } from './options.ts';
import { noSink, type SessionSink } from './ports/sink.ts';
import { type RequestSource, type SessionCarrier, toSessionRequest } from './ports/transport.ts';
import type { StandardSchemaV1 } from './record/schema.ts';
import { computeSlot, createRandomSlot, type SessionSubject } from './record/token.ts';
import { listSessions, revokeSessions, type SessionInfo } from './session/list-sessions.ts';
import { toSessionKey } from './session/read-session.ts';
import type { Memory, Session } from './session/session.ts';
import { openSession } from './session/session-handle.ts';

/** The manager: one per app. */
export interface Sessions<T extends SessionTypes> {
  /** This request's session. Does no I/O. */
  open(request: RequestSource, sink?: SessionSink, memory?: Memory): Session<T>;
  /** The sessions of one subject, for administrators. */
  of(subject: SessionSubject): SubjectSessions;
  /**
   * For start-up and health checks: rejects unless sessions can be used, with `INVALID_OPTION` or `NOT_CONFIGURED`, or with
   * `UNAVAILABLE` and the store's own words as its `cause`: it does not answer, has no memory left, or forbids a command.
   */
  ready(): Promise<SessionsReadiness>;
  /** Lets go of the store's connections. */
  close(): Promise<void>;
  /** What the doors need to know about this manager. */
  readonly facts: SessionsFacts<T>;
}

/** What a health check may show. */
export interface SessionsReadiness {
  /** How long the store took to do once whatever it has to do, in milliseconds. */
  readonly latencyMs: number;
}

export interface SessionsFacts<T extends SessionTypes> {
  /** Names this manager among several: its prefix. */
  readonly prefix: string;
  readonly patch: StandardSchemaV1<unknown, T['patch']> | null;
  readonly watchEveryMs: number;
  now(): number;
  /** The carriers of the transport, in order. */
  carriers(): readonly SessionCarrier[];
}

/** What an administrator may do with a subject's sessions. */
export interface SubjectSessions {
  list(): Promise<readonly SessionInfo[]>;
  /** Ends one by its id; false when there is none. */
  revoke(id: string): Promise<boolean>;
  /** Ends all, and says how many. */
  revokeAll(): Promise<number>;
}

/** Builds a manager over a transport that is given. Apps call `createSessions`, which has one. */
export function createManager<T extends SessionTypes>(options: ManagerOptions<T>): Sessions<T> {
  const engine = createEngine<T>(options);
  return {
    open: (request, sink = noSink, memory = 'request') => {
      const exchange = { engine, request: toSessionRequest(request), sink };
      return openSession(exchange, memory);
    },
    of: (subject) => createSubjectSessions(engine, toSessionKey(engine, computeSlot(engine.prefix, subject))),
    ready: async () => {
      for (const carrier of engine.carriers()) carrier.assertConfigured();
      const askedAt = performance.now();
      await engine.ask('ping', (store) => store.ping(toSessionKey(engine, createRandomSlot())));
      return { latencyMs: performance.now() - askedAt };
    },
    close: async () => options.store?.close(),
    facts: {
      prefix: engine.prefix,
      patch: (options.patch ?? null) as SessionsFacts<T>['patch'],
      watchEveryMs: engine.watchEveryMs,
      now: engine.now,
      carriers: engine.carriers,
    },
  };
}

function createSubjectSessions<T extends SessionTypes>(engine: Engine<T>, key: string): SubjectSessions {
  return {
    list: () => listSessions(engine, key, null),
    revoke: async (id) => (await revokeSessions(engine, key, { id })) > 0,
    revokeAll: () => revokeSessions(engine, key, 'all'),
  };
}
