import { describe, expect, test, vi } from 'vitest';
import {
  createOptionError,
  createSecretOptionError,
  isSessionError,
  SessionError,
  type SessionErrorCode,
} from '../../src/core/errors.ts';

const codes: SessionErrorCode[] = [
  'MISSING',
  'EXPIRED',
  'STALE',
  'REFUSED',
  'CROSS_SITE',
  'UNAVAILABLE',
  'INVALID_OPTION',
  'NOT_CONFIGURED',
  'INVALID_DATA',
  'TOO_LARGE',
  'SUBJECT_CHANGED',
  'CONFLICT',
  'LIMIT_REACHED',
  'COOKIE_UNWRITABLE',
  'INSECURE_COOKIE',
];

describe('a SessionError', () => {
  test.each(codes)('%s has a message of its own', (code) => {
    const error = new SessionError(code);
    expect(error).toMatchObject({ name: 'SessionError', code, message: expect.stringMatching(/^[A-Z].{15,}\.$/) });
    expect(error).toBeInstanceOf(Error);
    expect(error.publicMessage).toBe(error.message);
  });

  test('has a reason where it is about who is asking, and none elsewhere', () => {
    const reasons = codes.map((code) => [code, new SessionError(code).reason]);
    expect(Object.fromEntries(reasons.filter(([, reason]) => reason))).toEqual({
      MISSING: 'missing',
      EXPIRED: 'expired',
      STALE: 'stale',
      REFUSED: 'refused',
      CROSS_SITE: 'cross-site',
      UNAVAILABLE: 'unavailable',
    });
  });

  test('keeps its hint from clients, save where the hint is what the client must do', () => {
    const hinted = (code: SessionErrorCode): SessionError => new SessionError(code, { hint: 'Do this.' });
    expect(hinted('NOT_CONFIGURED').message).toMatch(/ Do this\.$/);
    expect(hinted('NOT_CONFIGURED').publicMessage).not.toMatch(/Do this/);
    expect(hinted('COOKIE_UNWRITABLE').publicMessage).toMatch(/ Do this\.$/);
  });

  test('keeps its cause, and has none where there is none', () => {
    const cause = new Error('redis.internal:6379');
    const error = new SessionError('UNAVAILABLE', { cause });
    expect(error.cause).toBe(cause);
    expect(error.message + error.publicMessage).not.toMatch(/redis/);
    expect('cause' in new SessionError('UNAVAILABLE')).toBe(false);
  });
});

describe('isSessionError', () => {
  test('knows errors of another copy of this module', async () => {
    vi.resetModules();
    const copy = await import('../../src/core/errors.ts');
    const error = new copy.SessionError('EXPIRED');
    expect(error).not.toBeInstanceOf(SessionError);
    expect(isSessionError(error)).toBe(true);
  });

  test.each([
    [null],
    [undefined],
    ['EXPIRED'],
    [new Error('EXPIRED')],
    [{ code: 'EXPIRED', name: 'SessionError' }],
    [() => {}],
  ])('is false for %s', (value) => {
    expect(isSessionError(value)).toBe(false);
  });
});

describe('a bad option', () => {
  test.each<[unknown, string]>([
    ['6 hours', "'6 hours'"],
    ['x'.repeat(65), 'a string of 65 characters'],
    [0, 'the number 0'],
    [Number.NaN, 'the number NaN'],
    [false, 'the boolean false'],
    [null, 'null'],
    [undefined, 'undefined'],
    [['hunter2'], 'an array of 1'],
    [{ hunter2: 1 }, 'of type object'],
    [10n, 'of type bigint'],
    [() => 'hunter2', 'of type function'],
    [Symbol('hunter2'), 'of type symbol'],
  ])('is named, with what it is: %s', (value, described) => {
    const { code, message } = createOptionError('idle', 'something else', value);
    expect(code).toBe('INVALID_OPTION');
    expect(message).toBe(`An option is invalid. \`idle\` must be something else; it is ${described}.`);
  });

  test('that holds a secret is named by its type alone', () => {
    for (const value of ['hunter2', ['hunter2'], { hunter2: 1 }]) {
      const { message } = createSecretOptionError('secret', 'something else', value);
      expect(message).toBe(`An option is invalid. \`secret\` must be something else; it is of type ${typeof value}.`);
    }
  });
});
