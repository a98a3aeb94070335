import { Bench } from './bench.ts';
import type { StoreAbility, StoreHarness } from './store-harness.ts';

/** One promise of the port and its proof. */
export interface StoreCase {
  /** A sentence in the present tense. */
  readonly name: string;
  /** The sentence of the `SessionStore` contract that it proves. */
  readonly clause: string;
  readonly needs: readonly StoreAbility[];
  /** Resolves when the promise is kept, rejects with an Error that says how it is not. */
  run(harness: StoreHarness): Promise<void>;
}

/** Why a case cannot run here, or null when it can. */
export function getSkipReason({ needs }: Pick<StoreCase, 'needs'>, { abilities = {} }: StoreHarness): string | null {
  for (const need of needs) {
    const ability = abilities[need] ?? 'the harness does not offer it';
    if (typeof ability === 'string') return `needs '${need}': ${ability}`;
  }
  return null;
}

type CaseProofs = Readonly<Record<string, (bench: Bench) => Promise<void>>>;

/** The cases of one sentence of the contract, by name. */
export function defineCases(
  clause: string,
  proofs: CaseProofs,
  ...needs: readonly StoreAbility[]
): readonly StoreCase[] {
  return Object.entries(proofs).map(([name, prove]) => ({
    name,
    clause,
    needs,
    run: (harness) => runCase(harness, prove),
  }));
}

async function runCase(harness: StoreHarness, prove: (bench: Bench) => Promise<void>): Promise<void> {
  const store = await harness.create();
  try {
    await prove(new Bench(harness, store));
  } finally {
    // What goes wrong here must not hide what the case found; closing has a case of its own.
    await store.close().catch(() => {});
  }
}
