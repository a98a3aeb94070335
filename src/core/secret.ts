import { randomBytes } from 'node:crypto';
import { invalidOption, SessionError } from './errors.ts';

/** One secret or several, newest first. A string may hold several, with commas between. */
export type SecretSource = string | readonly string[] | undefined;

const shortest = 32;
const placeholder = /change.?me|replace.?me|placeholder|your.?secret|complex.?password|at.?least.?32/i;
const madeUpKey = Symbol.for('trpc-session.development-secret');

/**
 * The ring of secrets, newest first, checked (ASVS 13.3.1: no default that would work in production). Without
 * one, production is refused and development gets one that lives as long as the process.
 */
export function secretRing(
  source: SecretSource,
  { absent = 'refused' }: { absent?: 'refused' | 'allowed' } = {},
): readonly string[] {
  const ring = typeof source === 'string' ? source.split(',').map((secret) => secret.trim()) : source;
  if (ring === undefined || ring === null || source === '') {
    if (absent === 'allowed') return [];
    return [madeUpSecret()];
  }
  if (!Array.isArray(ring) || ring.length === 0) throw invalidOption('secret', 'a string or an array of strings', ring);
  ring.forEach((secret: unknown, at) => {
    if (!isStrong(secret))
      throw invalidOption(
        `secret[${at}]`,
        `${shortest} or more random characters, as from \`openssl rand -base64 33\``,
        secret,
      );
  });
  if (new Set(ring).size < ring.length) throw invalidOption('secret', 'a ring without repetitions', ring);
  return ring;
}

/** Long enough without padding, not one character over and over, and not what a guide shows. */
function isStrong(secret: unknown): secret is string {
  if (typeof secret !== 'string' || secret.length < shortest || secret !== secret.trim()) return false;
  return new Set(secret).size >= 8 && !placeholder.test(secret);
}

function madeUpSecret(): string {
  if (process.env.NODE_ENV === 'production') {
    throw new SessionError('NOT_CONFIGURED', {
      hint: 'Set `secret` (SESSION_SECRET): 32 or more random characters, for instance from `openssl rand -base64 33`.',
    });
  }
  // On globalThis, because frameworks evaluate a module more than once and sessions must survive that.
  const shared = globalThis as { [madeUpKey]?: string };
  shared[madeUpKey] ??= randomBytes(33).toString('base64url');
  return shared[madeUpKey];
}
