import { describe, expect, test } from 'vitest';
import { isNewer } from '../../src/react/order-views.ts';
import { signedIn, signedOut } from './_support/answers.ts';

describe('isNewer', () => {
  test('anything is newer than nothing', () => {
    expect(isNewer(null, signedOut(0))).toBe(true);
  });

  test('within one id the higher revision is newer, whatever the times say', () => {
    const known = signedIn({ revision: 2, at: 100 });
    expect(isNewer(known, signedIn({ revision: 3, at: 50 }))).toBe(true);
    expect(isNewer(known, signedIn({ revision: 1, at: 150 }))).toBe(false);
  });

  test('within one revision the later time is newer, for its clocks', () => {
    const known = signedIn({ at: 100 });
    expect(isNewer(known, signedIn({ at: 101 }))).toBe(true);
    expect(isNewer(known, signedIn({ at: 100 }))).toBe(false);
  });

  test('between two ids the later time is newer, whatever the revisions say', () => {
    const known = signedIn({ id: 'a', revision: 9, at: 100 });
    expect(isNewer(known, signedIn({ id: 'b', revision: 1, at: 101 }))).toBe(true);
    expect(isNewer(known, signedIn({ id: 'b', revision: 99, at: 99 }))).toBe(false);
  });

  test('between somebody and nobody the later time is newer', () => {
    expect(isNewer(signedIn({ at: 100 }), signedOut(101))).toBe(true);
    expect(isNewer(signedIn({ at: 100 }), signedOut(99))).toBe(false);
    expect(isNewer(signedOut(100), signedIn({ at: 101 }))).toBe(true);
    expect(isNewer(signedOut(100), signedIn({ at: 99 }))).toBe(false);
  });
});
