import { SessionError } from '../errors.ts';
import type { SessionSnapshot } from '../record/snapshot.ts';

/** What a verifier may look at beside the data. */
export interface VerifierFacts {
  readonly session: SessionSnapshot<unknown>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A refusal with its reason; made by `refuse(...)`. */
export interface VerifierRefusal {
  readonly code: 'REFUSED' | 'STALE';
  readonly detail: string | undefined;
}

/** Only `true` lets a session pass. */
export type VerifierVerdict = boolean | VerifierRefusal;

/** Judges a session that is alive and well-formed. Several in one guard must all pass. */
export type Verifier<Data> = (data: Data, facts: VerifierFacts) => VerifierVerdict | Promise<VerifierVerdict>;

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
export async function runVerifiers(verifiers: readonly Verifier<never>[], facts: VerifierFacts): Promise<void> {
  for (const verifier of verifiers) {
    const verdict: unknown = await verifier(facts.session.data as never, facts);
    if (verdict !== true) throw toRefusalError(verdict);
  }
}

function toRefusalError(verdict: unknown): SessionError {
  const { code = 'REFUSED', detail } = isRefusal(verdict) ? verdict : {};
  return new SessionError(code, detail === undefined ? {} : { detail });
}

export function isRefusal(verdict: unknown): verdict is VerifierRefusal {
  if (typeof verdict !== 'object' || verdict === null) return false;
  const { code, detail } = verdict as Partial<VerifierRefusal>;
  return (code === 'REFUSED' || code === 'STALE') && (detail === undefined || typeof detail === 'string');
}

/** Registered, since bundlers may load this module twice. */
const verifierMark: unique symbol = Symbol.for('trpc-session.verifier');

/** Says of a verifier what it is called where a guard is documented, and how it can refuse. */
export function describeVerifier<V extends object>(
  verifier: V,
  name: string,
  refusals: readonly VerifierRefusal['code'][],
): V {
  return Object.defineProperties(verifier, { name: { value: name }, [verifierMark]: { value: refusals } });
}

/** How a verifier can refuse. An app's own function may choose either. */
export function getRefusalCodes(verifier: object): readonly VerifierRefusal['code'][] {
  return verifierMark in verifier
    ? (verifier[verifierMark] as readonly VerifierRefusal['code'][])
    : ['REFUSED', 'STALE'];
}
