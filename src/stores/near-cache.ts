import { SessionError } from '../core/errors.ts';
import type { SessionStore } from '../core/ports/store.ts';
import { isStoredSession, type ReadOptions, type ReadResult } from '../core/ports/store-read.ts';
import type { Address, StoredSession } from '../core/ports/stored-session.ts';
import { KeyListeners } from './key-listeners.ts';
import { NearSessions } from './near-sessions.ts';
import type { RedisAdapter } from './redis-adapter.ts';
import { leaseMs } from './redis-lease.ts';
import { RedisTracking } from './redis-tracking.ts';

/** The sessions of one app that a process keeps, and the connection that says when they change. */
class NearCache {
  readonly #sessions = new NearSessions();
  readonly #listeners = new KeyListeners();
  readonly #tracking: RedisTracking;

  constructor(adapter: RedisAdapter, prefix: string) {
    this.#tracking = new RedisTracking({
      adapter,
      prefix,
      onChange: (key) => {
        this.#sessions.forget(key);
        this.#listeners.notify(key);
      },
      onReset: () => this.#sessions.clear(),
    });
  }

  /** Returns the kept session if it is known to be current. Otherwise reads it, and keeps what was found. */
  read(at: Address, { fresh = false }: ReadOptions, load: () => Promise<ReadResult>): Promise<ReadResult> {
    this.#tracking.use();
    const known = fresh || !this.#tracking.isCurrent() ? undefined : this.#find(at);
    return known ? Promise.resolve(known) : this.#load(at, load);
  }

  async #load(at: Address, load: () => Promise<ReadResult>): Promise<ReadResult> {
    const read = this.#sessions.startRead(at.key);
    try {
      const found = await load();
      if (this.#tracking.isOpen && isStoredSession(found)) this.#sessions.keep(at, read, found);
      return found;
    } finally {
      this.#sessions.endRead(read);
    }
  }

  /** Runs a write. Reads that start after it has settled do not find what was kept before. */
  async write<Result>(key: string, run: () => Promise<Result>): Promise<Result> {
    this.#sessions.forget(key);
    try {
      return await run();
    } finally {
      this.#sessions.forget(key);
    }
  }

  watch(key: string, listener: () => void): () => void {
    this.#tracking.use();
    return this.#listeners.add(key, listener);
  }

  waitUntilCurrent(): Promise<void> {
    return this.#tracking.waitUntilCurrent();
  }

  close(): void {
    this.#tracking.close();
    this.#sessions.clear();
  }

  #find(at: Address): StoredSession | undefined {
    return this.#sessions.find(at, this.#tracking.getRedisTime());
  }
}

/** The near caches of one client, by the prefix of their keys. */
type NearCaches = Map<string, NearCache>;

/** In `globalThis`: frameworks evaluate a module repeatedly, and each copy must see what the others write. */
const nearRegistryKey = Symbol.for('trpc-session.near-caches.v1');

interface NearRegistry {
  readonly byClient: WeakMap<object, NearCaches>;
  readonly byName: Map<string, NearCaches>;
}

function getNearRegistry(): NearRegistry {
  const shared = globalThis as { [nearRegistryKey]?: NearRegistry };
  shared[nearRegistryKey] ??= { byClient: new WeakMap(), byName: new Map() };
  return shared[nearRegistryKey];
}

function getNearCaches({ identity }: RedisAdapter): NearCaches {
  const { byClient, byName } = getNearRegistry();
  const existing = typeof identity === 'string' ? byName.get(identity) : byClient.get(identity);
  if (existing) return existing;
  const created: NearCaches = new Map();
  if (typeof identity === 'string') byName.set(identity, created);
  else byClient.set(identity, created);
  return created;
}

/**
 * Adds a near cache to a store: sessions that it has read are kept in the process until Redis reports that they have
 * changed.
 *
 * @throws SessionError `INVALID_OPTION` if the client cannot report changes.
 */
export function addNearCache(store: SessionStore, adapter: RedisAdapter, deadlineMs: number): SessionStore {
  if (adapter.trackingObstacle !== null) {
    const hint = `\`redisStore.nearCache\` cannot be used with this source: ${adapter.trackingObstacle}.`;
    throw new SessionError('INVALID_OPTION', { hint });
  }
  const caches = getNearCaches(adapter);
  const getNearCache = (key: string): NearCache => {
    // A key is a prefix and a slot in braces.
    const prefix = key.slice(0, key.indexOf('{'));
    const cache = caches.get(prefix) ?? new NearCache(adapter, prefix);
    caches.set(prefix, cache);
    return cache;
  };
  const write = <Result>(key: string, run: () => Promise<Result>) => getNearCache(key).write(key, run);
  return {
    ...store,
    maxStaleMs: leaseMs,
    read: (at, options = {}) => getNearCache(at.key).read(at, options, () => store.read(at)),
    touch: (at) => write(at.key, () => store.touch(at)),
    start: (command) => write(command.key, () => store.start(command)),
    replace: (command) => write(command.key, () => store.replace(command)),
    regenerate: (command) => write(command.key, () => store.regenerate(command)),
    destroy: (at, ...rest) => write(at.key, () => store.destroy(at, ...rest)),
    revoke: (key, which) => write(key, () => store.revoke(key, which)),
    ping: async (key) => {
      const current = rejectAtDeadline(getNearCache(key).waitUntilCurrent(), deadlineMs);
      // The error of the ping says more: without Redis, both fail.
      current.catch(() => {});
      await store.ping(key);
      await current;
    },
    watch: (key, listener) => getNearCache(key).watch(key, listener),
    close: async () => {
      for (const cache of caches.values()) cache.close();
      caches.clear();
      await store.close();
    },
  };
}

async function rejectAtDeadline(current: Promise<void>, deadlineMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    const message = `Redis did not begin to report changes within ${deadlineMs} ms.`;
    timer = setTimeout(() => reject(new Error(message)), deadlineMs);
  });
  await Promise.race([current, deadline]).finally(() => clearTimeout(timer));
}
