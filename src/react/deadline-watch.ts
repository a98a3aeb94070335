import { getDeadline } from './known-view.ts';
import type { Timer } from './timer.ts';
import { confirmingRequest } from './view-requests.ts';
import type { ViewStore } from './view-store.ts';

const defaultWarnBeforeMs = 60_000;
/** How long the last known user is still shown after the deadline, while a request asks the server. */
const graceMs = 1_000;
/** Timers stop while a computer sleeps, so a single long one would miss the deadline. Each check compares the clocks. */
const longestWaitMs = 1_000;

/**
 * Returns a function that watches when the session of a store ends: it warns before, and asks the server at that moment. If
 * the deadline is long past, as after a sleep, it signs the user out before anything is asked.
 */
export function createDeadlineWatch<View, Patch>(store: ViewStore<View, Patch>, timer: Timer): () => void {
  let askedAt: number | null = null;
  /** The deadline that the app was warned of, while that holds. */
  let warnedOf: number | null = null;
  let isReading = false;

  const warn = async (deadline: number, leftMs: number): Promise<void> => {
    const { onExpiring, warnBefore = defaultWarnBeforeMs } = store.options;
    if (!onExpiring || leftMs > warnBefore || warnedOf === deadline || isReading) return;
    isReading = true;
    // Another tab may have kept the session alive.
    await store.refetch();
    isReading = false;
    const latest = getDeadline(store.fetchState.latest);
    const latestLeftMs = (latest ?? Infinity) - store.getServerTime();
    if (!store.observer || latestLeftMs > warnBefore) return;
    warnedOf = latest;
    onExpiring(Math.max(0, latestLeftMs));
  };

  return function check(): void {
    timer.clear();
    const deadline = getDeadline(store.fetchState.latest);
    if (warnedOf !== null && warnedOf !== deadline) {
      warnedOf = null;
      store.options.onExpiring?.(null);
    }
    if (deadline === null) return;
    const leftMs = deadline - store.getServerTime();
    timer.set(Math.min(leftMs > 0 ? leftMs : graceMs + leftMs, longestWaitMs), check);
    if (leftMs > 0) return void warn(deadline, leftMs);
    if (askedAt !== deadline) void store.requests.send(confirmingRequest);
    askedAt = deadline;
    if (leftMs <= -graceMs || !navigator.onLine) store.signOutAt(deadline);
  };
}
