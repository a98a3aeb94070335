import { availabilityCases } from './contract/availability.ts';
import { concurrentCallCases } from './contract/concurrent-calls.ts';
import { destroyCases } from './contract/destroy.ts';
import { endedSessionCases } from './contract/ended-sessions.ts';
import { expiryCases } from './contract/expiry.ts';
import { listCases } from './contract/list.ts';
import { readCases } from './contract/read.ts';
import { reasonCases } from './contract/reasons.ts';
import { regenerateCases } from './contract/regenerate.ts';
import { repeatedWriteCases } from './contract/repeated-writes.ts';
import { replaceCases } from './contract/replace.ts';
import { revokeCases } from './contract/revoke.ts';
import { scanCases } from './contract/scan.ts';
import { startCases } from './contract/start.ts';
import { touchCases } from './contract/touch.ts';
import { watchCases } from './contract/watch.ts';
import type { StoreCase } from './store-case.ts';

/**
 * Test cases for a session store, at least one for each promise of `SessionStore`. They are plain data and work with
 * any test runner.
 *
 * @example
 * for (const storeCase of storeContract) {
 *   const reason = getSkipReason(storeCase, harness);
 *   test(storeCase.name, async ({ skip }) => {
 *     if (reason !== null) skip(reason);
 *     await storeCase.run(harness);
 *   });
 * }
 */
export const storeContract: readonly StoreCase[] = [
  ...readCases,
  ...reasonCases,
  ...touchCases,
  ...startCases,
  ...replaceCases,
  ...regenerateCases,
  ...destroyCases,
  ...listCases,
  ...revokeCases,
  ...scanCases,
  ...endedSessionCases,
  ...repeatedWriteCases,
  ...concurrentCallCases,
  ...watchCases,
  ...expiryCases,
  ...availabilityCases,
];
