import { SessionError } from './errors.ts';
import type { Snapshot } from './snapshot.ts';

/** What a verifier may look at beside the data. */
export interface VerifierFacts {
  readonly session: Snapshot<unknown>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A refusal with its reason; made by `refuse(...)`. */
export interface Refusal {
  readonly code: 'REFUSED' | 'STALE';
  readonly detail: string | undefined;
}

/** Only `true` lets a session pass. */
export type Verdict = boolean | Refusal;

/** Judges a session that is alive and well-formed. Several in one guard must all pass. */
export type Verifier<Data> = (data: Data, facts: VerifierFacts) => Verdict | Promise<Verdict>;

export declare const narrowsTo: unique symbol;

/** Marks, in the type only, what a passed verifier proves about the data. */
export interface Narrowing<Shape> {
  readonly [narrowsTo]: Shape;
}

/** What one verifier proves when it passes. */
export type Proven<V> =
  V extends Narrowing<infer Shape>
    ? Shape
    : // biome-ignore lint/suspicious/noExplicitAny: a guard's parameter is contravariant, so only any matches every guard
      V extends (data: any, ...rest: any[]) => data is infer Shape
      ? Shape
      : unknown;

/** The data's type after every verifier of the list has passed. */
export type Narrowed<Data, Verifiers> = Verifiers extends readonly [infer Head, ...infer Rest]
  ? Narrowed<Data & Proven<Head>, Rest>
  : Data;

/** Runs verifiers in order; throws `REFUSED` or `STALE` at the first that does not answer `true`. */
export async function verify(verifiers: readonly Verifier<never>[], facts: VerifierFacts): Promise<void> {
  for (const verifier of verifiers) {
    const verdict: unknown = await verifier(facts.session.data as never, facts);
    if (verdict !== true) throw refusalError(verdict);
  }
}

function refusalError(verdict: unknown): SessionError {
  const { code = 'REFUSED', detail } = isRefusal(verdict) ? verdict : {};
  return new SessionError(code, detail === undefined ? {} : { detail });
}

export function isRefusal(verdict: unknown): verdict is Refusal {
  if (typeof verdict !== 'object' || verdict === null) return false;
  const { code, detail } = verdict as Partial<Refusal>;
  return (code === 'REFUSED' || code === 'STALE') && (detail === undefined || typeof detail === 'string');
}

/** Registered, since bundlers may load this module twice. */
const mark: unique symbol = Symbol.for('trpc-session.verifier');

/** Says of a verifier what it is called where a guard is documented, and how it can refuse. */
export function described<V extends object>(verifier: V, name: string, refusals: readonly Refusal['code'][]): V {
  return Object.defineProperties(verifier, { name: { value: name }, [mark]: { value: refusals } });
}

/** How a verifier can refuse. An app's own function may choose either. */
export function refusalsOf(verifier: object): readonly Refusal['code'][] {
  return mark in verifier ? (verifier[mark] as readonly Refusal['code'][]) : ['REFUSED', 'STALE'];
}
