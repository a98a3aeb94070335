import { atomicityCases } from './contract/atomicity.ts';
import { endedCases } from './contract/ended.ts';
import { endingCases } from './contract/ending.ts';
import { keepingCases } from './contract/keeping.ts';
import { reachingCases } from './contract/reaching.ts';
import { readingCases } from './contract/reading.ts';
import { regeneratingCases } from './contract/regenerating.ts';
import { repeatingCases } from './contract/repeating.ts';
import { replacingCases } from './contract/replacing.ts';
import { startingCases } from './contract/starting.ts';
import { touchingCases } from './contract/touching.ts';
import type { StoreCase } from './store-case.ts';

/**
 * What every session store must do, as data: a named case for every sentence of the `SessionStore` contract. Belongs to
 * no test runner: loop over it in yours, run each case with your harness, and skip those that `reasonToSkip` names a
 * reason for.
 */
export const storeContract: readonly StoreCase[] = [
  ...readingCases,
  ...touchingCases,
  ...startingCases,
  ...replacingCases,
  ...regeneratingCases,
  ...endingCases,
  ...endedCases,
  ...repeatingCases,
  ...atomicityCases,
  ...keepingCases,
  ...reachingCases,
];
