import type { Address, SessionStore } from '../core/ports/store.ts';

/** What some stores offer and some cannot: each is a function, or the reason why there is none. */
export interface StoreAbilities {
  /** Puts text at an address that the store itself never wrote. */
  plant(at: Address, text: string): Promise<void>;
  /** Whether anything is kept under a key, asked past the store. */
  exists(key: string): Promise<boolean>;
  /** How long a key is going to be kept, asked past the store. */
  ttlMs(key: string): Promise<number>;
  /** A store whose server does not answer, and the deadline that it promises. */
  unreachable(): Promise<{ readonly store: SessionStore; readonly deadlineMs: number }>;
  /** Runs something while the store has no memory to write to. */
  full(during: () => Promise<void>): Promise<void>;
}

export type StoreAbility = keyof StoreAbilities;

/** The store under test, and control over the time that it tells. */
export interface StoreHarness {
  /** A store to run one case with; the case closes it. Every case uses keys of its own, so the sessions may be shared. */
  create(): SessionStore | Promise<SessionStore>;
  /** Lets the store's time pass: moves a test clock, or waits where the clock is a server's. */
  readonly clock: { advance(ms: number): unknown };
  /** The shortest time that can be told apart: cases are made of a few. Default 1,000; take about 80 for real waits. */
  readonly tickMs?: number;
  /** What more the store can show. Where there is only a reason, the cases that need it are skipped with that reason. */
  readonly abilities?: { readonly [Ability in StoreAbility]?: StoreAbilities[Ability] | string };
}
