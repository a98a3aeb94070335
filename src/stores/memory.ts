import type { SessionStore } from '../core/ports/store.ts';
import { KeyListeners } from './key-listeners.ts';
import { type MemoryKey, MemoryRecords } from './memory-records.ts';
import { MemorySessions } from './memory-sessions.ts';

/** Options of `memoryStore`. */
export interface MemoryStoreOptions {
  /**
   * Stores with the same name in one process share their sessions, so that hot reload keeps them.
   *
   * @default 'default'
   */
  readonly name?: string;
  /**
   * Allows this store when `NODE_ENV` is `production`. All users are signed out when the process ends, and other
   * processes do not see the sessions.
   *
   * @default false
   */
  readonly production?: boolean;
  /**
   * Returns the current time in milliseconds since the epoch. For tests, see `createTestClock`.
   *
   * @default Date.now
   */
  readonly now?: () => number;
}

const memoryListenersKey = Symbol.for('trpc-session.memory-listeners.v1');
const memoryRegistryKey = Symbol.for('trpc-session.memory-stores.v1');

/**
 * Creates a store that keeps sessions in the memory of this process, for development, tests and demos. It keeps the
 * same contract as the Redis store.
 *
 * @throws SessionError `NOT_CONFIGURED`, from each call in production, unless `production` is true.
 * @example
 * const sessions = createSessions({ store: memoryStore(), schema, view });
 */
export function memoryStore({
  name = 'default',
  production = false,
  now = Date.now,
}: MemoryStoreOptions = {}): SessionStore {
  const records = new MemoryRecords(getSharedKeys(name), now, production);
  const sessions = new MemorySessions(records);
  const listeners = getSharedListeners(name);
  const change = async <Result>(key: string, run: () => Result): Promise<Result> => {
    const result = run();
    listeners.notify(key);
    return result;
  };
  return {
    name: 'memory',
    read: async (at) => sessions.read(at),
    touch: (at) => change(at.key, () => sessions.touch(at)),
    start: (command) => change(command.key, () => sessions.start(command)),
    replace: (command) => change(command.key, () => sessions.replace(command)),
    regenerate: (command) => change(command.key, () => sessions.regenerate(command)),
    destroy: (at, revision, ended) => change(at.key, () => sessions.destroy(at, revision, ended)),
    list: async (key) => sessions.list(key),
    revoke: (key, which) => change(key, () => sessions.revoke(key, which)),
    scan: async (command) => records.scan(command),
    ping: async () => records.assertAllowed(),
    watch: (key, listener) => listeners.add(key, listener),
    close: async () => {},
  };
}

/** In `globalThis`, like the sessions. */
function getSharedListeners(name: string): KeyListeners {
  const shared = globalThis as { [memoryListenersKey]?: Map<string, KeyListeners> };
  shared[memoryListenersKey] ??= new Map();
  const listeners = shared[memoryListenersKey].get(name) ?? new KeyListeners();
  shared[memoryListenersKey].set(name, listeners);
  return listeners;
}

/**
 * In `globalThis`: frameworks and hot reload evaluate a module repeatedly, and each copy would have its own sessions.
 */
function getSharedKeys(name: string): Map<string, MemoryKey> {
  const shared = globalThis as { [memoryRegistryKey]?: Map<string, Map<string, MemoryKey>> };
  shared[memoryRegistryKey] ??= new Map();
  const keys = shared[memoryRegistryKey].get(name) ?? new Map<string, MemoryKey>();
  shared[memoryRegistryKey].set(name, keys);
  return keys;
}
