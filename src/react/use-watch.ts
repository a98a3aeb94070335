import type { ViewStore } from './view-store.ts';

/** The longest that the server's default `touchEvery` waits before it records a use. */
const longestPauseMs = 300_000;

/**
 * Returns a function that makes a call if a use of the session would move its deadline by now, at most once in a tenth of
 * the idle timeout. The server records a use only from time to time, so more calls would change nothing.
 */
export function createUseWatch<View, Patch>(store: ViewStore<View, Patch>): (call: () => Promise<void>) => void {
  let knownId: string | null = null;
  /** The longest time until the idle deadline that was seen in this session: about the idle timeout. */
  let idleMs = 0;
  let calledAt = -Infinity;

  return (call) => {
    const { latest } = store.fetchState;
    if (latest?.status !== 'authenticated' || latest.idleExpiresAt >= latest.expiresAt) return;
    const { id, idleExpiresAt, at } = latest;
    idleMs = Math.max(id === knownId ? idleMs : 0, idleExpiresAt - at);
    knownId = id;
    const now = store.getServerTime();
    const pauseMs = Math.min(idleMs / 10, longestPauseMs);
    if (idleExpiresAt - now > idleMs - pauseMs || now - calledAt < pauseMs) return;
    calledAt = now;
    void call();
  };
}
