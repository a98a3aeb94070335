import { SessionError } from '../core/errors.ts';
import type {
  DestroyResult,
  RegenerateCommand,
  RegenerateResult,
  ReplaceCommand,
  ReplaceResult,
  Revocation,
  StartCommand,
  StartResult,
} from '../core/ports/store.ts';
import type { Address, ListedSession, StoredSession } from '../core/ports/stored-session.ts';
import { isAlive } from '../core/record/expiry.ts';

/** One session in memory. */
export interface MemoryEntry {
  readonly session: StoredSession;
  /** The nonces of the last writes, newest first. */
  readonly nonces: readonly string[];
  /** The hash before the last regeneration. */
  readonly previousHash?: string;
}

/** The sessions of one key, by their hashes. */
export type KeyEntries = Map<string, MemoryEntry>;

const maxNonces = 16;
const sweepEveryMs = 60_000;

/** The sessions of one memory store, and the operations on them. */
export class MemorySessions {
  readonly #keys: Map<string, KeyEntries>;
  readonly #now: () => number;
  readonly #production: boolean;
  #sweptAt = 0;
  #isAllowed = false;

  constructor(keys: Map<string, KeyEntries>, now: () => number, production: boolean) {
    this.#keys = keys;
    this.#now = now;
    this.#production = production;
  }

  /** Not called by the constructor: apps create stores at import, and imports must not read the environment. */
  assertAllowed(): void {
    // Reading the environment takes longer than reading a session.
    if (this.#isAllowed) return;
    this.#isAllowed = this.#production || process.env.NODE_ENV !== 'production';
    if (this.#isAllowed) return;
    throw new SessionError('NOT_CONFIGURED', {
      hint: 'memoryStore() loses all sessions with the process: use redisStore(url), or memoryStore({ production: true }).',
    });
  }

  read(at: Address): StoredSession | null {
    return this.#find(at)?.session ?? null;
  }

  touch(at: Address): boolean {
    const entry = this.#findLive(at);
    if (entry) this.#put(at, { ...entry, session: { ...entry.session, lastSeenAt: this.#now() } });
    else this.#removeExpired(at);
    return entry !== undefined;
  }

  start({ key, hash, nonce, id, summary, body, idleMs, lifetimeMs, limit, replaces }: StartCommand): StartResult {
    const existing = this.#find({ key, hash });
    if (existing) return existing.nonces.includes(nonce) ? toDone(existing) : { status: 'taken' };
    const old = replaces ? this.#findByAnyHash({ key, hash: replaces.hash }) : null;
    if (replaces?.revision !== undefined && old?.entry.session.revision !== replaces.revision)
      return { status: 'conflict' };
    const siblings = this.#listLive(key).filter(([sibling]) => sibling !== old?.hash);
    const surplus = Math.max(0, siblings.length + 1 - limit.max);
    if (surplus > 0 && limit.whenFull === 'refuse') return { status: 'full' };
    const at = this.#now();
    const clocks = { createdAt: at, authenticatedAt: at, lastSeenAt: at, expiresAt: at + lifetimeMs, idleMs };
    const entry = { session: { id, revision: 1, summary, body, ...clocks }, nonces: [nonce] };
    this.#put({ key, hash }, entry);
    if (old) this.#remove({ key, hash: old.hash });
    for (const [evicted] of siblings.slice(0, surplus)) this.#remove({ key, hash: evicted });
    this.#sweep();
    return toDone(entry);
  }

  replace({ key, hash, nonce, revision, body }: ReplaceCommand): ReplaceResult {
    const entry = this.#findLive({ key, hash });
    if (!entry) return { status: 'not-found' };
    if (entry.nonces.includes(nonce)) return toDone(entry);
    if (entry.session.revision !== revision) return { status: 'conflict', session: entry.session };
    const next = addRevision(entry, nonce, { body });
    this.#put({ key, hash }, next);
    return toDone(next);
  }

  regenerate({ key, hash, newHash, nonce, renewMs }: RegenerateCommand): RegenerateResult {
    const existing = this.#find({ key, hash: newHash });
    if (existing) return existing.nonces.includes(nonce) ? toDone(existing) : { status: 'taken' };
    const entry = this.#findLive({ key, hash });
    if (!entry || entry.nonces.includes(nonce)) return { status: 'not-found' };
    const at = this.#now();
    const renewed = renewMs === undefined ? {} : { authenticatedAt: at, lastSeenAt: at, expiresAt: at + renewMs };
    const next = { ...addRevision(entry, nonce, renewed), previousHash: hash };
    this.#put({ key, hash: newHash }, next);
    this.#remove({ key, hash });
    return toDone(next);
  }

  destroy(at: Address, revision?: number): DestroyResult {
    const found = this.#findByAnyHash(at);
    if (!found) return { status: 'not-found' };
    if (revision !== undefined && found.entry.session.revision !== revision) return { status: 'conflict' };
    this.#remove({ key: at.key, hash: found.hash });
    return { status: 'done' };
  }

  list(key: string): ListedSession[] {
    return this.#listLive(key).map(([hash, { session }]) => toListed(hash, session));
  }

  revoke(key: string, which: Revocation): number {
    const revoked = this.#listLive(key).filter(([, { session }]) => isRevoked(session, which));
    for (const [hash] of revoked) this.#remove({ key, hash });
    return revoked.length;
  }

  #find({ key, hash }: Address): MemoryEntry | undefined {
    this.assertAllowed();
    return this.#keys.get(key)?.get(hash);
  }

  #findLive(at: Address): MemoryEntry | undefined {
    const entry = this.#find(at);
    return entry && isAlive(entry.session, this.#now()) ? entry : undefined;
  }

  /** Finds a session by its hash, or a live one by its hash before its last regeneration. */
  #findByAnyHash({ key, hash }: Address): { readonly hash: string; readonly entry: MemoryEntry } | null {
    const entry = this.#find({ key, hash });
    if (entry) return { hash, entry };
    const moved = this.#listLive(key).find(([, { previousHash }]) => previousHash === hash);
    return moved ? { hash: moved[0], entry: moved[1] } : null;
  }

