import type { DestroyReason } from './session-ending.ts';
import type { RegenerateCommand, ReplaceCommand, ScanCommand, StartCommand } from './store-commands.ts';
import type { ReadOptions, ReadResult } from './store-read.ts';
import type { Address, ListedSession, StoredSession } from './stored-session.ts';

/** Result of `SessionStore.start`. */
export type StartResult =
  | { readonly status: 'done'; readonly session: StoredSession }
  | { readonly status: 'conflict' | 'full' | 'taken' };

/** Result of `SessionStore.replace`. `session` is the current one, whether or not the write was done. */
export type ReplaceResult =
  | { readonly status: 'done' | 'conflict'; readonly session: StoredSession }
  | { readonly status: 'not-found' };

/** Result of `SessionStore.regenerate`. */
export type RegenerateResult =
  | { readonly status: 'done'; readonly session: StoredSession }
  | { readonly status: 'not-found' | 'taken' };

/** Result of `SessionStore.destroy`. */
export type DestroyResult = { readonly status: 'done' | 'not-found' | 'conflict' };

/** Result of `SessionStore.scan`. */
export interface KeyPage {
  readonly keys: readonly string[];
  /** Where the next page begins. Null if this page is the last one. */
  readonly cursor: string | null;
}

/** Which sessions of a key to revoke: one by its public id, all except one, or all. */
export type Revocation = { readonly id: string } | { readonly except: string } | 'all';

/**
 * Where sessions are kept. A store handles keys, hashes, revisions and clocks; the core decides what they mean.
 *
 * Each sentence with an id is a promise with a case in `storeContract`. These hold for every method:
 * - [all-1] Every call is atomic: a call that runs at the same time sees all of its changes or none.
 * - [all-2] If a session was never there, has expired or was destroyed, the call still resolves.
 * - [all-3] A call rejects only if the store cannot be reached or fails, and it settles within the store's deadline.
 * - [all-4] If a session has ended or never existed, no method except `start` creates it.
 * - [all-5] If a write is repeated with the same nonce and its session is still where that write left it, nothing
 *   changes and the status is the same as before.
 * - [all-6] A repeated write is recognized after up to 15 other writes to the same session.
 * - [all-7] Times are milliseconds since the epoch on the store's own clock, and commands contain durations only.
 * - [all-8] A session is kept until it expires.
 * - [all-9] Nothing is kept under a key for longer than the longest-lived session that it has held, and after its last
 *   session was removed, nothing but reasons.
 * - [all-10] After a revocation or an eviction, nothing is kept for longer than the remaining sessions and reasons.
 * - [all-11] A body or summary is any text without lone surrogates, and is returned exactly as it was written.
 */
export interface SessionStore {
  /**
   * A name for logs and status pages, such as `'redis'` or `'memory'`.
   * - [name-1] The name is not empty.
   */
  readonly name: string;

  /**
   * Reads the session at an address.
   * - [read-1] If the session is found, resolves to it; otherwise to the reason why it ended, or to null.
   * - [read-2] If the session has expired, resolves to the session or to null, so the caller checks the clocks.
   * - [read-3] If the stored text was not written by this store, resolves to `'unreadable'`.
   * - [read-4] If a text is unreadable, `touch`, `replace`, `regenerate`, `list` and the limit ignore it and keep it.
   * - [read-5] Reading changes nothing and does not count as use.
   * - [read-6] Once a write has resolved, every later read of this process sees its change.
   * - [read-7] With `fresh`, a read sees every write that has resolved in any process, so it must not use replicas.
   * - [read-8] If another call has ended the session, resolves to `{ ended }` with the reason: of `destroy` the given one, of
   *   `revoke` `'revoked'`, and of `start` `'evicted'` by the limit and `'replaced'` by `replaces`.
   * - [read-9] A reason is kept for 36 hours after `'revoked'` and `'evicted'` and for an hour after the others, but not
   *   past the absolute deadline of the session; after that, resolves to the reason or to null.
   * - [read-10] The last 16 reasons of a key are kept, and no others.
   */
  read(at: Address, options?: ReadOptions): Promise<ReadResult>;

  /**
   * How long a read without `fresh` may miss a write of another process, in milliseconds; absent if it misses none.
   * - [maxStaleMs-1] Once this time has passed since a write resolved, every read of every process sees its change.
   */
  readonly maxStaleMs?: number;

  /**
   * Records that a session was used.
   * - [touch-1] If the session is live, sets `lastSeenAt` to now, changes nothing else and resolves to true.
   * - [touch-2] If the session is not found or has expired, removes what is left of it and resolves to false.
   * - [touch-3] A touch never extends a session past its absolute deadline.
   */
  touch(at: Address): Promise<boolean>;

