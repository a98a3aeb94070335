import { createOptionError } from './core/errors.ts';
import type {
  Branching,
  Narrowing,
  Proven,
  Verifier,
  VerifierFacts,
  VerifierRefusal,
  VerifierVerdict,
} from './core/ports/verifier.ts';
import { isRefusal } from './core/ports/verifier.ts';
import {
  describeVerifier,
  getRefusalCodes,
  markFreshRead,
  markPassive,
  needsFreshRead,
} from './core/ports/verifier-marks.ts';
import { type Duration, parseDuration } from './core/record/expiry.ts';
import { isSchema, type StandardSchemaV1, validate } from './core/record/schema.ts';

/**
 * Passes if the data has these values, compared at every depth, or if it is valid input to this Standard Schema. The
 * type of `session.data` is narrowed to match. A pattern that no session can have does not compile.
 *
 * @throws SessionError `INVALID_OPTION` for a pattern that holds a Date, a Map or another class instance.
 * @example requireSession(matches({ role: 'admin' }))
 * @example requireSession(matches(z.object({ email: z.string() })))
 */
export function matches<Schema extends StandardSchemaV1>(
  schema: Schema,
): Verifier<unknown> & Narrowing<StandardSchemaV1.InferInput<Schema>>;
export function matches<const Pattern extends object>(pattern: Pattern): Verifier<unknown> & Narrowing<Pattern>;
export function matches(wanted: object): unknown {
  if (isSchema(wanted)) {
    return describeVerifier(async (data: unknown) => (await validate(wanted, data)).ok, 'matches(schema)', ['REFUSED']);
  }
  assertPattern(wanted);
  return describeVerifier((data: unknown) => contains(data, wanted), `matches(${formatLiteral(wanted)})`, ['REFUSED']);
}

/** A Date or a Set has no own fields: as a pattern it would match everything. */
function assertPattern(pattern: unknown): void {
  const prototype: unknown = typeof pattern === 'object' && pattern !== null && Object.getPrototypeOf(pattern);
  if (prototype !== null && prototype !== Object.prototype && prototype !== Array.prototype) {
    throw createOptionError('matches', 'a schema, or values in plain objects and arrays', pattern);
  }
  for (const value of Object.values(pattern as object)) {
    if (typeof value === 'object' && value !== null) assertPattern(value);
  }
}

function contains(data: unknown, pattern: unknown): boolean {
  if (typeof pattern !== 'object' || pattern === null) return Object.is(data, pattern);
  if (typeof data !== 'object' || data === null || Array.isArray(data) !== Array.isArray(pattern)) return false;
  if (Array.isArray(pattern) && pattern.length !== (data as readonly unknown[]).length) return false;
  return Object.entries(pattern).every(
    ([key, wanted]) => Object.hasOwn(data, key) && contains((data as Record<string, unknown>)[key], wanted),
  );
}

/** Formats a value as it is written in code, for the name of a verifier. */
function formatLiteral(value: unknown): string {
  if (typeof value === 'string') return `'${value.replaceAll("'", "\\'")}'`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(formatLiteral).join(', ')}]`;
  const parts = Object.entries(value).map(([key, held]) => `${key}: ${formatLiteral(held)}`);
  return parts.length > 0 ? `{ ${parts.join(', ')} }` : '{}';
}

/** The data that every one of these verifiers accepts: the intersection of their parameters. */
type VerifiedBy<Verifiers> = Verifiers extends readonly ((data: infer Data, facts: VerifierFacts) => unknown)[]
  ? Data
  : never;

/**
 * Passes if at least one of the verifiers passes. They run in order. If none passes, the last refusal counts.
 *
 * @example requireSession(anyOf(matches({ role: 'admin' }), (data) => data.teamId === teamId))
 */
export function anyOf<const Verifiers extends readonly [Verifier<never>, ...Verifier<never>[]]>(
  ...verifiers: Verifiers
): Verifier<VerifiedBy<Verifiers>> & Narrowing<Proven<Verifiers[number]>> & Branching<Verifiers> {
  const verifyAny = async (data: unknown, facts: VerifierFacts): Promise<VerifierVerdict> => {
    let last: VerifierVerdict = false;
    for (const verifier of verifiers) {
      const verdict = await verifier(data as never, facts);
      if (verdict === true) return true;
      if (isRefusal(verdict)) last = verdict;
    }
    return last;
  };
  const names = verifiers.map(({ name }) => name || 'a function');
  const refusals = [...new Set(verifiers.flatMap(getRefusalCodes))];
  if (verifiers.some(needsFreshRead)) markFreshRead(verifyAny);
  return describeVerifier(verifyAny, `anyOf(${names.join(', ')})`, refusals) as never;
}

/**
 * Passes if the user authenticated at most this long ago: at sign-in, or later with
 * `regenerate({ reauthenticated: true })`. Otherwise the reason is `stale`: ask the user for the password again. A guard
 * with this verifier reads past a near cache.
 *
 * @throws SessionError `INVALID_OPTION` if the duration is invalid.
 * @example requireSession(freshWithin('5m'))
 * @see ASVS 7.5.1
 */
export function freshWithin(duration: Duration): Verifier<unknown> {
  const ms = parseDuration('freshWithin', duration);
  const verifyAge: Verifier<unknown> = (_data, { session, now }) => {
    return now - session.authenticatedAt <= ms || refuse(undefined, { code: 'STALE' });
  };
  return describeVerifier(markFreshRead(verifyAge), `freshWithin(${formatLiteral(duration)})`, ['STALE']);
}

/**
 * Passes for every session, and makes its guard passive: the call does not keep the session alive. For polling, so that
 * an open tab without a user ends after the idle timeout. It counts only as a verifier of its own, not inside `anyOf`.
 *
 * @example requireSession(passive, matches({ role: 'admin' }))
 */
export const passive: Verifier<unknown> = markPassive(describeVerifier(() => true, 'passive', []));

/**
 * Creates a refusal with a text for the user. Return it from a verifier.
 *
 * @param detail The text. The client receives it as `data.session.detail`.
 * @param options.code `'STALE'` if signing in again would help: the client receives `UNAUTHORIZED`. Default `'REFUSED'`:
 * the client receives `FORBIDDEN`.
 * @example requireSession((data) => data.isVerified || refuse('Confirm your e-mail address first.'))
 */
export function refuse(
  detail?: string,
  { code = 'REFUSED' }: { code?: VerifierRefusal['code'] } = {},
): VerifierRefusal {
  return { code, detail };
}
