import type { SessionClocks } from '../record/expiry.ts';

/** One session as a store keeps it. `body` is opaque to the store. */
export interface StoredSession extends SessionClocks {
  /** The public id. */
  readonly id: string;
  /** Counts the writes, from 1. */
  readonly revision: number;
  readonly body: string;
}

/** Where one session lives: its subject's key, and the hash of its token within that key. */
export interface Address {
  readonly key: string;
  readonly hash: string;
}

/** How many live sessions a subject may have, and what happens to the one too many. */
export interface SessionLimit {
  readonly max: number;
  /** `'evict'` ends the oldest sessions; `'refuse'` turns the new one away. */
  readonly whenFull: 'evict' | 'refuse';
}

export interface StartCommand extends Address {
  readonly nonce: string;
  readonly id: string;
  readonly body: string;
  readonly idleMs: number;
  /** Until the absolute deadline, counted from the store's own now. */
  readonly lifetimeMs: number;
  readonly limit: SessionLimit;
  /** A session of the same key that this one takes the place of. */
  readonly replaces?: { readonly hash: string; readonly revision?: number };
}

export interface ReplaceCommand extends Address {
  readonly nonce: string;
  /** The revision that the new body was made from. */
  readonly revision: number;
  readonly body: string;
}

export interface RegenerateCommand extends Address {
  readonly nonce: string;
  readonly newHash: string;
  /** Present after re-authentication: the clocks start anew, with this long until the absolute deadline. */
  readonly renewMs?: number;
}

export type StartResult =
  | { readonly status: 'done'; readonly session: StoredSession }
  | { readonly status: 'conflict' | 'full' | 'taken' };
export type ReplaceResult =
  | { readonly status: 'done' | 'conflict'; readonly session: StoredSession }
  | { readonly status: 'not-found' };
export type RegenerateResult =
  | { readonly status: 'done'; readonly session: StoredSession }
  | { readonly status: 'not-found' | 'taken' };
export interface DestroyResult {
  readonly status: 'done' | 'not-found' | 'conflict';
}

/**
 * Where sessions are kept. A store is dumb: it knows keys, hashes, revisions and clocks; all policy lives
 * above it, once.
 *
 * What holds for every method, and is proven case by case by `storeContract` of `trpc-session/testing`:
 * - It is atomic: of calls made at once, each sees all that another did or nothing of it.
 * - A session that is not found, expired or destroyed is an answer, never an error.
 * - It rejects only when the store cannot be reached or failed, and settles within the store's deadline.
 * - Whatever is gone stays gone: only `start` creates.
 * - Repeating a write with the same nonce changes nothing more and answers as the first time, as long as its session is
 *   where that write left it, also when up to 15 other writes to it came between.
 * - Clocks are the store's own, in milliseconds since the epoch; callers hand it durations.
 * - A session is kept until its clocks run out, and nothing longer than its key's longest-lived session.
 * - A body is any text without lone surrogates, and comes back as it was written.
 */
export interface SessionStore {
  /** Names the store in logs and on the demo's page: `'redis'`, `'memory'`. */
  readonly name: string;
  /**
   * The session at this address, or null. It may be one whose clocks have run out: the caller checks.
   * `'unreadable'` where something lies there that this store did not write; `touch`, `replace`, `regenerate`, `list`
   * and the limit take that for no session and leave it alone. Reading changes nothing. Reads from a replica are not
   * allowed: a session that was destroyed is not found by any later read.
   */
  read(at: Address): Promise<StoredSession | 'unreadable' | null>;
  /**
   * Marks a live session as seen now, and forgets the subject's dead ones. Answers false for a session that is gone or past
   * either clock, and forgets that too: touching never revives and never passes the absolute deadline.
   */
  touch(at: Address): Promise<boolean>;
  /**
   * Adds a session at revision 1. Refuses to overwrite: `'taken'`. The one it replaces is removed in the same step;
   * with a revision, `'conflict'` and no change unless the replaced one is still at that revision. It is found as
   * `destroy` finds it. `'full'` when the
   * limit refuses; then nothing is changed. A limit that evicts ends the oldest sessions, as many as there are too
   * many. The limit counts live sessions, never the replaced one.
   */
  start(command: StartCommand): Promise<StartResult>;
  /**
   * Swaps the body if the revision still holds, and counts it up. `'conflict'` brings the session as it is now.
   * Clocks stay as they are. A session past its clocks is `'not-found'`.
   */
  replace(command: ReplaceCommand): Promise<ReplaceResult>;
  /**
   * Moves a live session to a new hash in one step; the old one is dead at once. Body, id and clocks stay, and the
   * revision counts up. With `renewMs` it is authenticated and seen now, and has that long until its absolute deadline.
   * `'taken'`, and no change, where the new hash is in use. A session past its clocks is `'not-found'` and moves nowhere. So is
   * one that was moved by this nonce and has been moved back: a repetition that comes late moves it no second time.
   */
  regenerate(command: RegenerateCommand): Promise<RegenerateResult>;
  /**
   * Removes a session; `'not-found'` when there was none. The hash that a live session had before its last regeneration removes
   * it too: who signs out while a slow request is replacing the token is signed out. With a revision, `'conflict'` and no
   * change unless it still holds. Works when the store is out of memory.
   */
  destroy(at: Address, revision?: number): Promise<DestroyResult>;
  /** The live sessions of one key, oldest first. Never anything of another key. */
  list(key: string): Promise<readonly StoredSession[]>;
  /**
   * Removes the sessions of one key that are named, and says how many live ones that ended. Works like `destroy` when
   * the store is out of memory.
   */
  revoke(key: string, which: Revocation): Promise<number>;
  /** Rejects when the store cannot be used. What has to be tried for that is tried under this key, and leaves nothing. */
  ping(key: string): Promise<void>;
  /** Lets go of connections and timers that the store made itself. Twice is fine. */
  close(): Promise<void>;
}

/** One by its public id, all but one, or all. */
export type Revocation = { readonly id: string } | { readonly except: string } | 'all';
