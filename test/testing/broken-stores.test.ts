import { randomUUID } from 'node:crypto';
import { memoryStore } from 'trpc-session/stores/memory';
import { createTestClock, getSkipReason, type StoreHarness, storeContract } from 'trpc-session/testing';
import { expect, test } from 'vitest';
import { brokenAnswers } from './broken/answering.ts';
import type { Break } from './broken/broken-store.ts';
import { brokenChanges } from './broken/changing.ts';
import { brokenMoves } from './broken/moving.ts';
import { brokenStarts } from './broken/starting.ts';

const broken = Object.entries({ ...brokenStarts, ...brokenChanges, ...brokenMoves, ...brokenAnswers });
const runnable = storeContract.filter(
  (storeCase) =>
    getSkipReason(
      storeCase,
      harnessOf(() => ({})),
    ) === null,
);
const found = new Set<string>();

test('a wrapper that breaks nothing fails no case', async () => {
  expect(await failuresOf(() => ({}))).toEqual([]);
});

test.each(broken)('a store that %s is found out', async (_, { finds, breaks }) => {
  const failures = await failuresOf(breaks);
  for (const name of failures) found.add(name);
  expect(failures).toContain(finds);
});

test('every case that runs in memory has found one of these stores out', () => {
  expect(runnable.map(({ name }) => name).filter((name) => !found.has(name))).toEqual([]);
});

test.each(storeContract.filter((storeCase) => !runnable.includes(storeCase)))(
  'the case "$name" fails where promises are broken in sight of its abilities',
  async ({ run }) => {
    await expect(run(shameless())).rejects.toThrow();
  },
);

/** A store that keeps everything for ever, never lacks an answer, and works by halves where there is no memory. */
function shameless(): StoreHarness {
  let memoryLeft = true;
  const noMemory = (): Promise<never> => Promise.reject(new Error('There is no memory left.'));
  const harness = harnessOf((store) => ({
    start: async (command) => {
      if (memoryLeft) return store.start(command);
      await store.destroy({ ...command, ...command.replaces });
      return noMemory();
    },
    destroy: (at, revision) => (memoryLeft ? store.destroy(at, revision) : noMemory()),
    revoke: (key, which) => (memoryLeft ? store.revoke(key, which) : noMemory()),
  }));
  const abilities: StoreHarness['abilities'] = {
    plant: async () => {},
    exists: async () => true,
    ttlMs: async () => Number.POSITIVE_INFINITY,
    unreachable: async () => ({ store: memoryStore({ name: randomUUID() }), deadlineMs: 100 }),
    full: async (during) => {
      memoryLeft = false;
      await during();
    },
  };
  return { ...harness, abilities };
}

/** The names of the cases that a store broken like this fails. */
async function failuresOf(breaks: Break): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const { name, run } of runnable) await run(harnessOf(breaks)).catch(() => failures.push(name));
  return failures;
}

function harnessOf(breaks: Break): StoreHarness {
  const clock = createTestClock();
  const store = memoryStore({ name: randomUUID(), now: clock.now });
  return { create: () => ({ ...store, ...breaks(store, clock) }), clock };
}
