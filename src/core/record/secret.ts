import { randomBytes } from 'node:crypto';
import { createOptionError, createSecretOptionError, SessionError } from '../errors.ts';

/** One secret or several, newest first. A string may hold several, with commas between. */
export type SecretSource = string | readonly string[] | undefined;

const shortest = 32;
const placeholder = /change.?me|replace.?me|placeholder|your.?secret|complex.?password|at.?least.?32/i;
const developmentSecretKey = Symbol.for('trpc-session.development-secret');

/**
 * The ring of secrets, newest first, checked (ASVS 13.3.1: no default that would work in production). Without
 * one, production is refused and development gets one that lives as long as the process.
 */
export function parseSecrets(
  source: SecretSource,
  { absent = 'refused' }: { absent?: 'refused' | 'allowed' } = {},
): readonly string[] {
  const ring = typeof source === 'string' ? source.split(',').map((secret) => secret.trim()) : source;
  if (ring === undefined || ring === null || source === '') {
    if (absent === 'allowed') return [];
    return [getDevelopmentSecret()];
  }
  if (!Array.isArray(ring) || ring.length === 0)
    throw createSecretOptionError('secret', 'a string or an array of strings', ring);
  ring.forEach((secret: unknown, at) => {
    const flaw = findSecretFlaw(secret);
    if (flaw) throw new SessionError('INVALID_OPTION', { hint: `\`secret[${at}]\` ${flaw}. ${howToMake}` });
  });
  if (new Set(ring).size < ring.length) throw createOptionError('secret', 'a ring without repetitions', ring);
  return ring;
}

const howToMake = 'Make one with `openssl rand -base64 33`.';

/** What makes a secret guessable, without a word of the secret itself: this ends up in logs. */
function findSecretFlaw(secret: unknown): string | null {
  if (typeof secret !== 'string') return `is of type ${typeof secret}, not a string`;
  if (secret.length < shortest) return `has ${secret.length} characters; it needs ${shortest} or more`;
  if (secret !== secret.trim()) return 'has blanks around it';
  if (new Set(secret).size < 8) return 'uses the same few characters over and over';
  return placeholder.test(secret) ? 'is a placeholder from a guide' : null;
}

function getDevelopmentSecret(): string {
  if (process.env.NODE_ENV === 'production') {
    throw new SessionError('NOT_CONFIGURED', {
      hint: 'Set `secret` (SESSION_SECRET): 32 or more random characters, for instance from `openssl rand -base64 33`.',
    });
  }
  // On globalThis, because frameworks evaluate a module more than once and sessions must survive that.
  const shared = globalThis as { [developmentSecretKey]?: string };
  shared[developmentSecretKey] ??= randomBytes(33).toString('base64url');
  return shared[developmentSecretKey];
}
