import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { isSessionError, SessionError, type SessionErrorCode } from 'trpc-session';
import { describe, expect, test, vi } from 'vitest';
import { createOptionError, createSecretOptionError } from '../../src/core/errors.ts';
import { toTrpcError } from '../../src/trpc/errors.ts';

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
  'COOKIE_SHADOWED',
];

describe('a SessionError', () => {
  test.each(codes)('with the code %s has a message in full sentences', (code) => {
    const error = new SessionError(code);
    expect(error).toMatchObject({ name: 'SessionError', code, message: expect.stringMatching(/^[A-Z].{15,}\.$/) });
    expect(error).toBeInstanceOf(Error);
    expect(error.publicMessage).toBe(error.message);
  });

  test('of invalid data names the fields and the rules in its message, and not in the one for clients', () => {
    const issues = [
      { message: 'Expected a number', path: ['cart', 0, 'count'] },
      { message: 'Too short.', path: [] },
    ];
    const error = new SessionError('INVALID_DATA', { issues });
    expect(error.message).toMatch(/ `cart\.0\.count`: Expected a number\. `data`: Too short\.$/);
    expect(error.publicMessage).not.toContain('cart');
  });

  test('has a reason only if it refuses a request', () => {
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

  test.each(codes)('with the code %s has the HTTP status that tRPC responds with', (code) => {
    const error = new SessionError(code);
    expect(error.status).toBe(getHTTPStatusCodeFromError(toTrpcError(error)));
  });

  test('hides its hint from clients, except for COOKIE_UNWRITABLE, where the client must act on it', () => {
    const createHintedError = (code: SessionErrorCode): SessionError => new SessionError(code, { hint: 'Do this.' });
    expect(createHintedError('NOT_CONFIGURED').message).toMatch(/ Do this\.$/);
    expect(createHintedError('NOT_CONFIGURED').publicMessage).not.toMatch(/Do this/);
    expect(createHintedError('COOKIE_UNWRITABLE').publicMessage).toMatch(/ Do this\.$/);
    expect(createHintedError('CROSS_SITE').publicMessage).toMatch(/ Do this\.$/);
  });

  test('has the given cause, and does not mention it in its messages', () => {
    const cause = new Error('redis.internal:6379');
    const error = new SessionError('UNAVAILABLE', { cause });
    expect(error.cause).toBe(cause);
    expect(error.message + error.publicMessage).not.toMatch(/redis/);
    expect('cause' in new SessionError('UNAVAILABLE')).toBe(false);
  });
});

describe('isSessionError', () => {
  test('returns true for an error of another copy of this module', async () => {
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
  ])('returns false for %s', (value) => {
    expect(isSessionError(value)).toBe(false);
  });
});

describe('the error for an invalid option', () => {
  test.each<[unknown, string]>([
    ['6 hours', "'6 hours'"],
    ['x'.repeat(65), 'a string of 65 characters'],
    [0, 'the number 0'],
    [Number.NaN, 'the number NaN'],
    [false, 'the boolean false'],
    [null, 'null'],
    [undefined, 'undefined'],
    [['hunter2'], 'an array of length 1'],
    [{ hunter2: 1 }, 'of type object'],
    [10n, 'of type bigint'],
    [() => 'hunter2', 'of type function'],
    [Symbol('hunter2'), 'of type symbol'],
  ])('names the option and describes the value %s', (value, description) => {
    const { code, message } = createOptionError('idle', 'something else', value);
    expect(code).toBe('INVALID_OPTION');
    expect(message).toBe(`An option is invalid. \`idle\` must be something else; it is ${description}.`);
  });

  test('shows only the type of the value if the option holds a secret', () => {
    for (const value of ['hunter2', ['hunter2'], { hunter2: 1 }]) {
      const { message } = createSecretOptionError('secret', 'something else', value);
      expect(message).toBe(`An option is invalid. \`secret\` must be something else; it is of type ${typeof value}.`);
    }
  });
});
