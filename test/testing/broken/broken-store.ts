import type { SessionStore, StoredSession } from 'trpc-session';
import type { TestClock } from 'trpc-session/testing';

/** Breaks one promise of a store, and says which methods do it. */
export type Break = (store: SessionStore, clock: TestClock) => Partial<SessionStore>;

/** Mistakes that a store could make, by what such a store does, each with the case that is meant to find it. */
export type BrokenStores = Readonly<Record<string, { readonly finds: string; readonly breaks: Break }>>;

export const endless = { max: 1_000_000, whenFull: 'evict' } as const;
export const longMs = 3_600_000;

/** Long enough for every other call to come in between. */
export function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export function isSession(found: StoredSession | 'unreadable' | null): found is StoredSession {
  return found !== null && found !== 'unreadable';
}
