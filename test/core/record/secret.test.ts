import { afterEach, describe, expect, test, vi } from 'vitest';
import { parseSecrets } from '../../../src/core/record/secret.ts';

const oldSecret = 'k3Jd8vQm2XzR7pLs0TyWf5BnHc9GaUe4';
const newSecret = 'Zt6YqP1oMxN8rKv3LdS7wJbF2hCg5uEi';

afterEach(() => vi.unstubAllEnvs());

describe('parseSecrets', () => {
  test('returns the secrets in their order, newest first', () => {
    expect(parseSecrets(oldSecret)).toEqual([oldSecret]);
    expect(parseSecrets([newSecret, oldSecret])).toEqual([newSecret, oldSecret]);
    expect(parseSecrets(`${newSecret}, ${oldSecret}`)).toEqual([newSecret, oldSecret]);
  });

  test.each([
    ['a short secret', 'k3Jd8vQm2XzR7pLs0TyWf5BnHc9GaUe'],
    ['one repeated character', 'a'.repeat(64)],
    ['a few repeated characters', 'abcdefg'.repeat(8)],
    ['spaces', ' '.repeat(40)],
    ['a short secret padded with spaces', `shortpass1${' '.repeat(30)}`],
    ['changeme', 'changeme'],
    ['a long changeme', 'changeme-changeme-changeme-changeme'],
    ['CHANGE_ME', 'CHANGE_ME_TO_SOMETHING_LONG_AND_RANDOM'],
    ['the sample secret of many guides', 'complex_password_at_least_32_characters_long'],
    ['a placeholder', 'your-secret-key-goes-here-0123456789'],
    ['an empty list', []],
    ['a list with undefined', [oldSecret, undefined]],
    ['a list with an empty secret', [oldSecret, '']],
    ['a list with a secret that ends in a newline', [`${oldSecret}\n`]],
    ['a trailing comma', `${oldSecret},`],
    ['the same secret twice', [oldSecret, oldSecret]],
    ['a number', 12345],
    ['a Buffer', Buffer.from(oldSecret)],
    ['an object', { 1: oldSecret }],
  ])('refuses %s', (_case, source) => {
    expect(() => parseSecrets(source as never)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });

  test('does not quote a refused secret', () => {
    expect(() => parseSecrets([oldSecret, 'hunter2'])).toThrow(/`secret\[1\]` has 7 characters; it needs 32 or more/);
    expect(() => parseSecrets([oldSecret, 'hunter2'])).not.toThrow(/hunter2/);
  });
});

describe.each([[undefined], [''], [null]])('without a secret (%j)', (absent) => {
  test('parseSecrets throws in production and says how to make one', () => {
    vi.stubEnv('NODE_ENV', 'production');
    expect(() => parseSecrets(absent as undefined)).toThrow(
      expect.objectContaining({ code: 'NOT_CONFIGURED', message: expect.stringContaining('openssl rand') }),
    );
  });

  test('parseSecrets returns an empty list if that is allowed, because next build evaluates the module', () => {
    vi.stubEnv('NODE_ENV', 'production');
    expect(parseSecrets(absent as undefined, { absent: 'allowed' })).toEqual([]);
  });

  test('parseSecrets returns one random secret per process in development', () => {
    const [generated] = parseSecrets(absent as undefined);
    expect(generated).toMatch(/^[\w-]{44}$/);
    expect(parseSecrets(undefined)).toEqual([generated]);
  });
});
