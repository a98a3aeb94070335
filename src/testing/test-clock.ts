import { type Duration, parseDuration } from '../core/record/expiry.ts';

/** A clock that stands still until it is moved. */
export interface TestClock {
  /** The time, in milliseconds since the epoch. Give it to `createSessions` and `memoryStore` as their `now`. */
  readonly now: () => number;
  /** Moves the clock forward: milliseconds, or text like `'6h'`. */
  readonly advance: (by: Duration) => void;
}

/** A clock for tests. Starts at the first second of 2030 (UTC) unless told otherwise. */
export function createTestClock(startMs: number = Date.UTC(2030, 0)): TestClock {
  let time = startMs;
  return {
    now: () => time,
    advance: (by) => {
      time += parseDuration('advance', by);
    },
  };
}
