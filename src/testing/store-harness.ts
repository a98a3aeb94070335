import type { SessionStore } from '../core/ports/store.ts';
import type { Address } from '../core/ports/stored-session.ts';

/** What only some stores can offer a test. Each member bypasses the store, or puts it into a rare state. */
export interface StoreAbilities {
  /** Writes text to an address, as another program would. */
  writeRaw(at: Address, text: string): Promise<void>;
  /** Resolves to whether the database holds anything under a key. */
  hasKey(key: string): Promise<boolean>;
  /** Resolves to how long the database keeps a key from now on, in milliseconds. */
  getTtlMs(key: string): Promise<number>;
  /** Returns a store whose server does not respond, and the deadline of that store. */
  createUnreachableStore(): Promise<{ readonly store: SessionStore; readonly deadlineMs: number }>;
  /** Calls `during` while the database has no memory left for writes. */
  runOutOfMemory(during: () => Promise<void>): Promise<void>;
}

/** The name of an ability, as cases list it in `needs`. */
export type StoreAbility = keyof StoreAbilities;

/**
 * What `storeContract` needs to test a store.
 *
 * @example
 * const clock = createTestClock();
 * const harness: StoreHarness = { create: () => memoryStore({ now: clock.now }), clock };
 */
export interface StoreHarness {
  /**
   * Returns a store for one case, which closes it. Each case uses random keys, so all stores may share one database.
   */
  create(): SessionStore | Promise<SessionStore>;
  /**
   * Lets time pass for the store. Moves the test clock; if the store uses the clock of a database server, waits
   * instead.
   */
  readonly clock: { advance(ms: number): unknown };
  /**
   * The unit of time of the cases, in milliseconds: each case takes a few of them. About 80 suits real waits.
   *
   * @default 1_000
   */
  readonly tickMs?: number;
  /**
   * What else the store can offer: a function, or the reason why it cannot. Cases that need it are skipped for that
   * reason.
   *
   * @default {}
   */
  readonly abilities?: { readonly [Ability in StoreAbility]?: StoreAbilities[Ability] | string };
}
