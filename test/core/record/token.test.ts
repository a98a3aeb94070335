import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  computeSlot,
  createId,
  createNonce,
  createRandomSlot,
  createToken,
  hashToken,
  parseToken,
  validateIdGenerator,
} from '../../../src/core/record/token.ts';

const expiresAt = Date.UTC(2026, 5, 1);

const route = { slot: computeSlot('session:', 'ada'), expiresAt };
const token = createToken(route);

describe('a token', () => {
  test('has 72 base64url characters, which contain the slot and the absolute deadline', () => {
    expect(token).toMatch(/^[A-Za-z0-9_-]{72}$/);
    expect(parseToken(token)).toEqual(route);
  });

  test('has 256 random bits, which differ even for one subject in one millisecond', () => {
    const randomParts = Array.from({ length: 1000 }, () => Buffer.from(createToken(route), 'base64url').subarray(22));
    expect(new Set(randomParts.map(String)).size).toBe(1000);
    const valuesSeen = Array.from({ length: 32 }, (_, at) => new Set(randomParts.map((bytes) => bytes[at])).size);
    expect(Math.min(...valuesSeen)).toBeGreaterThan(200);
  });

  test('does not depend on Math.random', () => {
    const random = Math.random;
    Math.random = () => 0.5;
    try {
      expect(createToken(route)).not.toBe(createToken(route));
    } finally {
      Math.random = random;
    }
  });

  test('has one spelling: no two texts decode to the same bytes', () => {
    const character = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
    fc.assert(
      fc.property(fc.string({ unit: character, minLength: 72, maxLength: 72 }), (text) => {
        expect(Buffer.from(text, 'base64url').toString('base64url')).toBe(text);
        expect(parseToken(text)).not.toBeNull();
      }),
    );
  });

  test('is stored as the start of SHA-256 of all its characters', () => {
    expect(hashToken('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7');
    const other = (token.startsWith('A') ? 'B' : 'A') + token.slice(1);
    expect(hashToken(other)).not.toBe(hashToken(token));
  });
});

describe('parseToken', () => {
  test.each([
    ['an empty string', ''],
    ['a token without its first character', token.slice(1)],
    ['a token with one more character', `${token}A`],
    ['a megabyte', 'A'.repeat(1_000_000)],
    ['a padded token', `${token.slice(0, 71)}=`],
    ['a token in plain base64', `${token.slice(0, 70)}+/`],
    ['a token before a newline', `${token}\n`],
    ['a token after a space', ` ${token.slice(1)}`],
    ['a token with a null byte', `${token.slice(0, 71)}\0`],
    ['a percent-encoded token', encodeURIComponent(`${token.slice(0, 70)}+`)],
    ['full-width letters', 'Ａ'.repeat(72)],
    ['a Redis glob', '*'.repeat(72)],
  ])('returns null for %s', (_case, text) => {
    expect(parseToken(text)).toBeNull();
  });

  test.each([
    [null],
    [undefined],
    [72],
    [Number.NaN],
    [{}],
    [[token]],
    [Object(token)],
    [Buffer.from(token)],
    [{ toString: () => token }],
  ])('returns null for %s and does not coerce it', (value) => {
    expect(parseToken(value)).toBeNull();
  });
});

describe('computeSlot', () => {
  test('returns the same 128 bits for the same prefix and subject', () => {
    expect(computeSlot('session:', 'ada')).toMatch(/^[\w-]{22}$/);
    expect(computeSlot('session:', 'ada')).toBe(computeSlot('session:', 'ada'));
  });

  test('returns different slots if the type or spelling of the subject or the prefix differs', () => {
    const pairs: [string, string | number | bigint][] = [
      ['a', '1'],
      ['a', 1],
      ['a', 1n],
      ['a', 'b'],
      ['ab', 'b'],
      ['a', 'bb'],
      ['a:', 'b'],
      ['a', ':b'],
      ['', 'a:b'],
      ['1:a', 'b'],
      ['a', 'string:1:b'],
      ['astring:10:', 'b'],
      ['a', 'é'],
      ['a', 'e\u0301'],
      ['a', '\ud800'],
      ['a', '\ud801'],
      ['a', '\ufffd'],
      ['a', ' '],
      ['a', 'null'],
      ['a', '*'],
      ['a', '{}'],
      ['a', 'x'.repeat(10_000)],
    ];
    expect(new Set(pairs.map(([prefix, subject]) => computeSlot(prefix, subject))).size).toBe(pairs.length);
  });

  test.each([
    [''],
    [null],
    [undefined],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [{}],
    [['ada']],
    [Object('ada')],
    [true],
    [Symbol('ada')],
  ])('throws INVALID_OPTION for the subject %s', (subject) => {
    expect(() => computeSlot('session:', subject as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('`subject`') }),
    );
  });
});

test('createRandomSlot returns another 128 bits on each call', () => {
  expect(createRandomSlot()).toMatch(/^[\w-]{22}$/);
  expect(createRandomSlot()).not.toBe(createRandomSlot());
});

test('ids and nonces are unique', () => {
  expect(new Set(Array.from({ length: 1000 }, createId)).size).toBe(1000);
  expect(new Set(Array.from({ length: 1000 }, createNonce)).size).toBe(1000);
});

describe("an app's own id generator", () => {
  let counter = 0;

  test('is used if its ids are long, unique and free of special characters', () => {
    const generate = validateIdGenerator(() => `session-number-${++counter}`);
    expect(generate()).toMatch(/^session-number-\d+$/);
  });

  test.each<[string, () => unknown]>([
    ['a random number of four digits', () => 1000 + Math.floor(Math.random() * 9000)],
    ['a random number of four digits as text', () => String(1000 + Math.floor(Math.random() * 9000))],
    ['a constant', () => 'the-same-id-every-time'],
    ['an id with a space', () => `abcdefghijklmnop ${++counter}`],
    ['a promise', async () => `session-number-${++counter}`],
    ['an id of 65 characters', () => `${++counter}`.padStart(65, '0')],
    ['undefined', () => undefined],
  ])('is refused if it returns %s', (_case, generate) => {
    expect(() => validateIdGenerator(generate as () => string)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('`id`') }),
    );
  });

  test('is checked on every call, not only at start-up', () => {
    let validIds = 8;
    const generate = validateIdGenerator(() => (validIds-- > 0 ? `session-number-${++counter}` : '1234'));
    expect(generate).toThrow('`id`');
  });
});
