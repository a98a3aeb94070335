import type { SessionClocks } from '../record/expiry.ts';

/** Where one session is stored. */
export interface Address {
  /** Shared by all sessions of one user: a store changes everything under one key atomically. */
  readonly key: string;
  /** The hash of the session's token. Unique within the key. */
  readonly hash: string;
}

/**
 * What a store keeps beside the body of a session. It is live until it has not been used for `idleMs` or `expiresAt` has
 * passed, whichever comes first; after that it has expired.
 */
export interface SessionHeader extends SessionClocks {
  /** The public id. It stays the same when the token changes. */
  readonly id: string;
  /** Counts the writes, starting at 1. */
  readonly revision: number;
  /** A short text for lists of sessions, which do not load the bodies. A store does not interpret it. */
  readonly summary: string;
}

/** One entry of what a store lists. */
export interface ListedSession extends SessionHeader {
  /** The hash of the session's token at present. */
  readonly hash: string;
}

/** One session as a store keeps it. */
export interface StoredSession extends SessionHeader {
  /** The encoded record. A store does not interpret it. */
  readonly body: string;
}

/** How many live sessions one key may hold. */
export interface SessionLimit {
  readonly max: number;
  /** What happens at the limit: `'evict'` ends the oldest sessions, `'refuse'` rejects the new one. */
  readonly whenFull: 'evict' | 'refuse';
}
