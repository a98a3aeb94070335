import type { DestroyReason, EndedSession } from '../core/ports/session-ending.ts';
import type { DestroyResult, RegenerateResult, ReplaceResult, Revocation, StartResult } from '../core/ports/store.ts';
import type { RegenerateCommand, ReplaceCommand, StartCommand } from '../core/ports/store-commands.ts';
import type { Address, ListedSession, StoredSession } from '../core/ports/stored-session.ts';
import type { MemoryEntry, MemoryRecords } from './memory-records.ts';

const maxNonces = 16;

/** The operations of one memory store. */
export class MemorySessions {
  readonly #records: MemoryRecords;

  constructor(records: MemoryRecords) {
    this.#records = records;
  }

  read(at: Address): StoredSession | EndedSession | null {
    return this.#records.find(at)?.session ?? this.#records.findEnding(at);
  }

  touch(at: Address): boolean {
    const entry = this.#records.findLive(at);
    if (entry) this.#records.put(at, { ...entry, session: { ...entry.session, lastSeenAt: this.#records.now() } });
    else this.#records.removeExpired(at);
    return entry !== undefined;
  }

  start({ key, hash, nonce, id, summary, body, idleMs, lifetimeMs, limit, replaces }: StartCommand): StartResult {
    const existing = this.#records.find({ key, hash });
    if (existing?.nonces.includes(nonce)) return toDone(existing);
    if (existing || this.#records.findEnding({ key, hash })) return { status: 'taken' };
    const old = replaces ? this.#records.findByAnyHash({ key, hash: replaces.hash }) : null;
    if (replaces?.revision !== undefined && old?.entry.session.revision !== replaces.revision)
      return { status: 'conflict' };
    const siblings = this.#records.listLive(key).filter(([sibling]) => sibling !== old?.hash);
    const surplus = Math.max(0, siblings.length + 1 - limit.max);
    if (surplus > 0 && limit.whenFull === 'refuse') return { status: 'full' };
    const at = this.#records.now();
    const clocks = { createdAt: at, authenticatedAt: at, lastSeenAt: at, expiresAt: at + lifetimeMs, idleMs };
    const entry = { session: { id, revision: 1, summary, body, ...clocks }, nonces: [nonce] };
    this.#records.put({ key, hash }, entry);
    if (old) this.#records.end({ key, hash: old.hash }, 'replaced');
    for (const [evicted] of siblings.slice(0, surplus)) this.#records.end({ key, hash: evicted }, 'evicted');
    this.#records.sweep();
    return toDone(entry);
  }

  replace({ key, hash, nonce, revision, body }: ReplaceCommand): ReplaceResult {
    const entry = this.#records.findLive({ key, hash });
    if (!entry) return { status: 'not-found' };
    if (entry.nonces.includes(nonce)) return toDone(entry);
    if (entry.session.revision !== revision) return { status: 'conflict', session: entry.session };
    const next = addRevision(entry, nonce, { body });
    this.#records.put({ key, hash }, next);
    return toDone(next);
  }

  regenerate({ key, hash, newHash, nonce, renewMs }: RegenerateCommand): RegenerateResult {
    const existing = this.#records.find({ key, hash: newHash });
    if (existing?.nonces.includes(nonce)) return toDone(existing);
    if (existing || this.#records.findEnding({ key, hash: newHash })) return { status: 'taken' };
    const entry = this.#records.findLive({ key, hash });
    if (!entry || entry.nonces.includes(nonce)) return { status: 'not-found' };
    const at = this.#records.now();
    const renewed = renewMs === undefined ? {} : { authenticatedAt: at, lastSeenAt: at, expiresAt: at + renewMs };
    const next = { ...addRevision(entry, nonce, renewed), previousHash: hash };
    this.#records.put({ key, hash: newHash }, next);
    this.#records.remove({ key, hash });
    return toDone(next);
  }

  destroy(at: Address, revision?: number, ended: DestroyReason = 'signed-out'): DestroyResult {
    const found = this.#records.findByAnyHash(at);
    if (!found) return { status: 'not-found' };
    if (revision !== undefined && found.entry.session.revision !== revision) return { status: 'conflict' };
    this.#records.end({ key: at.key, hash: found.hash }, ended);
    return { status: 'done' };
  }

  list(key: string): ListedSession[] {
    return this.#records.listLive(key).map(([hash, { session }]) => toListed(hash, session));
  }

  revoke(key: string, which: Revocation): number {
    const revoked = this.#records.listLive(key).filter(([, { session }]) => isRevoked(session, which));
    for (const [hash] of revoked) this.#records.end({ key, hash }, 'revoked');
    return revoked.length;
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
