import { LRUCache } from 'lru-cache';
import type { Address, StoredSession } from '../core/ports/stored-session.ts';
import { computeIdleExpiry } from '../core/record/expiry.ts';

/** The memory of all sessions that one near cache keeps, in bytes. */
const maxNearBytes = 64 * 2 ** 20;
/** What a session takes beside its texts: its times, its address, and its place in two maps. */
const overheadBytes = 700;

interface NearSession {
  readonly key: string;
  readonly session: StoredSession;
  /** When it ends unless it is used, by the clock of Redis. */
  readonly endsAt: number;
}

/** A read of Redis that is under way. */
export interface PendingRead {
  readonly key: string;
  /** True once its key has changed: the reply may be older than that change. */
  isVoid: boolean;
}

/** The sessions that a process keeps, and the reads that may add to them. Does no I/O. */
export class NearSessions {
  readonly #sessions: LRUCache<string, NearSession>;
  /** The kept sessions of each key, by their hashes. */
  readonly #hashes = new Map<string, Set<string>>();
  readonly #reads = new Map<string, Set<PendingRead>>();

  constructor(maxBytes = maxNearBytes) {
    this.#sessions = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: countBytes,
      dispose: ({ key }, hash) => removeFrom(this.#hashes, key, hash),
      noDisposeOnSet: true,
    });
  }

  /** @param now The time by the clock of Redis. A session that has ended by it is not found: Redis decides. */
  find({ key, hash }: Address, now: number): StoredSession | undefined {
    const found = this.#sessions.get(hash);
    return found?.key === key && now < found.endsAt ? found.session : undefined;
  }

  startRead(key: string): PendingRead {
    const read = { key, isVoid: false };
    addTo(this.#reads, key, read);
    return read;
  }

  /** Keeps what a read found, unless its key has changed since the read started. */
  keep({ key, hash }: Address, read: PendingRead, session: StoredSession): void {
    if (read.isVoid) return;
    this.#sessions.set(hash, { key, session, endsAt: computeIdleExpiry(session) });
    if (this.#sessions.has(hash)) addTo(this.#hashes, key, hash);
  }

  endRead(read: PendingRead): void {
    removeFrom(this.#reads, read.key, read);
  }

  /** Drops the sessions of a key that has changed. */
  forget(key: string): void {
    for (const read of this.#reads.get(key) ?? []) read.isVoid = true;
    for (const hash of this.#hashes.get(key) ?? []) this.#sessions.delete(hash);
  }

  clear(): void {
    for (const reads of this.#reads.values()) for (const read of reads) read.isVoid = true;
    this.#sessions.clear();
  }
}

/** JavaScript keeps a character in one byte or two. */
function countBytes({ session: { body, summary } }: NearSession): number {
  return 2 * (body.length + summary.length) + overheadBytes;
}

function addTo<Value>(sets: Map<string, Set<Value>>, key: string, value: Value): void {
  const existing = sets.get(key);
  if (existing) existing.add(value);
  else sets.set(key, new Set([value]));
}

function removeFrom<Value>(sets: Map<string, Set<Value>>, key: string, value: Value): void {
  const set = sets.get(key);
  if (set?.delete(value) && set.size === 0) sets.delete(key);
}
