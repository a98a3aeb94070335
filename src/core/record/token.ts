import { createHash, hash, randomBytes } from 'node:crypto';
import { createOptionError } from '../errors.ts';

/** The id of the user that a session belongs to. The number `1` and the string `'1'` are different subjects. */
export type SessionSubject = string | number | bigint;

/** The readable part of a token. It proves nothing: only the store can tell whether the token is valid. */
export interface TokenRoute {
  readonly slot: string;
  /** The absolute deadline, in milliseconds since the epoch. */
  readonly expiresAt: number;
}

const slotBytes = 16;
const deadlineBytes = 6;
const secretBytes = 32;
const hashLength = 22;
/** 54 bytes are exactly 72 base64url characters, without padding or spare bits, so every token has one spelling. */
const tokenPattern = /^[A-Za-z0-9_-]{72}$/;

/**
 * Returns where a subject's sessions are stored: the first 128 bits of SHA-256 over the length-prefixed prefix and
 * subject. It is not keyed with a secret, so that a rotation of secrets loses no session.
 */
export function computeSlot(prefix: string, subject: SessionSubject): string {
  if (!isSubject(subject)) throw createOptionError('subject', 'a non-empty string, finite number or bigint', subject);
  const text = String(subject);
  const preimage = `${prefix.length}:${prefix}${typeof subject}:${text.length}:${text}`;
  // UTF-16, because UTF-8 encodes all lone surrogates alike: two subjects would share a slot.
  return createHash('sha256').update(preimage, 'utf16le').digest().subarray(0, slotBytes).toString('base64url');
}

/** Other values that a cast lets through, such as null, would put many users into one slot. */
function isSubject(subject: unknown): subject is SessionSubject {
  if (typeof subject === 'number') return Number.isFinite(subject);
  return typeof subject === 'bigint' || (typeof subject === 'string' && subject !== '');
}

/** Returns a slot for a session without a subject. */
export function createRandomSlot(): string {
  return randomBytes(slotBytes).toString('base64url');
}

/**
 * Creates a token: the readable part, then 256 random bits.
 *
 * @see ASVS 7.2.3, which requires 128 bits.
 */
export function createToken({ slot, expiresAt }: TokenRoute): string {
  const token = Buffer.alloc(slotBytes + deadlineBytes + secretBytes);
  token.write(slot, 0, slotBytes, 'base64url');
  token.writeUIntBE(expiresAt, slotBytes, deadlineBytes);
  randomBytes(secretBytes).copy(token, slotBytes + deadlineBytes);
  return token.toString('base64url');
}

/** Returns the readable part of a token, or null if it is malformed. Does no cryptography and no I/O. */
export function parseToken(token: unknown): TokenRoute | null {
  if (typeof token !== 'string' || !tokenPattern.test(token)) return null;
  const bytes = Buffer.from(token, 'base64url');
  return {
    slot: bytes.subarray(0, slotBytes).toString('base64url'),
    expiresAt: bytes.readUIntBE(slotBytes, deadlineBytes),
  };
}

/**
 * Returns what the store keeps instead of the token: the first 132 bits of SHA-256 over all parts, so that none can be
 * altered. Shorter hashes save a tenth of the memory of a session in Redis.
 *
 * @see ASVS 7.2.3, which requires 128 bits.
 */
export function hashToken(token: string): string {
  return hash('sha256', token, 'base64url').slice(0, hashLength);
}

/** Creates the id of one write, by which the store recognises its repetition. */
export function createNonce(): string {
  return randomBytes(9).toString('base64url');
}

/** Creates a public id of 128 random bits. */
export function createId(): string {
  return randomBytes(16).toString('base64url');
}

const idPattern = /^[A-Za-z0-9_-]{16,64}$/;

/**
 * Checks the ids of an app's own generator. Eight are generated at once, so that a generator with few different ids is
 * refused at start-up and not at a sign-in.
 *
 * @throws SessionError `INVALID_OPTION`.
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
