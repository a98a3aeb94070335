import { inspect, isDeepStrictEqual } from 'node:util';

/** Throws a plain Error, so that cases run under any test runner, or none. */
export function expectTrue(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

/** Throws unless two values are deeply equal, and says what was compared, expected and found. */
export function expectEqual(found: unknown, expected: unknown, what: string): void {
  if (!isDeepStrictEqual(found, expected))
    throw new Error(`${what}: expected ${formatFound(expected)}, found ${formatFound(found)}`);
}

function formatFound(value: unknown): string {
  return inspect(value, { depth: 4, breakLength: Number.POSITIVE_INFINITY });
}
