import { SessionError } from '../core/errors.ts';
import { isAlive } from '../core/expiry.ts';
import type { Address, Revocation, SessionStore, StartCommand, StoredSession } from '../core/store.ts';

export interface MemoryStoreOptions {
  /** Stores of one name in one process hold the same sessions, so that hot reload keeps them. Default `'default'`. */
  readonly name?: string;
  /** True: allowed in production, where sessions then end with the process and no other process sees them. */
  readonly production?: boolean;
  /** The time, in milliseconds since the epoch. For tests. Default `Date.now`. */
  readonly now?: () => number;
}

interface Entry {
  readonly session: StoredSession;
  /** Of the last writes, newest first. */
  readonly nonces: readonly string[];
  /** The hash before the last regeneration. */
  readonly previous?: string;
}

/** What a write changes, under its nonce. */
type Write = Partial<StoredSession> & { readonly nonce: string };

type Subject = Map<string, Entry>;

const remembered = 16;
const sweepEveryMs = 60_000;
const registryKey = Symbol.for('trpc-session.memory-stores.v1');

/** Sessions in this process: for development, tests and demos. Keeps every promise that the Redis store keeps. */
export function memoryStore({
  name = 'default',
  production = false,
  now = Date.now,
}: MemoryStoreOptions = {}): SessionStore {
  const shelf = new Shelf(subjectsOf(name), now, production);
  return {
    name: 'memory',
    read: async (at) => shelf.find(at)?.session ?? null,
    touch: async (at) => shelf.touch(at),
    start: async (command) => shelf.start(command),
    replace: async ({ nonce, revision, body, ...at }) => {
      const entry = shelf.findAlive(at);
      if (!entry) return { status: 'gone' };
      if (entry.nonces.includes(nonce)) return { status: 'done', session: entry.session };
      if (entry.session.revision !== revision) return { status: 'conflict', session: entry.session };
      return { status: 'done', session: shelf.write(at, entry, { nonce, body }) };
    },
    regenerate: async ({ key, hash, newHash, nonce, renewMs }) => {
      const taken = shelf.find({ key, hash: newHash });
      if (taken) return taken.nonces.includes(nonce) ? { status: 'done', session: taken.session } : { status: 'taken' };
      const entry = shelf.findAlive({ key, hash });
      if (!entry) return { status: 'gone' };
      const at = now();
      const renewed = renewMs === undefined ? {} : { authenticatedAt: at, lastSeenAt: at, expiresAt: at + renewMs };
      const session = shelf.write({ key, hash: newHash }, { ...entry, previous: hash }, { nonce, ...renewed });
      shelf.remove({ key, hash });
      return { status: 'done', session };
    },
    destroy: async (at, revision) => {
      const held = shelf.findMoved(at);
      if (!held) return false;
      if (revision !== undefined && held.entry.session.revision !== revision) return 'conflict';
      return shelf.remove({ key: at.key, hash: held.hash });
    },
    list: async (key) => shelf.living(key).map(([, { session }]) => session),
    revoke: async (key, which) => {
      const ended = shelf.living(key).filter(([, { session }]) => isMeant(session, which));
      for (const [hash] of ended) shelf.remove({ key, hash });
      return ended.length;
    },
    ping: async () => shelf.assertAllowed(),
    close: async () => {},
  };
}

function isMeant({ id }: StoredSession, which: Revocation): boolean {
  if (which === 'all') return true;
  return 'id' in which ? which.id === id : which.except !== id;
}

/** Under `globalThis`, because frameworks evaluate a module more than once in one process. */
function subjectsOf(name: string): Map<string, Subject> {
  const shared = globalThis as { [registryKey]?: Map<string, Map<string, Subject>> };
  shared[registryKey] ??= new Map();
  const subjects = shared[registryKey].get(name) ?? new Map<string, Subject>();
  shared[registryKey].set(name, subjects);
  return subjects;
}

class Shelf {
  readonly #subjects: Map<string, Subject>;
  readonly #now: () => number;
  readonly #production: boolean;
  #sweptAt = 0;

  constructor(subjects: Map<string, Subject>, now: () => number, production: boolean) {
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

  find({ key, hash }: Address): Entry | undefined {
    this.assertAllowed();
    return this.#subjects.get(key)?.get(hash);
  }

  findAlive(at: Address): Entry | undefined {
    const entry = this.find(at);
    return entry && isAlive(entry.session, this.#now()) ? entry : undefined;
  }

  /** What lies at a hash, or what lay there until its last regeneration. */
  findMoved({ key, hash }: Address): { readonly hash: string; readonly entry: Entry } | null {
    const entry = this.find({ key, hash });
    if (entry) return { hash, entry };
    const moved = this.living(key).find(([, { previous }]) => previous === hash);
    return moved ? { hash: moved[0], entry: moved[1] } : null;
  }

  /** The live ones, oldest first; the dead are dropped. */
  living(key: string): [string, Entry][] {
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
    if (!entry) return false;
    this.#put(at, { ...entry, session: { ...entry.session, lastSeenAt: this.#now() } });
    this.living(at.key);
    return true;
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

  write(at: Address, { session, nonces, ...rest }: Entry, { nonce, ...change }: Write): StoredSession {
    const next = { ...session, ...change, revision: session.revision + 1 };
    this.#put(at, { ...rest, session: next, nonces: [nonce, ...nonces].slice(0, remembered) });
    return next;
  }

  remove({ key, hash }: Address): boolean {
    this.assertAllowed();
    const subject = this.#subjects.get(key);
    const removed = subject?.delete(hash) ?? false;
    if (subject?.size === 0) this.#subjects.delete(key);
    return removed;
  }

  #put({ key, hash }: Address, entry: Entry): void {
    const subject = this.#subjects.get(key) ?? new Map<string, Entry>();
    this.#subjects.set(key, subject.set(hash, entry));
  }

  /** What Redis does by TTL: forgets subjects that nobody asks about any more. */
  #sweep(): void {
    if (this.#now() - this.#sweptAt < sweepEveryMs) return;
    this.#sweptAt = this.#now();
    for (const key of this.#subjects.keys()) this.living(key);
  }
}