  /**
   * Adds a session.
   * - [start-1] If nothing below prevents it, adds the session at revision 1 and resolves to `'done'` with the session.
   * - [start-2] If the hash is in use, or was and its reason is kept, changes nothing and resolves to `'taken'`.
   * - [start-3] If `replaces` is given, removes that session in the same step, if it exists.
   * - [start-4] If `replaces.revision` is given and does not match, changes nothing and resolves to `'conflict'`.
   * - [start-5] If a live session had `replaces.hash` before its last regeneration, that session is the one replaced.
   * - [start-6] If the limit refuses the session, changes nothing and resolves to `'full'`.
   * - [start-7] If the limit evicts, removes the sessions with the oldest `createdAt` until the limit is met.
   * - [start-8] The limit counts the live sessions of the key, except the one that is replaced.
   */
  start(command: StartCommand): Promise<StartResult>;

  /**
   * Replaces the body of a session.
   * - [replace-1] If the session is at that revision, stores the body, adds 1 to the revision and resolves to `'done'`.
   * - [replace-2] If the session is at another revision, changes nothing and resolves to `'conflict'` with the session.
   * - [replace-3] The clocks stay as they are: a replace does not count as use.
   * - [replace-4] If the session is not found or has expired, resolves to `'not-found'`.
   */
  replace(command: ReplaceCommand): Promise<ReplaceResult>;

  /**
   * Moves a session to a new hash.
   * - [regenerate-1] If the session is live, moves it in one step, and the old hash no longer opens it.
   * - [regenerate-2] The body, the id and the clocks stay, and the revision grows by 1.
   * - [regenerate-3] With `renewMs`, sets `authenticatedAt` and `lastSeenAt` to now and `expiresAt` to `renewMs` later.
   * - [regenerate-4] If the new hash is in use, or was and its reason is kept, changes nothing and resolves to `'taken'`.
   * - [regenerate-5] If the session is not found or has expired, moves nothing and resolves to `'not-found'`.
   * - [regenerate-6] If a move was undone, repeating it with its nonce moves nothing and resolves to `'not-found'`.
   */
  regenerate(command: RegenerateCommand): Promise<RegenerateResult>;

  /**
   * Removes a session.
   * - [destroy-1] If the session is found, removes it and no other, and resolves to `'done'`.
   * - [destroy-2] If the session is not found, resolves to `'not-found'`.
   * - [destroy-3] If a live session had this hash before its last regeneration, removes that session, so that a slow
   *   regeneration cannot undo a sign-out.
   * - [destroy-4] If a revision is given and the session has another, changes nothing and resolves to `'conflict'`.
   * - [destroy-5] If the store is out of memory, a destroy still works, and the reason may be missing.
   * - [destroy-6] Without a reason, the reason is `'signed-out'`.
   */
  destroy(at: Address, revision?: number, ended?: DestroyReason): Promise<DestroyResult>;

  /**
   * Lists the sessions of a key.
   * - [list-1] Resolves to every live session of the key, the oldest `createdAt` first.
   * - [list-2] The list never contains a session of another key.
   * - [list-3] Each entry has the hash at which `read` finds the session.
   */
  list(key: string): Promise<readonly ListedSession[]>;

  /**
   * Removes several sessions of a key.
   * - [revoke-1] Removes the sessions that match, and resolves to how many of them were live.
   * - [revoke-2] If a session belongs to another key, it stays.
   * - [revoke-3] If the store is out of memory, a revocation still works, and the reasons may be missing.
   */
  revoke(key: string, which: Revocation): Promise<number>;

  /**
   * Returns one page of the keys that start with a text.
   * - [scan-1] All pages together contain every such key that has had a live session from the first page to the last.
   * - [scan-2] No page contains a key that starts differently.
   * - [scan-3] The last page has no cursor, and it comes after a limited number of pages.
   * - [scan-4] A key may be in several pages, and may have no live session.
   */
  scan(command: ScanCommand): Promise<KeyPage>;

  /**
   * Checks that the store can do everything sessions need.
   * - [ping-1] If the store can be used, resolves; otherwise rejects.
   * - [ping-2] The check writes under the given key only, and leaves nothing there.
   */
  ping(key: string): Promise<void>;

  /**
   * Calls a listener when a key changes, until the returned function is called; absent if the store learns of no changes.
   * - [watch-1] After a write changed a session of the key, in any process, the listener is called within moments.
   * - [watch-2] If the watch has ended, or the key is another one, the listener is not called.
   */
  watch?(key: string, listener: () => void): () => void;

  /**
   * Closes the connections and timers that the store opened itself.
   * - [close-1] If the store has been used, resolves once they are closed.
   * - [close-2] Closing is idempotent, and works without any earlier call.
   */
  close(): Promise<void>;
}
