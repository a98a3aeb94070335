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
import { describeVerifier, getRefusalCodes, isRefusal } from './core/ports/verifier.ts';
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
  return describeVerifier((data: unknown) => contains(data, wanted), `matches(${formatValue(wanted)})`, ['REFUSED']);
}

/** A Date or a Set has no fields of its own: as a pattern it would match anything. */
function assertPattern(pattern: unknown): void {
  const prototype: unknown = typeof pattern === 'object' && pattern !== null && Object.getPrototypeOf(pattern);
  if (prototype !== null && prototype !== Object.prototype && prototype !== Array.prototype) {
    throw createOptionError('matches', 'a schema, or values in plain objects and arrays', pattern);
  }
  for (const held of Object.values(pattern as object)) {
    if (typeof held === 'object' && held !== null) assertPattern(held);
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

/** A value as one would write it. */
function formatValue(value: unknown): string {
  if (typeof value === 'string') return `'${value.replaceAll("'", "\\'")}'`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(formatValue).join(', ')}]`;
  const parts = Object.entries(value).map(([key, held]) => `${key}: ${formatValue(held)}`);
  return parts.length > 0 ? `{ ${parts.join(', ')} }` : '{}';
}

/** The data that every one of these can judge: what each takes, intersected. One that takes nothing can judge anything. */
type VerifiedBy<Verifiers> = Verifiers extends readonly ((data: infer Data, facts: VerifierFacts) => unknown)[]
  ? Data
  : never;

/**
 * Passes when at least one of the verifiers does; they are tried in order. When none does, the last refusal is
 * the answer.
 */
export function anyOf<const Verifiers extends readonly [Verifier<never>, ...Verifier<never>[]]>(
  ...verifiers: Verifiers
): Verifier<VerifiedBy<Verifiers>> & Narrowing<Proven<Verifiers[number]>> & Branching<Verifiers> {
  const judgeAny = async (data: unknown, facts: VerifierFacts): Promise<VerifierVerdict> => {
    let last: VerifierVerdict = false;
    for (const verifier of verifiers) {
      const verdict = await verifier(data as never, facts);
      if (verdict === true) return true;
      if (isRefusal(verdict)) last = verdict;
    }
    return last;
  };
  const names = verifiers.map(({ name }) => name || 'a function');
  return describeVerifier(judgeAny, `anyOf(${names.join(', ')})`, [
    ...new Set(verifiers.flatMap(getRefusalCodes)),
  ]) as never;
}

/**
 * Passes when the user proved who they are at most this long ago (ASVS 7.5.1): at sign-in, or since then by
 * `regenerate({ reauthenticated: true })`. Otherwise the reason is `stale`, which clients answer by asking for the password.
 */
export function freshWithin(duration: Duration): Verifier<unknown> {
  const ms = parseDuration('freshWithin', duration);
  const judgeAge: Verifier<unknown> = (_data, { session, now }) => {
    return now - session.authenticatedAt <= ms || refuse(undefined, { code: 'STALE' });
  };
  return describeVerifier(judgeAge, `freshWithin(${formatValue(duration)})`, ['STALE']);
}

/**
 * A refusal with words of its own, which reach the client as `data.session.detail`; return it from a verifier.
 * `code: 'STALE'` answers UNAUTHORIZED instead of FORBIDDEN, for what signing in again would cure.
 */
export function refuse(
  detail?: string,
  { code = 'REFUSED' }: { code?: VerifierRefusal['code'] } = {},
): VerifierRefusal {
  return { code, detail };
}
