import type { Revocation, SessionStore, StoredSession } from '../core/ports/store.ts';
import { MemorySessions, type SubjectEntries } from './memory-sessions.ts';

export interface MemoryStoreOptions {
  /** Stores of one name in one process hold the same sessions, so that hot reload keeps them. Default `'default'`. */
  readonly name?: string;
  /** True: allowed in production, where sessions then end with the process and no other process sees them. */
  readonly production?: boolean;
  /** The time, in milliseconds since the epoch. For tests. Default `Date.now`. */
  readonly now?: () => number;
}

const memoryRegistryKey = Symbol.for('trpc-session.memory-stores.v1');

/** Sessions in this process: for development, tests and demos. Keeps every promise that the Redis store keeps. */
export function memoryStore({
  name = 'default',
  production = false,
  now = Date.now,
}: MemoryStoreOptions = {}): SessionStore {
  const shelf = new MemorySessions(getSharedSubjects(name), now, production);
  return {
    name: 'memory',
    read: async (at) => shelf.find(at)?.session ?? null,
    touch: async (at) => shelf.touch(at),
    start: async (command) => shelf.start(command),
    replace: async ({ nonce, revision, body, ...at }) => {
      const entry = shelf.findAlive(at);
      if (!entry) return { status: 'not-found' };
      if (entry.nonces.includes(nonce)) return { status: 'done', session: entry.session };
      if (entry.session.revision !== revision) return { status: 'conflict', session: entry.session };
      return { status: 'done', session: shelf.write(at, entry, { nonce, body }) };
    },
    regenerate: async ({ key, hash, newHash, nonce, renewMs }) => {
      const taken = shelf.find({ key, hash: newHash });
      if (taken) return taken.nonces.includes(nonce) ? { status: 'done', session: taken.session } : { status: 'taken' };
      const entry = shelf.findAlive({ key, hash });
      if (!entry || entry.nonces.includes(nonce)) return { status: 'not-found' };
      const at = now();
      const renewed = renewMs === undefined ? {} : { authenticatedAt: at, lastSeenAt: at, expiresAt: at + renewMs };
      const session = shelf.write({ key, hash: newHash }, { ...entry, previous: hash }, { nonce, ...renewed });
      shelf.remove({ key, hash });
      return { status: 'done', session };
    },
    destroy: async (at, revision) => {
      const held = shelf.findMoved(at);
      if (!held) return { status: 'not-found' };
      if (revision !== undefined && held.entry.session.revision !== revision) return { status: 'conflict' };
      shelf.remove({ key: at.key, hash: held.hash });
      return { status: 'done' };
    },
    list: async (key) => shelf.living(key).map(([, { session }]) => session),
    revoke: async (key, which) => {
      const ended = shelf.living(key).filter(([, { session }]) => isRevoked(session, which));
      for (const [hash] of ended) shelf.remove({ key, hash });
      return ended.length;
    },
    ping: async () => shelf.assertAllowed(),
    close: async () => {},
  };
}

function isRevoked({ id }: StoredSession, which: Revocation): boolean {
  if (which === 'all') return true;
  return 'id' in which ? which.id === id : which.except !== id;
}

/** Under `globalThis`, because frameworks evaluate a module more than once in one process. */
function getSharedSubjects(name: string): Map<string, SubjectEntries> {
  const shared = globalThis as { [memoryRegistryKey]?: Map<string, Map<string, SubjectEntries>> };
  shared[memoryRegistryKey] ??= new Map();
  const subjects = shared[memoryRegistryKey].get(name) ?? new Map<string, SubjectEntries>();
  shared[memoryRegistryKey].set(name, subjects);
  return subjects;
}
