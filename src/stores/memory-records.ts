import { type SessionEnding, SessionError } from '../core/errors.ts';
import { type EndedSession, endingLifetimes, maxEndings } from '../core/ports/session-ending.ts';
import type { KeyPage } from '../core/ports/store.ts';
import type { ScanCommand } from '../core/ports/store-commands.ts';
import type { Address, StoredSession } from '../core/ports/stored-session.ts';
import { isAlive } from '../core/record/expiry.ts';

/** One session in memory. */
export interface MemoryEntry {
  readonly session: StoredSession;
  /** The nonces of the last writes, newest first. */
  readonly nonces: readonly string[];
  /** The hash before the last regeneration. */
  readonly previousHash?: string;
}

/** Why a session ended that had this hash, and until when that is kept. */
interface MemoryEnding extends EndedSession {
  readonly hash: string;
  readonly until: number;
}

/** What is kept under one key: the sessions by their hashes, and why the last ones ended, newest first. */
export interface MemoryKey {
  readonly sessions: Map<string, MemoryEntry>;
  endings: readonly MemoryEnding[];
}

const sweepEveryMs = 60_000;

/** The records of one memory store. */
export class MemoryRecords {
  readonly #keys: Map<string, MemoryKey>;
  readonly now: () => number;
  readonly #production: boolean;
  #sweptAt = 0;
  #isAllowed = false;

  constructor(keys: Map<string, MemoryKey>, now: () => number, production: boolean) {
    this.#keys = keys;
    this.now = now;
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

  find({ key, hash }: Address): MemoryEntry | undefined {
    this.assertAllowed();
    return this.#keys.get(key)?.sessions.get(hash);
  }

  findEnding({ key, hash }: Address): EndedSession | null {
    const found = this.#keys.get(key)?.endings.find((one) => one.hash === hash && one.until > this.now());
    return found ? { ended: found.ended } : null;
  }

  findLive(at: Address): MemoryEntry | undefined {
    const entry = this.find(at);
    return entry && isAlive(entry.session, this.now()) ? entry : undefined;
  }

  /** Finds a session by its hash, or a live one by its hash before its last regeneration. */
  findByAnyHash({ key, hash }: Address): { readonly hash: string; readonly entry: MemoryEntry } | null {
    const entry = this.find({ key, hash });
    if (entry) return { hash, entry };
    const moved = this.listLive(key).find(([, { previousHash }]) => previousHash === hash);
    return moved ? { hash: moved[0], entry: moved[1] } : null;
  }

  /** Lists the live sessions of a key, oldest first, and removes the expired ones. */
  listLive(key: string): [string, MemoryEntry][] {
    this.assertAllowed();
    // The time is read once: with two readings, a session could be in neither list, or be listed and then removed.
    const now = this.now();
    const entries = [...(this.#keys.get(key)?.sessions ?? [])];
    const live = entries.filter(([, { session }]) => isAlive(session, now));
    const expired = entries.filter(([, { session }]) => !isAlive(session, now));
    for (const [hash] of expired) this.remove({ key, hash });
    this.#removeEmptyKey(key);
    return live.sort(([, a], [, b]) => a.session.createdAt - b.session.createdAt);
  }

  /** One page contains all keys. */
  scan({ start }: ScanCommand): KeyPage {
    this.assertAllowed();
    return { keys: [...this.#keys.keys()].filter((key) => key.startsWith(start)), cursor: null };
  }

  removeExpired(at: Address): void {
    const entry = this.find(at);
    if (entry && !isAlive(entry.session, this.now())) this.remove(at);
  }

  put({ key, hash }: Address, entry: MemoryEntry): void {
    const kept = this.#keys.get(key) ?? { sessions: new Map<string, MemoryEntry>(), endings: [] };
    kept.sessions.set(hash, entry);
    this.#keys.set(key, kept);
  }

  /** Removes a session, and keeps the reason unless it has expired. */
  end(at: Address, ended: SessionEnding): void {
    const kept = this.#keys.get(at.key);
    const session = this.findLive(at)?.session;
    if (kept && session) {
      const until = Math.min(this.now() + endingLifetimes[ended], session.expiresAt);
      const others = kept.endings.filter((one) => one.until > this.now());
      kept.endings = [{ hash: at.hash, ended, until }, ...others].slice(0, maxEndings);
    }
    this.remove(at);
  }

  remove({ key, hash }: Address): void {
    this.#keys.get(key)?.sessions.delete(hash);
    this.#removeEmptyKey(key);
  }

  #removeEmptyKey(key: string): void {
    const kept = this.#keys.get(key);
    if (!kept || kept.sessions.size > 0) return;
    if (!kept.endings.some(({ until }) => until > this.now())) this.#keys.delete(key);
  }

  /** Removes the expired sessions of all keys, at most once a minute. Redis does this with a time to live. */
  sweep(): void {
    if (this.now() - this.#sweptAt < sweepEveryMs) return;
    this.#sweptAt = this.now();
    for (const key of this.#keys.keys()) this.listLive(key);
  }
}
