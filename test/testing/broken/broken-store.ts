import type { SessionStore, StoredSession } from 'trpc-session/stores';
import type { TestClock } from 'trpc-session/testing';

/** Returns methods that replace those of a working store, and break one promise. */
export type Override = (store: SessionStore, clock: TestClock) => Partial<SessionStore>;

/** Stores that each make one mistake: by what they do wrong, with the case that must fail for them. */
export type BrokenStores = Readonly<Record<string, { readonly failsCase: string; readonly override: Override }>>;

export const noLimit = { max: 1_000_000, whenFull: 'evict' } as const;
export const hourMs = 3_600_000;

/** Waits long enough for other calls to run in between. */
export function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export function isSession(found: Awaited<ReturnType<SessionStore['read']>>): found is StoredSession {
  return found !== null && found !== 'unreadable' && !('ended' in found);
}
