import type { SessionView } from '../core/session/view.ts';
import { isNewer, type KnownView } from './known-view.ts';
import type { SessionFailure } from './state.ts';

/** The time from a failed request to the next one. */
export const retryMs = 30_000;

/** The result of all answers so far. `applyAnswer` and `applyFailure` return a new object if an answer changes it. */
export interface FetchState<View> {
  /** The newest view that says whether the user is signed in. */
  readonly latest: KnownView<View> | null;
  /** The failure since then; null if there was none. */
  readonly failure: SessionFailure | null;
  /** The time until the next refetch, counted from the arrival of the answer; null if none is due. */
  readonly refetchInMs: number | null;
}

/** The store cannot be reached. `at` is null if the request itself failed, since then no server stated a time. */
export interface FailedAnswer {
  readonly status: 'unavailable';
  readonly at: number | null;
  readonly error?: unknown;
}

export type SessionAnswer<View> = SessionView<View> | FailedAnswer;

export const emptyFetchState: FetchState<never> = { latest: null, failure: null, refetchInMs: null };

/** If the view is newer, makes it the latest. A view that is later than a failure also ends the failure. */
export function applyAnswer<View>(state: FetchState<View>, view: KnownView<View>): FetchState<View> {
  if (isNewer(state.latest, view)) return { latest: view, failure: null, refetchInMs: getTimeUntilExpiry(view) };
  return view.at > (state.failure?.at ?? Infinity) ? { ...state, failure: null } : state;
}

/** Records that the session is unavailable. The latest view is kept, so that an outage signs no user out. */
export function applyFailure<View>(state: FetchState<View>, { at, error = null }: FailedAnswer): FetchState<View> {
  const latestAt = state.latest?.at ?? null;
  if (at !== null && latestAt !== null && at <= latestAt) return state;
  return { ...state, failure: { at: at ?? latestAt, error }, refetchInMs: retryMs };
}

/** Returns the state after this answer alone. */
export function toFetchState<View>(answer: SessionAnswer<View>): FetchState<View> {
  return answer.status === 'unavailable'
    ? applyFailure<View>(emptyFetchState, answer)
    : applyAnswer<View>(emptyFetchState, answer);
}

/** Subtracts two server times, so that a wrong clock in the browser does not matter. */
function getTimeUntilExpiry(view: KnownView<unknown>): number | null {
  if (view.status === 'unauthenticated') return null;
  return Math.min(view.idleExpiresAt, view.expiresAt) - view.at;
}
