// Slow: it runs every case of the store contract against each broken store.
import { randomUUID } from 'node:crypto';
import { memoryStore } from 'trpc-session/stores/memory';
import { createTestClock, getSkipReason, type StoreHarness, storeContract } from 'trpc-session/testing';
import { expect, test } from 'vitest';
import type { Override } from './broken/broken-store.ts';
import { brokenReadsAndRemovals } from './broken/reads-and-removals.ts';
import { brokenRegenerate } from './broken/regenerate.ts';
import { brokenStart } from './broken/start.ts';
import { brokenTouchAndReplace } from './broken/touch-and-replace.ts';
import { brokenWatch } from './broken/watch.ts';

const brokenStores = Object.entries({
  ...brokenStart,
  ...brokenTouchAndReplace,
  ...brokenRegenerate,
  ...brokenReadsAndRemovals,
  ...brokenWatch,
});
const plainHarness = createHarness(() => ({}));
const runnable = storeContract.filter((storeCase) => getSkipReason(storeCase, plainHarness) === null);
const failedCases = new Set<string>();

test('a store without mistakes fails no case', async () => {
  expect(await findFailures(() => ({}))).toEqual([]);
});

test.each(brokenStores)('a store that %s fails the case for it', async (_, { failsCase, override }) => {
  const failures = await findFailures(override);
  for (const name of failures) failedCases.add(name);
  expect(failures).toContain(failsCase);
});

test('every case that runs in memory fails for one of these stores', () => {
  expect(runnable.map(({ name }) => name).filter((name) => !failedCases.has(name))).toEqual([]);
});

test.each(storeContract.filter((storeCase) => !runnable.includes(storeCase)))(
  'the case "$name" fails for a store that breaks every promise about abilities',
  async ({ run }) => {
    await expect(run(createBrokenAbilities())).rejects.toThrow();
  },
);

/** A store that keeps every key for ever, responds when it should not, and changes half when memory is full. */
function createBrokenAbilities(): StoreHarness {
  let isFull = false;
  const rejectFull = (): Promise<never> => Promise.reject(new Error('There is no memory left.'));
  const harness = createHarness((store) => ({
    start: async (command) => {
      if (!isFull) return store.start(command);
      await store.destroy({ ...command, ...command.replaces });
      return rejectFull();
    },
    destroy: (at, revision) => (isFull ? rejectFull() : store.destroy(at, revision)),
    revoke: (key, which) => (isFull ? rejectFull() : store.revoke(key, which)),
  }));
  const abilities: StoreHarness['abilities'] = {
    writeRaw: async () => {},
    hasKey: async () => true,
    getTtlMs: async () => Number.POSITIVE_INFINITY,
    createUnreachableStore: async () => ({ store: memoryStore({ name: randomUUID() }), deadlineMs: 100 }),
    runOutOfMemory: async (during) => {
      isFull = true;
      await during();
    },
  };
  return { ...harness, abilities };
}

/** The names of the cases that a store with these methods fails. */
async function findFailures(override: Override): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const { name, run } of runnable) await run(createHarness(override)).catch(() => failures.push(name));
  return failures;
}

function createHarness(override: Override): StoreHarness {
  const clock = createTestClock();
  const store = memoryStore({ name: randomUUID(), now: clock.now });
  return { create: () => ({ ...store, ...override(store, clock) }), clock };
}
