import { describe, expect, test } from 'vitest';
import { findViolations, type Operation, type Outcome } from './history.ts';

type Row = readonly [Operation['kind'], number, number, Partial<Operation>?];

/** Operations of the session `s` of `ada` with the token `t`, each with its start and end time. */
function history(...rows: readonly Row[]): readonly Operation[] {
  return rows.map(([kind, from, to, rest]) => ({
    kind,
    subject: 'ada',
    ...(kind !== 'revokeAll' && { id: 's', token: 't' }),
    from: BigInt(from),
    to: BigInt(to),
    outcome: 'done',
    ...rest,
  }));
}

const alive = (count: number): Outcome => ({ alive: new Map([['s', count]]), listed: new Set(['s']) });
const ended: Outcome = { alive: new Map(), listed: new Set() };

describe('findViolations', () => {
  test.each<[string, readonly Operation[], Outcome]>([
    [
      'one operation after another',
      history(['start', 0, 1], ['update', 2, 3, { count: 1 }], ['read', 4, 5, { count: 1 }]),
      alive(1),
    ],
    [
      'a read that overlaps a destroy',
      history(['start', 0, 1], ['destroy', 2, 5], ['read', 3, 6, { count: 0 }]),
      ended,
    ],
    ['a sign-in that overlaps a revokeAll', history(['revokeAll', 0, 3], ['start', 1, 2]), alive(0)],
    ['an update with an unknown outcome', history(['start', 0, 1], ['update', 2, 3, { outcome: 'unknown' }]), alive(1)],
    [
      'a read with the new token',
      history(['start', 0, 1], ['regenerate', 2, 3], ['read', 4, 5, { token: 'u', count: 0 }]),
      alive(0),
    ],
  ])('finds none in %s', (_name, operations, outcome) => {
    expect(findViolations(operations, outcome)).toEqual([]);
  });

  test.each<[string, readonly Operation[], Outcome, string]>([
    ['a read after destroy', history(['start', 0, 1], ['destroy', 2, 3], ['read', 4, 5]), ended, 'after destroy'],
    [
      'a read with the old token after regenerate',
      history(['start', 0, 1], ['regenerate', 2, 3], ['read', 4, 5]),
      alive(0),
      'after regenerate',
    ],
    [
      'two regenerations of one token',
      history(['start', 0, 1], ['regenerate', 2, 5], ['regenerate', 3, 4]),
      alive(0),
      'twice',
    ],
    ['a read after revokeAll', history(['start', 0, 1], ['revokeAll', 2, 3], ['read', 4, 5]), ended, 'after revokeAll'],
    [
      'an update with another token after revokeAll',
      history(['start', 0, 1], ['revokeAll', 2, 3], ['update', 4, 5, { token: 'u', count: 1 }]),
      ended,
      'after revokeAll',
    ],
    [
      'two increments with the same result',
      history(['start', 0, 1], ['update', 2, 4, { count: 1 }], ['update', 3, 5, { count: 1 }]),
      alive(2),
      'same number',
    ],
    [
      'a read of an older counter',
      history(['start', 0, 1], ['update', 2, 3, { count: 1 }], ['read', 4, 5, { count: 0 }]),
      alive(1),
      'reads 0, not 1',
    ],
    [
      'a counter that lost an increment',
      history(['start', 0, 1], ['update', 2, 3, { count: 1 }]),
      alive(0),
      'ends at 0',
    ],
    [
      'a counter that applied an increment twice',
      history(['start', 0, 1], ['update', 2, 3, { count: 1 }]),
      alive(2),
      'ends at 2',
    ],
    ['a session that is missing', history(['start', 0, 1]), ended, 'was not ended'],
    [
      'a listed session without a token',
      history(['start', 0, 1], ['destroy', 2, 3]),
      { ...ended, listed: new Set(['s']) },
      'no token',
    ],
    ['a session that is not listed', history(['start', 0, 1]), { ...alive(0), listed: new Set() }, 'not listed'],
  ])('finds %s', (_name, operations, outcome, what) => {
    expect(findViolations(operations, outcome).join()).toContain(what);
  });
});
