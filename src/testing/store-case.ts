import { StoreFixture } from './store-fixture.ts';
import type { StoreAbility, StoreHarness } from './store-harness.ts';

/** One case of `storeContract`: it checks one promise of `SessionStore`. */
export interface StoreCase {
  /** A sentence in the present tense, unique in the contract. */
  readonly name: string;
  /** The id of the promise in the comments of `SessionStore`, such as `'touch-2'`. */
  readonly clause: string;
  /** What the harness must offer. */
  readonly needs: readonly StoreAbility[];
  /**
   * Resolves if the store keeps the promise. Rejects with an `Error` that names what was expected and what was found.
   */
  run(harness: StoreHarness): Promise<void>;
}

/**
 * Returns why a case cannot run with this harness, or null if it can.
 *
 * @param storeCase A case of `storeContract`.
 * @param harness The store under test.
 * @example
 * const reason = getSkipReason(storeCase, harness);
 * test(storeCase.name, async ({ skip }) => {
 *   if (reason !== null) skip(reason);
 *   await storeCase.run(harness);
 * });
 */
export function getSkipReason({ needs }: Pick<StoreCase, 'needs'>, { abilities = {} }: StoreHarness): string | null {
  for (const need of needs) {
    const ability = abilities[need] ?? 'the harness does not offer it';
    if (typeof ability === 'string') return `needs '${need}': ${ability}`;
  }
  return null;
}

type CaseChecks = Readonly<Record<string, (fixture: StoreFixture) => Promise<void>>>;

/** Defines the cases of one promise, by their names. */
export function defineCases(
  clause: string,
  checks: CaseChecks,
  ...needs: readonly StoreAbility[]
): readonly StoreCase[] {
  return Object.entries(checks).map(([name, check]) => ({
    name,
    clause,
    needs,
    run: (harness) => runCase(harness, check),
  }));
}

async function runCase(harness: StoreHarness, check: (fixture: StoreFixture) => Promise<void>): Promise<void> {
  const store = await harness.create();
  try {
    await check(new StoreFixture(harness, store));
  } finally {
    // An error of `close` would hide what the case found. Closing has cases of its own.
    await store.close().catch(() => {});
  }
}
