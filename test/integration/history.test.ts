import { describe, expect, test } from 'vitest';
import { type Operation, type Outcome, violations } from './history.ts';

type Row = readonly [Operation['kind'], number, number, Partial<Operation>?];

/** Operations of one session `s` of `ada` under the token `t`, from and to the given moments. */
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
const gone: Outcome = { alive: new Map(), listed: new Set() };

describe('violations', () => {
  test.each<[string, readonly Operation[], Outcome]>([
    ['a quiet life', history(['start', 0, 1], ['update', 2, 3, { count: 1 }], ['read', 4, 5, { count: 1 }]), alive(1)],
    [
      'a read that overlaps the destroy',
      history(['start', 0, 1], ['destroy', 2, 5], ['read', 3, 6, { count: 0 }]),
      gone,
    ],
    ['a sign-in that overlaps the revoke-all', history(['revokeAll', 0, 3], ['start', 1, 2]), alive(0)],
    ['an update of unknown outcome', history(['start', 0, 1], ['update', 2, 3, { outcome: 'unknown' }]), alive(1)],
    ['a new token', history(['start', 0, 1], ['regenerate', 2, 3], ['read', 4, 5, { token: 'u', count: 0 }]), alive(0)],
  ])('finds none in %s', (_name, operations, outcome) => {
    expect(violations(operations, outcome)).toEqual([]);
  });

  test.each<[string, readonly Operation[], Outcome, string]>([
    ['a read after destroy', history(['start', 0, 1], ['destroy', 2, 3], ['read', 4, 5]), gone, 'after destroy'],
    [
      'the old token after regenerate',
      history(['start', 0, 1], ['regenerate', 2, 3], ['read', 4, 5]),
      alive(0),
      'after regenerate',
    ],
    ['two regenerates', history(['start', 0, 1], ['regenerate', 2, 5], ['regenerate', 3, 4]), alive(0), 'twice'],
    ['a read after revoke-all', history(['start', 0, 1], ['revokeAll', 2, 3], ['read', 4, 5]), gone, 'after revokeAll'],
    [
      'another token after revoke-all',
      history(['start', 0, 1], ['revokeAll', 2, 3], ['update', 4, 5, { token: 'u', count: 1 }]),
      gone,
      'after revokeAll',
    ],
    [
      'one number for two increments',
      history(['start', 0, 1], ['update', 2, 4, { count: 1 }], ['update', 3, 5, { count: 1 }]),
      alive(2),
      'same number',
    ],
    [
      'a read of the past',
      history(['start', 0, 1], ['update', 2, 3, { count: 1 }], ['read', 4, 5, { count: 0 }]),
      alive(1),
      'reads 0, not 1',
    ],
    ['a counter that forgot', history(['start', 0, 1], ['update', 2, 3, { count: 1 }]), alive(0), 'ends at 0'],
    ['a counter that counted twice', history(['start', 0, 1], ['update', 2, 3, { count: 1 }]), alive(2), 'ends at 2'],
    ['a session that vanished', history(['start', 0, 1]), gone, 'nobody ended it'],
    [
      'a ghost in the list',
      history(['start', 0, 1], ['destroy', 2, 3]),
      { ...gone, listed: new Set(['s']) },
      'no token',
    ],
    ['one that is not listed', history(['start', 0, 1]), { ...alive(0), listed: new Set() }, 'not listed'],
  ])('finds %s', (_name, operations, outcome, what) => {
    expect(violations(operations, outcome).join()).toContain(what);
  });
});
