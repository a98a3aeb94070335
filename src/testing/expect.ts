import { inspect, isDeepStrictEqual } from 'node:util';

/** Throws a plain `Error`, so that cases run in any test runner. */
export function expectTrue(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

/** Throws an `Error` with both values unless they are deeply equal. */
export function expectEqual(found: unknown, expected: unknown, what: string): void {
  if (!isDeepStrictEqual(found, expected))
    throw new Error(`${what}: expected ${inspectValue(expected)}, found ${inspectValue(found)}`);
}

function inspectValue(value: unknown): string {
  return inspect(value, { depth: 4, breakLength: Number.POSITIVE_INFINITY });
}
