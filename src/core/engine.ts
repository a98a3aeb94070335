import type { SessionEvent } from './events.ts';
import type { SessionLimit, SessionStore } from './ports/store.ts';
import type { SessionCarrier } from './ports/transport.ts';
import type { Lifetimes } from './record/expiry.ts';
import type { RecordCodec } from './record/record.ts';
import type { Immutable } from './record/snapshot.ts';
import type { SessionSubject } from './record/token.ts';

/** The types that one manager ties together. */
export interface SessionTypes {
  /** What the schema accepts. */
  readonly input: unknown;
  /** What the schema makes of it. */
  readonly data: unknown;
  /** What the browser may see. */
  readonly view: unknown;
  /** What the browser may change; `never` without a patch schema. */
  readonly patch: unknown;
}

/** A manager's options, checked and complete: what reading and writing work with. */
export interface Engine<T extends SessionTypes> {
  readonly codec: RecordCodec<T['data']>;
  readonly lifetimes: Lifetimes;
  readonly touchEveryMs: number;
  readonly watchEveryMs: number;
  readonly limit: SessionLimit;
  readonly prefix: string;
  readonly origins: ReadonlySet<string>;
  readonly view: (data: Immutable<T['data']>) => T['view'];
  readonly subjectOf: (data: T['data']) => SessionSubject | undefined;
  readonly newId: () => string;
  readonly now: () => number;
  readonly emit: (event: SessionEvent) => void;
  /** In the order of the transport. Throws `NOT_CONFIGURED` at first use, not when the module is evaluated. */
  carriers(): readonly [SessionCarrier, ...SessionCarrier[]];
  /** Runs one store call; whatever it throws becomes `UNAVAILABLE`. */
  ask<Answer>(operation: string, call: (store: SessionStore) => Promise<Answer>): Promise<Answer>;
}