  /** Lists the live sessions of a key, oldest first, and removes the expired ones. */
  #listLive(key: string): [string, MemoryEntry][] {
    this.assertAllowed();
    // The time is read once: with two readings, a session could be in neither list, or be listed and then removed.
    const now = this.#now();
    const entries = [...(this.#keys.get(key) ?? [])];
    const live = entries.filter(([, { session }]) => isAlive(session, now));
    const expired = entries.filter(([, { session }]) => !isAlive(session, now));
    for (const [hash] of expired) this.#remove({ key, hash });
    return live.sort(([, a], [, b]) => a.session.createdAt - b.session.createdAt);
  }

  #removeExpired(at: Address): void {
    const entry = this.#find(at);
    if (entry && !isAlive(entry.session, this.#now())) this.#remove(at);
  }

  #put({ key, hash }: Address, entry: MemoryEntry): void {
    const entries = this.#keys.get(key) ?? new Map<string, MemoryEntry>();
    this.#keys.set(key, entries.set(hash, entry));
  }

  #remove({ key, hash }: Address): void {
    const entries = this.#keys.get(key);
    entries?.delete(hash);
    if (entries?.size === 0) this.#keys.delete(key);
  }

  /** Removes the expired sessions of all keys, at most once a minute. Redis does this with a time to live. */
  #sweep(): void {
    if (this.#now() - this.#sweptAt < sweepEveryMs) return;
    this.#sweptAt = this.#now();
    for (const key of this.#keys.keys()) this.#listLive(key);
  }
}

function toDone({ session }: MemoryEntry): { readonly status: 'done'; readonly session: StoredSession } {
  return { status: 'done', session };
}

function toListed(hash: string, { body: _, ...header }: StoredSession): ListedSession {
  return { hash, ...header };
}

function addRevision(entry: MemoryEntry, nonce: string, change: Partial<StoredSession>): MemoryEntry {
  const session = { ...entry.session, ...change, revision: entry.session.revision + 1 };
  return { ...entry, session, nonces: [nonce, ...entry.nonces].slice(0, maxNonces) };
}

function isRevoked({ id }: StoredSession, which: Revocation): boolean {
  if (which === 'all') return true;
  return 'id' in which ? which.id === id : which.except !== id;
}
