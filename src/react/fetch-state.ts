import type { SessionView } from '../core/session/view.ts';
import { isNewer, type KnownView } from './known-view.ts';
import { type RefetchError, toRefetchError } from './refetch-error.ts';

/** The failure of the last request. */
interface SessionFailure {
  /** The server's time of the failure; if no server stated one, the time of the answer before it. */
  readonly at: number | null;
  /** The same object while the reason stays the same, so that repeated failures render no component. */
  readonly error: RefetchError;
}

/** The result of all answers so far. `applyAnswer` and `applyFailure` return a new object if an answer changes it. */
export interface FetchState<View> {
  /** The newest view that says whether the user is signed in. */
  readonly latest: KnownView<View> | null;
  /** The failure since then; null if there was none. */
  readonly failure: SessionFailure | null;
  /** How many requests have failed since the last success. */
  readonly failureCount: number;
}

/** The store cannot be reached. `at` is null if the request itself failed, since then no server stated a time. */
export interface FailedAnswer {
  readonly status: 'unavailable';
  readonly at: number | null;
  /** What the client threw. Null or absent if the server responded that its store is unavailable. */
  readonly error?: unknown;
}

export type SessionAnswer<View> = SessionView<View> | FailedAnswer;

export const emptyFetchState: FetchState<never> = { latest: null, failure: null, failureCount: 0 };

/** If the view is newer, makes it the latest. A view that is later than a failure also ends the failure. */
export function applyAnswer<View>(state: FetchState<View>, view: KnownView<View>): FetchState<View> {
  if (isNewer(state.latest, view)) return { latest: view, failure: null, failureCount: 0 };
  return view.at > (state.failure?.at ?? Infinity) ? { ...state, failure: null, failureCount: 0 } : state;
}

/** Records that a request failed. The latest view is kept, so that an outage signs no user out. */
export function applyFailure<View>(state: FetchState<View>, { at, error = null }: FailedAnswer): FetchState<View> {
  const { latest, failure, failureCount } = state;
  if (at !== null && latest !== null && at <= latest.at) return state;
  const found = toRefetchError(error);
  const known = failure?.error.reason === found.reason ? failure.error : found;
  return { latest, failure: { at: at ?? latest?.at ?? null, error: known }, failureCount: failureCount + 1 };
}

/** Returns the state after this answer alone. */
export function toFetchState<View>(answer: SessionAnswer<View>): FetchState<View> {
  return answer.status === 'unavailable'
    ? applyFailure<View>(emptyFetchState, answer)
    : applyAnswer<View>(emptyFetchState, answer);
}

/** Returns the answer for a request that failed with an error. */
export function toFailedAnswer(error: unknown): FailedAnswer {
  return { status: 'unavailable', at: null, error };
}
