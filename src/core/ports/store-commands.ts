import type { Address, SessionLimit } from './stored-session.ts';

/** Input of `SessionStore.start`. */
export interface StartCommand extends Address {
  /** Identifies this write if it is repeated. */
  readonly nonce: string;
  readonly id: string;
  readonly summary: string;
  readonly body: string;
  /** Idle timeout, in milliseconds. */
  readonly idleMs: number;
  /** Time from now to the absolute deadline, in milliseconds. */
  readonly lifetimeMs: number;
  readonly limit: SessionLimit;
  /** A session of the same key that the new one replaces. */
  readonly replaces?: { readonly hash: string; readonly revision?: number };
}

/** Input of `SessionStore.replace`. */
export interface ReplaceCommand extends Address {
  /** Identifies this write if it is repeated. */
  readonly nonce: string;
  /** The revision that the new body was made from. */
  readonly revision: number;
  readonly body: string;
}

/** Input of `SessionStore.regenerate`. */
export interface RegenerateCommand extends Address {
  /** Identifies this write if it is repeated. */
  readonly nonce: string;
  readonly newHash: string;
  /** Given after re-authentication: time to the new absolute deadline, in milliseconds. */
  readonly renewMs?: number;
}

/** Input of `SessionStore.scan`. */
export interface ScanCommand {
  /** What the keys start with. */
  readonly start: string;
  /** The cursor of the page before, or null for the first page. */
  readonly cursor: string | null;
}
