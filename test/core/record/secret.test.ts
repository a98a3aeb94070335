import { afterEach, describe, expect, test, vi } from 'vitest';
import { parseSecrets } from '../../../src/core/record/secret.ts';

const one = 'k3Jd8vQm2XzR7pLs0TyWf5BnHc9GaUe4';
const two = 'Zt6YqP1oMxN8rKv3LdS7wJbF2hCg5uEi';

afterEach(() => vi.unstubAllEnvs());

describe('the ring of secrets', () => {
  test('keeps the order, newest first', () => {
    expect(parseSecrets(one)).toEqual([one]);
    expect(parseSecrets([two, one])).toEqual([two, one]);
    expect(parseSecrets(`${two}, ${one}`)).toEqual([two, one]);
  });

  test.each([
    ['short', 'k3Jd8vQm2XzR7pLs0TyWf5BnHc9GaUe'],
    ['one character over and over', 'a'.repeat(64)],
    ['few characters over and over', 'abcdefg'.repeat(8)],
    ['spaces', ' '.repeat(40)],
    ['short and padded with spaces', `shortpass1${' '.repeat(30)}`],
    ['changeme', 'changeme'],
    ['a long changeme', 'changeme-changeme-changeme-changeme'],
    ['CHANGE_ME', 'CHANGE_ME_TO_SOMETHING_LONG_AND_RANDOM'],
    ['the sample of many guides', 'complex_password_at_least_32_characters_long'],
    ['a placeholder', 'your-secret-key-goes-here-0123456789'],
    ['an empty ring', []],
    ['a ring with a hole', [one, undefined]],
    ['a ring with an empty secret', [one, '']],
    ['a ring with padded text', [`${one}\n`]],
    ['a trailing comma', `${one},`],
    ['the same secret twice', [one, one]],
    ['a number', 12345],
    ['a Buffer', Buffer.from(one)],
    ['an object', { 1: one }],
  ])('refuses %s', (_case, source) => {
    expect(() => parseSecrets(source as never)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });

  test('never quotes a secret that it refuses', () => {
    expect(() => parseSecrets([one, 'hunter2'])).toThrow(/`secret\[1\]` has 7 characters; it needs 32 or more/);
    expect(() => parseSecrets([one, 'hunter2'])).not.toThrow(/hunter2/);
  });
});

describe.each([[undefined], [''], [null]])('without a secret (%j)', (absent) => {
  test('production is refused, with what to do', () => {
    vi.stubEnv('NODE_ENV', 'production');
    expect(() => parseSecrets(absent as undefined)).toThrow(
      expect.objectContaining({ code: 'NOT_CONFIGURED', message: expect.stringContaining('openssl rand') }),
    );
  });

  test('building a manager is not refused, since next build evaluates the module', () => {
    vi.stubEnv('NODE_ENV', 'production');
    expect(parseSecrets(absent as undefined, { absent: 'allowed' })).toEqual([]);
  });

  test('development gets one that lives as long as the process', () => {
    const [made] = parseSecrets(absent as undefined);
    expect(made).toMatch(/^[\w-]{44}$/);
    expect(parseSecrets(undefined)).toEqual([made]);
  });
});
