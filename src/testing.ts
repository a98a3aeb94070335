export type {
  Fault,
  FaultKind,
  FaultyCall,
  FaultyStore,
  RecordedCall,
  StoreOperation,
} from './testing/faulty-store.ts';
export { faultyStore } from './testing/faulty-store.ts';
export type { SignedInUser, SignInOptions } from './testing/sign-in-as.ts';
export { signInAs } from './testing/sign-in-as.ts';
export type { StoreCase } from './testing/store-case.ts';
export { getSkipReason } from './testing/store-case.ts';
export { storeContract } from './testing/store-contract.ts';
export type { StoreAbilities, StoreAbility, StoreHarness } from './testing/store-harness.ts';
export type { TestClock } from './testing/test-clock.ts';
export { createTestClock } from './testing/test-clock.ts';
export type { TestSession, ViewOverrides } from './testing/test-view.ts';
export { createSignedOutView, createTestSession, createTestView } from './testing/test-view.ts';
