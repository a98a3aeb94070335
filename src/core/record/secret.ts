import { randomBytes } from 'node:crypto';
import { createOptionError, createSecretOptionError, SessionError } from '../errors.ts';

/** One secret, or several with the newest first. A string may hold several, separated by commas. */
export type SecretSource = string | readonly string[] | undefined;

const shortest = 32;
const placeholder = /change.?me|replace.?me|placeholder|your.?secret|complex.?password|at.?least.?32/i;
const developmentSecretKey = Symbol.for('trpc-session.development-secret');

/**
 * Returns the secrets, newest first.
 *
 * @param options.absent `'refused'`: without a secret, production throws and development gets a random one for the life of
 * the process. `'allowed'`: returns an empty list.
 * @throws SessionError `INVALID_OPTION` or `NOT_CONFIGURED`.
 * @see ASVS 13.3.1: no default that would work in production.
 */
export function parseSecrets(
  source: SecretSource,
  { absent = 'refused' }: { absent?: 'refused' | 'allowed' } = {},
): readonly string[] {
  const secrets = typeof source === 'string' ? source.split(',').map((secret) => secret.trim()) : source;
  if (secrets === undefined || secrets === null || source === '') {
    if (absent === 'allowed') return [];
    return [getDevelopmentSecret()];
  }
  if (!Array.isArray(secrets) || secrets.length === 0)
    throw createSecretOptionError('secret', 'a string or an array of strings', secrets);
  secrets.forEach((secret: unknown, at) => {
    const flaw = findSecretFlaw(secret);
    if (flaw) throw new SessionError('INVALID_OPTION', { hint: `\`secret[${at}]\` ${flaw}. ${howToMake}` });
  });
  if (new Set(secrets).size < secrets.length) throw createOptionError('secret', 'a list of different secrets', secrets);
  return secrets;
}

const howToMake = 'Make one with `openssl rand -base64 33`.';

/** Says what makes a secret guessable, without quoting it: the text ends up in logs. */
function findSecretFlaw(secret: unknown): string | null {
  if (typeof secret !== 'string') return `is of type ${typeof secret}, not a string`;
  if (secret.length < shortest) return `has ${secret.length} characters; it needs ${shortest} or more`;
  if (secret !== secret.trim()) return 'has blanks around it';
  if (new Set(secret).size < 8) return 'repeats the same few characters';
  return placeholder.test(secret) ? 'is a placeholder from a guide' : null;
}

function getDevelopmentSecret(): string {
  if (process.env.NODE_ENV === 'production') {
    throw new SessionError('NOT_CONFIGURED', {
      hint: 'Set `secret` (SESSION_SECRET): 32 or more random characters, for instance from `openssl rand -base64 33`.',
    });
  }
  // On globalThis, because a hot reload evaluates this module again and must not sign the developer out.
  const shared = globalThis as { [developmentSecretKey]?: string };
  shared[developmentSecretKey] ??= randomBytes(33).toString('base64url');
  return shared[developmentSecretKey];
}
