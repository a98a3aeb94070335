import { SessionError } from '../core/errors.ts';
import type { Address, SessionStore, StartCommand, StoredSession } from '../core/ports/store.ts';
import { isAlive } from '../core/record/expiry.ts';

export interface MemoryEntry {
  readonly session: StoredSession;
  /** Of the last writes, newest first. */
  readonly nonces: readonly string[];
  /** The hash before the last regeneration. */
  readonly previous?: string;
}

/** What a write changes, under its nonce. */
type MemoryWrite = Partial<StoredSession> & { readonly nonce: string };

export type SubjectEntries = Map<string, MemoryEntry>;

const rememberedNonces = 16;
const sweepEveryMs = 60_000;

/** The sessions of one memory store, and what each operation does to them. */
export class MemorySessions {
  readonly #subjects: Map<string, SubjectEntries>;
  readonly #now: () => number;
  readonly #production: boolean;
  #sweptAt = 0;

  constructor(subjects: Map<string, SubjectEntries>, now: () => number, production: boolean) {
    this.#subjects = subjects;
    this.#now = now;
    this.#production = production;
  }

  assertAllowed(): void {
    if (this.#production || process.env.NODE_ENV !== 'production') return;
    throw new SessionError('NOT_CONFIGURED', {
      hint: 'memoryStore() forgets everybody with the process: use redisStore(url), or memoryStore({ production: true }).',
    });
  }

  find({ key, hash }: Address): MemoryEntry | undefined {
    this.assertAllowed();
    return this.#subjects.get(key)?.get(hash);
  }

  findAlive(at: Address): MemoryEntry | undefined {
    const entry = this.find(at);
    return entry && isAlive(entry.session, this.#now()) ? entry : undefined;
  }

  /** What lies at a hash, or what lay there until its last regeneration. */
  findMoved({ key, hash }: Address): { readonly hash: string; readonly entry: MemoryEntry } | null {
    const entry = this.find({ key, hash });
    if (entry) return { hash, entry };
    const moved = this.living(key).find(([, { previous }]) => previous === hash);
    return moved ? { hash: moved[0], entry: moved[1] } : null;
  }

  /** The live ones, oldest first; the dead are dropped. */
  living(key: string): [string, MemoryEntry][] {
    this.assertAllowed();
    // One look at the clock: at two, a session could be listed at the first and dropped at the second.
    const now = this.#now();
    const entries = [...(this.#subjects.get(key) ?? [])];
    const alive = entries.filter(([, { session }]) => isAlive(session, now));
    const dead = entries.filter(([, { session }]) => !isAlive(session, now));
    for (const [hash] of dead) this.remove({ key, hash });
    return alive.sort(([, a], [, b]) => a.session.createdAt - b.session.createdAt);
  }

  touch(at: Address): boolean {
    const entry = this.findAlive(at);
    if (entry) this.#put(at, { ...entry, session: { ...entry.session, lastSeenAt: this.#now() } });
    this.living(at.key);
    return entry !== undefined;
  }

  start({
    key,
    hash,
    nonce,
    id,
    body,
    idleMs,
    lifetimeMs,
    limit,
    replaces,
  }: StartCommand): Awaited<ReturnType<SessionStore['start']>> {
    const taken = this.find({ key, hash });
    if (taken) return taken.nonces.includes(nonce) ? { status: 'done', session: taken.session } : { status: 'taken' };
    const old = replaces ? this.findMoved({ key, hash: replaces.hash }) : null;
    if (replaces?.revision !== undefined && old?.entry.session.revision !== replaces.revision)
      return { status: 'conflict' };
    const siblings = this.living(key).filter(([sibling]) => sibling !== old?.hash);
    const surplus = siblings.length + 1 - limit.max;
    if (surplus > 0 && limit.whenFull === 'refuse') return { status: 'full' };
    const at = this.#now();
    const clocks = { createdAt: at, authenticatedAt: at, lastSeenAt: at, expiresAt: at + lifetimeMs, idleMs };
    const session = { id, revision: 1, body, ...clocks };
    this.#put({ key, hash }, { session, nonces: [nonce] });
    if (old) this.remove({ key, hash: old.hash });
    for (const [evicted] of siblings.slice(0, Math.max(0, surplus))) this.remove({ key, hash: evicted });
    this.#sweep();
    return { status: 'done', session };
  }

  write(at: Address, { session, nonces, ...rest }: MemoryEntry, { nonce, ...change }: MemoryWrite): StoredSession {
    const next = { ...session, ...change, revision: session.revision + 1 };
    this.#put(at, { ...rest, session: next, nonces: [nonce, ...nonces].slice(0, rememberedNonces) });
    return next;
  }

  remove({ key, hash }: Address): boolean {
    this.assertAllowed();
    const subject = this.#subjects.get(key);
    const removed = subject?.delete(hash) ?? false;
    if (subject?.size === 0) this.#subjects.delete(key);
    return removed;
  }

  #put({ key, hash }: Address, entry: MemoryEntry): void {
    const subject = this.#subjects.get(key) ?? new Map<string, MemoryEntry>();
    this.#subjects.set(key, subject.set(hash, entry));
  }

  /** What Redis does by TTL: forgets subjects that nobody asks about any more. */
  #sweep(): void {
    if (this.#now() - this.#sweptAt < sweepEveryMs) return;
    this.#sweptAt = this.#now();
    for (const key of this.#subjects.keys()) this.living(key);
  }
}
