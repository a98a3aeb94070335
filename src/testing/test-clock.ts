import { type Duration, parseDuration } from '../core/record/expiry.ts';

/** A clock that moves only when a test advances it. */
export interface TestClock {
  /** Returns the current time in milliseconds since the epoch. Needs no `this`, so it can be passed as an option. */
  readonly now: () => number;
  /**
   * Moves the clock forward by milliseconds, or by a duration such as `'6h'`. Throws `INVALID_OPTION` unless it is
   * positive.
   */
  readonly advance: (by: Duration) => void;
}

/**
 * Creates a clock for tests. Pass its `now` to `createSessions` and to `memoryStore`.
 *
 * @param startMs The first time, in milliseconds since the epoch.
 * @default startMs `Date.UTC(2030, 0)`
 * @example
 * const clock = createTestClock();
 * const sessions = createSessions({ store: memoryStore({ now: clock.now }), now: clock.now, schema, view });
 * clock.advance('6h'); // the sessions have expired
 */
export function createTestClock(startMs: number = Date.UTC(2030, 0)): TestClock {
  let time = startMs;
  return {
    now: () => time,
    advance: (by) => {
      time += parseDuration('advance', by);
    },
  };
}
