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

describe('a token', () => {
  const route = { slot: computeSlot('session:', 'ada'), expiresAt };
  const token = createToken(route);

  test('is 72 characters of base64url that carry the slot and the absolute deadline', () => {
    expect(token).toMatch(/^[A-Za-z0-9_-]{72}$/);
    expect(parseToken(token)).toEqual(route);
  });

  test('holds 256 random bits of its own, also for one subject in one millisecond', () => {
    const randomParts = Array.from({ length: 1000 }, () => Buffer.from(createToken(route), 'base64url').subarray(22));
    expect(new Set(randomParts.map(String)).size).toBe(1000);
    const valuesSeen = Array.from({ length: 32 }, (_, at) => new Set(randomParts.map((bytes) => bytes[at])).size);
    expect(Math.min(...valuesSeen)).toBeGreaterThan(200);
  });

  test('does not come from Math.random', () => {
    const random = Math.random;
    Math.random = () => 0.5;
    try {
      expect(createToken(route)).not.toBe(createToken(route));
    } finally {
      Math.random = random;
    }
  });

  test('has one spelling: whatever reads as a token writes back as itself', () => {
    const character = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
    fc.assert(
      fc.property(fc.string({ unit: character, minLength: 72, maxLength: 72 }), (text) => {
        expect(Buffer.from(text, 'base64url').toString('base64url')).toBe(text);
        expect(parseToken(text)).not.toBeNull();
      }),
    );
  });

  test.each([
    ['empty', ''],
    ['one too short', token.slice(1)],
    ['one too long', `${token}A`],
    ['very long', 'A'.repeat(1_000_000)],
    ['padded', `${token.slice(0, 71)}=`],
    ['in plain base64', `${token.slice(0, 70)}+/`],
    ['followed by a newline', `${token}\n`],
    ['after a space', ` ${token.slice(1)}`],
    ['with a null byte', `${token.slice(0, 71)}\0`],
    ['percent-encoded', encodeURIComponent(`${token.slice(0, 70)}+`)],
    ['in full-width letters', 'Ａ'.repeat(72)],
    ['a Redis glob', '*'.repeat(72)],
  ])('is not one when %s', (_case, text) => {
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
  ])('is not one as %s, since nothing is coerced', (value) => {
    expect(parseToken(value)).toBeNull();
  });

  test('is kept as SHA-256 of the whole, so that every character counts', () => {
    expect(hashToken('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0');
    const other = (token.startsWith('A') ? 'B' : 'A') + token.slice(1);
    expect(hashToken(other)).not.toBe(hashToken(token));
  });
});

describe('a slot', () => {
  test('is 128 bits, and the same for the same prefix and subject', () => {
    expect(computeSlot('session:', 'ada')).toMatch(/^[\w-]{22}$/);
    expect(computeSlot('session:', 'ada')).toBe(computeSlot('session:', 'ada'));
  });

  test('tells subjects apart by type, spelling and prefix', () => {
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
  ])('is refused for %s', (subject) => {
    expect(() => computeSlot('session:', subject as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('`subject`') }),
    );
  });

  test('is random for nobody in particular', () => {
    expect(createRandomSlot()).toMatch(/^[\w-]{22}$/);
    expect(createRandomSlot()).not.toBe(createRandomSlot());
  });
});

test('ids and nonces are unique', () => {
  expect(new Set(Array.from({ length: 1000 }, createId)).size).toBe(1000);
  expect(new Set(Array.from({ length: 1000 }, createNonce)).size).toBe(1000);
});

describe("the app's own generator of ids", () => {
  let counter = 0;

  test('is used where it gives long, unique, harmless text', () => {
    const generate = validateIdGenerator(() => `session-number-${++counter}`);
    expect(generate()).toMatch(/^session-number-\d+$/);
  });

  test.each<[string, () => unknown]>([
    ['randint(1000, 9999)', () => 1000 + Math.floor(Math.random() * 9000)],
    ['randint(1000, 9999) as text', () => String(1000 + Math.floor(Math.random() * 9000))],
    ['a constant', () => 'the-same-id-every-time'],
    ['sixteen letters with a space', () => `abcdefghijklmnop ${++counter}`],
    ['a promise', async () => `session-number-${++counter}`],
    ['65 characters', () => `${++counter}`.padStart(65, '0')],
    ['nothing', () => undefined],
  ])('is refused when it gives %s', (_case, generate) => {
    expect(() => validateIdGenerator(generate as () => string)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('`id`') }),
    );
  });

  test('is checked on every call, not only when it is tried', () => {
    let left = 8;
    const generate = validateIdGenerator(() => (left-- > 0 ? `session-number-${++counter}` : '1234'));
    expect(generate).toThrow('`id`');
  });
});
