import { SessionError } from '../errors.ts';
import type { SessionSnapshot } from '../record/snapshot.ts';

/** What a verifier receives beside the data. */
export interface VerifierFacts {
  readonly session: SessionSnapshot<unknown>;
  /** The current time, in milliseconds since the epoch. */
  readonly now: number;
}

/** A refusal with its reason, as `refuse(...)` returns it. */
export interface VerifierRefusal {
  readonly code: 'REFUSED' | 'STALE';
  readonly detail: string | undefined;
}

/** Only `true` lets a session pass. */
export type VerifierVerdict = boolean | VerifierRefusal;

/** Decides whether a live session passes a guard. All verifiers of one guard must pass. */
export type Verifier<Data> = (data: Data, facts: VerifierFacts) => VerifierVerdict | Promise<VerifierVerdict>;

declare const provenShape: unique symbol;
declare const provenBranches: unique symbol;

/** Marks, in the type only, what a passed verifier proves about the data. @internal */
export interface Narrowing<Shape> {
  readonly [provenShape]: Shape;
}

/** Marks, in the type only, the verifiers of which at least one has passed. @internal */
export interface Branching<Branches> {
  readonly [provenBranches]: Branches;
}

/** What one verifier proves when it passes. */
export type Proven<V> = V extends Narrowing<infer Shape> ? Shape : ProvenByGuard<V>;

// biome-ignore lint/suspicious/noExplicitAny: a type guard's parameter is contravariant, so only any matches all
type ProvenByGuard<V> = V extends (data: any, ...rest: any[]) => data is infer Shape ? Shape : unknown;

/** What a list of verifiers proves when all have passed. @internal */
export type VerifierProof<Verifiers, Proof = unknown> = Verifiers extends readonly [infer Head, ...infer Rest]
  ? VerifierProof<Rest, Proof & Proven<Head>>
  : Proof;

/**
 * The verifiers themselves, unless no session can pass them all: then messages that say so, to which no verifier is
 * assignable.
 *
 * @internal
 */
export type PassableVerifiers<Data, Verifiers extends readonly unknown[]> =
  CanAllPass<Data, Verifiers> extends true
    ? Verifiers
    : CanEachPass<Data, Verifiers> extends true
      ? {
          readonly [I in keyof Verifiers]: 'No session can pass all verifiers of this guard: they contradict each other.';
        }
      : { readonly [I in keyof Verifiers]: PassableVerifier<Data, Verifiers[I]> };

type PassableVerifier<Data, V> =
  CanPass<Data, V> extends true
    ? V
    : 'No session can pass this verifier: it does not fit the type of the session data.';

type CanAllPass<Data, Verifiers> = Verifiers extends readonly [infer Head, ...infer Rest]
  ? CanPass<Data, Head> extends true
    ? CanAllPass<Data & Proven<Head>, Rest>
    : false
  : true;

type CanEachPass<Data, Verifiers extends readonly unknown[]> = false extends {
  [I in keyof Verifiers]: CanPass<Data, Verifiers[I]>;
}[number]
  ? false
  : true;

type CanPass<Data, V> =
  V extends Branching<infer Branches extends readonly unknown[]>
    ? CanEachPass<Data, Branches>
    : V extends Narrowing<infer Shape>
      ? CanOverlap<Data, Shape>
      : true;

type Primitive = string | number | boolean | bigint | symbol | null | undefined;
type BuiltIn = Pick<Date, 'getTime'> | ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>;

/** False if no value can have both types, at any depth. */
type CanOverlap<A, B> = unknown extends A
  ? true
  : unknown extends B
    ? true
    : true extends (A extends unknown ? (B extends unknown ? CanMembersOverlap<A, B> : never) : never)
      ? true
      : false;

type CanMembersOverlap<A, B> = A extends Primitive
  ? B extends Primitive
    ? IsPossible<A & B>
    : false
  : B extends Primitive
    ? false
    : A extends BuiltIn
      ? true
      : A extends readonly unknown[]
        ? B extends readonly unknown[]
          ? CanListsOverlap<A, B>
          : false
        : CanFieldsOverlap<A, B>;

type IsPossible<T> = [T] extends [never] ? false : true;

type CanListsOverlap<A extends readonly unknown[], B extends readonly unknown[]> = false extends
  | IsPossible<A['length'] & B['length']>
  | { [I in keyof B]: CanOverlap<A[number], B[I]> }[number]
  ? false
  : true;

type CanFieldsOverlap<A, B> = false extends {
  [K in keyof B & (string | number)]: K extends keyof A
    ? CanOverlap<A[K], B[K]>
    : undefined extends B[K]
      ? true
      : false;
}[keyof B & (string | number)]
  ? false
  : true;

/**
 * Runs verifiers in order. Throws `REFUSED` or `STALE` for the first one that does not return `true`. Returns a promise only
 * if a verifier does, so that a guard without one does not wait for the next tick.
 */
export function runVerifiers(verifiers: readonly Verifier<never>[], facts: VerifierFacts): Promise<void> | undefined {
  for (const [at, verifier] of verifiers.entries()) {
    const verdict: unknown = verifier(facts.session.data as never, facts);
    if (isThenable(verdict)) return awaitVerdict(verdict, () => runVerifiers(verifiers.slice(at + 1), facts));
    if (verdict !== true) throw toRefusalError(verdict);
  }
  return undefined;
}

async function awaitVerdict(verdict: PromiseLike<unknown>, runRest: () => Promise<void> | undefined): Promise<void> {
  const settled = await verdict;
  if (settled !== true) throw toRefusalError(settled);
  await runRest();
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
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
