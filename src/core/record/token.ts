import { createHash, randomBytes } from 'node:crypto';
import { createOptionError } from '../errors.ts';

/** Whose session it is. The number `1` and the string `'1'` are different subjects. */
export type SessionSubject = string | number | bigint;

/** What can be told from a token's shape alone. It proves nothing: only the store's answer does. */
export interface TokenRoute {
  readonly slot: string;
  /** Absolute deadline, milliseconds since the epoch. */
  readonly expiresAt: number;
}

const slotBytes = 16;
const deadlineBytes = 6;
const secretBytes = 32;
/** 54 bytes are exactly 72 base64url characters: no padding, no spare bits, one spelling per token. */
const tokenPattern = /^[A-Za-z0-9_-]{72}$/;

/**
 * The place of a subject's sessions: the first 128 bits of SHA-256 over the length-prefixed prefix and
 * subject. Unkeyed, so that rotating secrets strands nobody.
 */
export function computeSlot(prefix: string, subject: SessionSubject): string {
  if (!isSubject(subject)) throw createOptionError('subject', 'a non-empty string, finite number or bigint', subject);
  const text = String(subject);
  const preimage = `${prefix.length}:${prefix}${typeof subject}:${text.length}:${text}`;
  // UTF-16, because UTF-8 has one spelling for all lone surrogates: two subjects would share a place.
  return createHash('sha256').update(preimage, 'utf16le').digest().subarray(0, slotBytes).toString('base64url');
}

/** Whatever else a cast lets through, null above all, would put many users in one place. */
function isSubject(subject: unknown): subject is SessionSubject {
  if (typeof subject === 'number') return Number.isFinite(subject);
  return typeof subject === 'bigint' || (typeof subject === 'string' && subject !== '');
}

/** A place of its own, for a session that is nobody's. */
export function createRandomSlot(): string {
  return randomBytes(slotBytes).toString('base64url');
}

/** A new token: routing part, then 256 random bits (ASVS 7.2.3 asks for 128). */
export function createToken({ slot, expiresAt }: TokenRoute): string {
  const token = Buffer.alloc(slotBytes + deadlineBytes + secretBytes);
  token.write(slot, 0, slotBytes, 'base64url');
  token.writeUIntBE(expiresAt, slotBytes, deadlineBytes);
  randomBytes(secretBytes).copy(token, slotBytes + deadlineBytes);
  return token.toString('base64url');
}

/** The routing part of a well-formed token, or null. Costs no cryptography and no I/O. */
export function parseToken(token: unknown): TokenRoute | null {
  if (typeof token !== 'string' || !tokenPattern.test(token)) return null;
  const bytes = Buffer.from(token, 'base64url');
  return {
    slot: bytes.subarray(0, slotBytes).toString('base64url'),
    expiresAt: bytes.readUIntBE(slotBytes, deadlineBytes),
  };
}

/** What the store keeps instead of the token: SHA-256 of the whole, so the routing part cannot be altered. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/** Marks one logical write, so that a repetition of it is recognised. */
export function createNonce(): string {
  return randomBytes(9).toString('base64url');
}

/** The default public id: 128 random bits. */
export function createId(): string {
  return randomBytes(16).toString('base64url');
}

const idPattern = /^[A-Za-z0-9_-]{16,64}$/;

/**
 * The app's own generator of public ids, checked. It is tried when the manager is built, so that one
 * like `randint(1000, 9999)` is refused before anybody signs in.
 */
export function validateIdGenerator(generate: () => string): () => string {
  const checked = (): string => {
    const id: unknown = generate();
    if (typeof id === 'string' && idPattern.test(id)) return id;
    throw createOptionError('id', 'a function that returns 16 to 64 characters of A-Z a-z 0-9 - _', id);
  };
  if (new Set(Array.from({ length: 8 }, checked)).size < 8) {
    throw createOptionError('id', 'a function that never returns the same id twice', generate);
  }
  return checked;
}
