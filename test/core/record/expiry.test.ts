import { describe, expect, test } from 'vitest';
import {
  computeIdleExpiry,
  isAlive,
  parseDuration,
  resolveLifetimes,
  resolveOwnLifetimes,
  resolveTouchInterval,
} from '../../../src/core/record/expiry.ts';

const day = 86_400_000;

describe('parseDuration', () => {
  test.each([
    [1, 1],
    [21_600_000, 21_600_000],
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['6h', 21_600_000],
    ['7d', 7 * day],
    ['1.5h', 5_400_000],
    ['0.7d', 60_480_000],
    ['8.2m', 492_000],
    ['1.005s', 1005],
    ['400d', 400 * day],
  ])('parses %s as %d ms', (text, ms) => {
    expect(parseDuration('idle', text)).toBe(ms);
  });

  test.each(
    [
      0,
      -1,
      -0,
      1.5,
      1e-9,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.MAX_VALUE,
      2 ** 53,
      400 * day + 1,
      '401d',
      '0s',
      '-1s',
      '1x',
      '1',
      '3600',
      '',
      'h',
      '1 h',
      ' 1h',
      '1h ',
      '1h\n',
      '1e3s',
      '1.h',
      '٣h',
      '0.0001s',
      '1.0004s',
      null,
      undefined,
      true,
      {},
      [1],
      new Date(0),
      10n,
    ].map((value) => [value]),
  )('throws INVALID_OPTION for %o', (value) => {
    expect(() => parseDuration('idle', value)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('`idle` must be') }),
    );
  });
});

describe('resolveLifetimes', () => {
  test.each([3600, 59_999])('refuses %d without a unit, which was probably meant as seconds', (seconds) => {
    for (const options of [{ idle: seconds }, { absolute: seconds, idle: '1ms' as const }]) {
      expect(() => resolveLifetimes(options, { idle: '6h', absolute: '7d' })).toThrow(
        `'${seconds}s' or '${seconds}ms'`,
      );
      expect(() => resolveOwnLifetimes({ idleMs: 1, absoluteMs: day }, options)).toThrow(`'${seconds}s'`);
    }
  });

  test('accepts a short timeout with its unit', () => {
    expect(resolveLifetimes({ idle: '20ms' }, { absolute: '1s' })).toEqual({ idleMs: 20, absoluteMs: 1000 });
  });

  const defaults = { idle: '6h', absolute: '7d' } as const;

  test('uses the default of each absent option', () => {
    expect(resolveLifetimes({}, defaults)).toEqual({ idleMs: 6 * 3_600_000, absoluteMs: 7 * day });
    expect(resolveLifetimes({ idle: '1h' }, defaults)).toEqual({ idleMs: 3_600_000, absoluteMs: 7 * day });
  });

  test('throws if the idle timeout is longer than the absolute timeout, but not if they are equal', () => {
    expect(resolveLifetimes({ idle: '1d', absolute: '1d' }, defaults)).toEqual({ idleMs: day, absoluteMs: day });
    expect(() => resolveLifetimes({ idle: day + 1, absolute: '1d' }, defaults)).toThrow('`idle` must be no longer');
    expect(() => resolveLifetimes({ absolute: '1h' }, defaults)).toThrow('`idle` must be no longer');
  });
});

describe('resolveTouchInterval', () => {
  test('returns a tenth of idle, between 1 ms and 5 minutes, unless an interval is given', () => {
    expect(resolveTouchInterval(undefined, 600_000)).toBe(60_000);
    expect(resolveTouchInterval(undefined, 7 * day)).toBe(300_000);
    expect(resolveTouchInterval(undefined, 3)).toBe(1);
    expect(resolveTouchInterval('1m', 600_000)).toBe(60_000);
  });

  test('throws if the interval is not shorter than idle', () => {
    expect(() => resolveTouchInterval('1m', 60_000)).toThrow('`touchEvery` must be shorter than `idle`');
  });
});

describe('a session', () => {
  const clocks = { createdAt: 0, authenticatedAt: 0, lastSeenAt: 1000, expiresAt: 5000, idleMs: 2000 };

  test('expires after idle, and at the absolute deadline even if it is used', () => {
    expect(computeIdleExpiry(clocks)).toBe(3000);
    expect(computeIdleExpiry({ ...clocks, lastSeenAt: 4000 })).toBe(5000);
  });

  test('expires at the exact millisecond', () => {
    expect(isAlive(clocks, 2999)).toBe(true);
    expect(isAlive(clocks, 3000)).toBe(false);
    expect(isAlive({ ...clocks, lastSeenAt: 4999 }, 4999)).toBe(true);
    expect(isAlive({ ...clocks, lastSeenAt: 4999 }, 5000)).toBe(false);
  });
});
