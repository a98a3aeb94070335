import type { Engine, SessionTypes } from './engine.ts';
import { listSessions, revokeSessions, type SessionInfo } from './listing.ts';
import { type Checked, createEngine } from './options.ts';
import { keyOf } from './reading.ts';
import { openSession } from './request-session.ts';
import type { StandardSchemaV1 } from './schema.ts';
import type { Memory, Session } from './session.ts';
import { noSink, type SessionSink } from './sink.ts';
import { randomSlot, type Subject, slotOf } from './token.ts';
import { type Carrier, type RequestSource, sessionRequest } from './transport.ts';

/** The manager: one per app. */
export interface Sessions<T extends SessionTypes> {
  /** This request's session. Does no I/O. */
  open(request: RequestSource, sink?: SessionSink, memory?: Memory): Session<T>;
  /** The sessions of one subject, for administrators. */
  of(subject: Subject): SubjectSessions;
  /**
   * For start-up and health checks: rejects unless sessions can be used, with `INVALID_OPTION` or `NOT_CONFIGURED`, or with
   * `UNAVAILABLE` and the store's own words as its `cause`: it does not answer, has no memory left, or forbids a command.
   */
  ready(): Promise<Readiness>;
  /** Lets go of the store's connections. */
  close(): Promise<void>;
  /** What the doors need to know about this manager. */
  readonly facts: SessionsFacts<T>;
}

/** What a health check may show. */
export interface Readiness {
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
  carriers(): readonly Carrier[];
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
export function manageSessions<T extends SessionTypes>(options: Checked<T>): Sessions<T> {
  const engine = createEngine<T>(options);
  return {
    open: (request, sink = noSink, memory = 'request') => {
      const exchange = { engine, request: sessionRequest(request), sink };
      return openSession(exchange, memory);
    },
    of: (subject) => subjectSessions(engine, keyOf(engine, slotOf(engine.prefix, subject))),
    ready: async () => {
      for (const carrier of engine.carriers()) carrier.assertConfigured();
      const askedAt = performance.now();
      await engine.ask('ping', (store) => store.ping(keyOf(engine, randomSlot())));
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

function subjectSessions<T extends SessionTypes>(engine: Engine<T>, key: string): SubjectSessions {
  return {
    list: () => listSessions(engine, key, null),
    revoke: async (id) => (await revokeSessions(engine, key, { id })) > 0,
    revokeAll: () => revokeSessions(engine, key, 'all'),
  };
}
