export type {
  Fault,
  FaultKind,
  FaultyCall,
  FaultyStore,
  RecordedCall,
  StoreOperation,
} from './testing/faulty-store.ts';
export { faultyStore } from './testing/faulty-store.ts';
export type { SignedIn, SignedInOptions } from './testing/signed-in.ts';
export { signedIn } from './testing/signed-in.ts';
export type { StoreCase } from './testing/store-case.ts';
export { reasonToSkip } from './testing/store-case.ts';
export { storeContract } from './testing/store-contract.ts';
export type { StoreAbilities, StoreAbility, StoreHarness } from './testing/store-harness.ts';
export type { TestClock } from './testing/test-clock.ts';
export { createTestClock } from './testing/test-clock.ts';
export type { ViewOverrides } from './testing/test-view.ts';
export { testSignedOut, testView } from './testing/test-view.ts';
