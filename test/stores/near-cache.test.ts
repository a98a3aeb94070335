import type { SessionStore, StoredSession } from 'trpc-session/stores';
import { memoryStore } from 'trpc-session/stores/memory';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { addNearCache } from '../../src/stores/near-cache.ts';
import type { KeyTracking, RedisAdapter, RedisCommand } from '../../src/stores/redis-adapter.ts';

const at = { key: 'session:{ada}', hash: 'hash' };
const clocks = { createdAt: 1, authenticatedAt: 1, lastSeenAt: 1, expiresAt: 2 ** 50, idleMs: 2 ** 49 };
const older: StoredSession = { id: 'id', revision: 1, summary: '', body: 'older', ...clocks };
const newer: StoredSession = { ...older, revision: 2, body: 'newer' };

/** The reads and the writes that Redis has not replied to. */
const reads: ((found: StoredSession | null) => void)[] = [];
const writes: { resolve(): void; reject(error: Error): void }[] = [];
let reports: KeyTracking;
let store: SessionStore;
let adapter: RedisAdapter;

beforeEach(async () => {
  reads.length = 0;
  writes.length = 0;
  adapter = {
    identity: {},
    trackingObstacle: null,
    trackKeys: async (tracking) => {
      reports = tracking;
    },
    send: async ({ key }: RedisCommand) => {
      reports.onChange([key]);
      return [key, String(Date.now())];
    },
    listNodes: async () => [],
    classifyFailure: () => 'final',
    findError: () => undefined,
    close: () => {},
  };
  store = addNearCache(createSlowStore(), adapter, 1_000);
  await store.ping('session:{ping}');
});

afterEach(() => store.close());

/** A store whose reads and updates wait until the test lets them reply. */
function createSlowStore(): SessionStore {
  return {
    ...memoryStore(),
    ping: async () => {},
    read: () => new Promise((resolve) => reads.push(resolve)),
    replace: () =>
      new Promise((resolve, reject) => {
        writes.push({ resolve: () => resolve({ status: 'done', session: newer }), reject });
      }),
  };
}

async function keepSession(found = older): Promise<void> {
  const reading = store.read(at);
  reads.pop()?.(found);
  await reading;
}

const update = () => store.replace({ ...at, nonce: 'nonce', revision: 1, body: 'newer' });

/** Whether a read is replied to without Redis. */
async function isKept(): Promise<boolean> {
  const before = reads.length;
  void store.read(at);
  await Promise.resolve();
  return reads.length === before;
}

test('a session is read once, until it is reported', async () => {
  await keepSession();
  expect(await store.read(at)).toBe(older);
  reports.onChange([at.key]);
  expect(await isKept()).toBe(false);
});

test('a session is read again if Redis says that any key may have changed', async () => {
  await keepSession();
  reports.onChange(null);
  expect(await isKept()).toBe(false);
});

test('a session is read again after the connection has ended', async () => {
  await keepSession();
  reports.onEnd();
  expect(await isKept()).toBe(false);
});

test('a read that was under way when its key was reported keeps nothing', async () => {
  const reading = store.read(at);
  reports.onChange([at.key]);
  reads.pop()?.(older);
  expect(await reading).toBe(older);
  expect(await isKept()).toBe(false);
});

test('a read that was under way when an own write succeeded keeps nothing', async () => {
  const writing = update();
  const reading = store.read(at);
  writes.pop()?.resolve();
  await writing;
  reads.pop()?.(older);
  await reading;
  expect(await isKept()).toBe(false);
});

test('what was read during an own write is dropped when the write has succeeded', async () => {
  const writing = update();
  await keepSession();
  writes.pop()?.resolve();
  await writing;
  expect(await isKept()).toBe(false);
});

test('what was read during an own write is dropped when its reply was lost', async () => {
  const writing = update();
  await keepSession();
  writes.pop()?.reject(new Error('Redis did not respond.'));
  await expect(writing).rejects.toThrow();
  expect(await isKept()).toBe(false);
});

test('a fresh read asks Redis, and what it found is kept', async () => {
  await keepSession();
  const reading = store.read(at, { fresh: true });
  reads.pop()?.(newer);
  expect(await reading).toBe(newer);
  expect(await store.read(at)).toBe(newer);
});

test('a session that was not found is not kept', async () => {
  const reading = store.read(at);
  reads.pop()?.(null);
  expect(await reading).toBeNull();
  expect(await isKept()).toBe(false);
});

test('a failed read is not kept, and the next one asks again', async () => {
  const failing = addNearCache({ ...createSlowStore(), read: () => Promise.reject(new Error('down')) }, adapter, 1_000);
  await expect(failing.read({ ...at, hash: 'other' })).rejects.toThrow('down');
  expect(await isKept()).toBe(false);
});

test('stores of one client share what they keep, so each sees the writes of the others', async () => {
  const twin = addNearCache(createSlowStore(), adapter, 1_000);
  await keepSession();
  expect(await twin.read(at)).toBe(older);
  const writing = twin.replace({ ...at, nonce: 'nonce', revision: 1, body: 'newer' });
  writes.pop()?.resolve();
  await writing;
  expect(await isKept()).toBe(false);
});

test('stores of different clients share nothing', async () => {
  const other = addNearCache(createSlowStore(), { ...adapter, identity: {} }, 1_000);
  await keepSession();
  void other.read(at);
  expect(reads).toHaveLength(1);
  await other.close();
});

test.each(['touch', 'start', 'regenerate', 'destroy', 'revoke'] as const)('%s drops what is kept', async (method) => {
  await keepSession();
  const limit = { max: 1, whenFull: 'refuse' } as const;
  const start = { ...at, nonce: 'n', id: 'id', summary: '', body: '', idleMs: 1, lifetimeMs: 1, limit };
  const calls = {
    touch: () => store.touch(at),
    start: () => store.start(start),
    regenerate: () => store.regenerate({ ...at, newHash: 'new', nonce: 'n' }),
    destroy: () => store.destroy(at),
    revoke: () => store.revoke(at.key, 'all'),
  };
  await calls[method]();
  expect(await isKept()).toBe(false);
});

test('ping rejects at the deadline if no change is reported', async () => {
  vi.useFakeTimers();
  const silent = { ...adapter, identity: {}, trackKeys: () => new Promise<void>(() => {}) };
  const waiting = addNearCache(createSlowStore(), silent, 1_000).ping('session:{ping}');
  const rejected = expect(waiting).rejects.toThrow('within 1000 ms');
  await vi.advanceTimersByTimeAsync(1_000);
  await rejected;
  vi.useRealTimers();
});
