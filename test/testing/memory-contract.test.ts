import { randomUUID } from 'node:crypto';
import { memoryStore } from 'trpc-session/stores/memory';
import { createTestClock, getSkipReason, type StoreHarness, storeContract } from 'trpc-session/testing';
import { expect, test } from 'vitest';

const clock = createTestClock();
const name = `contract ${randomUUID()}`;

const harness: StoreHarness = {
  create: () => memoryStore({ name, now: clock.now }),
  clock,
  abilities: {
    writeRaw: 'no other program can write to the memory of this process',
    hasKey: async (key) => listKeys(name).includes(key),
    getTtlMs: 'a key in memory has no time to live: a later start removes what has expired',
    createUnreachableStore: 'the memory of this process is always reachable',
    runOutOfMemory: 'a process that runs out of memory ends',
  },
};

for (const storeCase of storeContract) {
  const reason = getSkipReason(storeCase, harness);
  test(storeCase.name, async ({ skip }) => {
    if (reason !== null) skip(reason);
    await storeCase.run(harness);
  });
}

test('start removes the expired keys of all users, once a minute', async () => {
  const store = memoryStore({ name, now: clock.now });
  await store.start({ ...command, key: 'expired', hash: 'a' });
  clock.advance('61s');
  await store.start({ ...command, key: 'current', hash: 'b' });
  expect(listKeys(name)).toContain('current');
  expect(listKeys(name)).not.toContain('expired');
});

test('list returns or removes a session that expires during the call', async () => {
  let time = clock.now();
  // Like a real clock, this one moves between two reads of it.
  const store = memoryStore({ name: randomUUID(), now: () => time++ });
  await store.start({ ...command, idleMs: 50 });
  for (let listed = await store.list('key'); listed.length > 0; listed = await store.list('key')) {
    expect(await store.read({ key: 'key', hash: 'hash' })).not.toBeNull();
  }
});

const command = {
  key: 'key',
  hash: 'hash',
  nonce: 'nonce',
  id: 'id',
  summary: '',
  body: '',
  idleMs: 1_000,
  lifetimeMs: 60_000,
  limit: { max: 10, whenFull: 'refuse' },
} as const;

/** The keys that the store holds, read without the store. */
function listKeys(store: string): readonly string[] {
  const registry = Reflect.get(globalThis, Symbol.for('trpc-session.memory-stores.v1')) as Map<
    string,
    Map<string, unknown>
  >;
  return [...(registry.get(store)?.keys() ?? [])];
}
