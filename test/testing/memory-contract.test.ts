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
    plant: 'nothing but the store itself can put anything into its memory',
    exists: async (key) => keysIn(name).includes(key),
    ttlMs: 'a key has no time to live in memory: a later start sweeps what nobody asked about',
    unreachable: 'the memory of this process is always within reach',
    full: 'a process that runs out of memory ends',
  },
};

for (const storeCase of storeContract) {
  const reason = getSkipReason(storeCase, harness);
  test(storeCase.name, async ({ skip }) => {
    if (reason !== null) skip(reason);
    await storeCase.run(harness);
  });
}

test('a start sweeps keys whose sessions have run out, once a minute', async () => {
  const store = memoryStore({ name, now: clock.now });
  await store.start({ ...command, key: 'forgotten', hash: 'a' });
  clock.advance('61s');
  await store.start({ ...command, key: 'remembered', hash: 'b' });
  expect(keysIn(name)).toContain('remembered');
  expect(keysIn(name)).not.toContain('forgotten');
});

test('a session that runs out while it is listed is either listed or dropped', async () => {
  let time = clock.now();
  // A clock that never stands still, as real ones do not.
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
  body: '',
  idleMs: 1_000,
  lifetimeMs: 60_000,
  limit: { max: 10, whenFull: 'refuse' },
} as const;

/** What the store keeps, asked past the store. */
function keysIn(store: string): readonly string[] {
  const registry = Reflect.get(globalThis, Symbol.for('trpc-session.memory-stores.v1')) as Map<
    string,
    Map<string, unknown>
  >;
  return [...(registry.get(store)?.keys() ?? [])];
}
