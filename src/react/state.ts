import type { SessionEnding } from '../core/errors.ts';
import type { KnownView } from './known-view.ts';
import type { RefetchError } from './refetch-error.ts';

interface SessionMethods {
  /**
   * The error of the last request for the session, and what failed. Null if it succeeded. It does not change `status` and
   * `data`: they stay what was last known, and the session is read again until that succeeds.
   */
  readonly error: RefetchError | null;
  /**
   * Reads the session from the server now. Never rejects: a failure appears as `error`.
   *
   * @example await session.refetch();
   */
  readonly refetch: () => Promise<void>;
  /**
   * Keeps the session alive: records a use, so that its idle timeout starts again, and reads the new deadline. Never
   * rejects: a failure appears as `error`. It does not move `expiresAt`.
   *
   * @example <button onClick={session.touch}>Stay signed in</button>
   */
  readonly touch: () => Promise<void>;
  /**
   * Returns the server's time now, in milliseconds since the epoch, for countdowns. The browser's clock may be wrong by
   * days. Call it in effects and event handlers: while a component renders, it may differ from the server's HTML.
   *
   * @example const leftMs = session.idleExpiresAt - session.getServerTime();
   */
  readonly getServerTime: () => number;
}

/** The session before the first answer arrived. */
export interface LoadingSession extends SessionMethods {
  readonly status: 'loading';
  readonly data: null;
  readonly id: null;
  readonly revision: null;
  readonly expiresAt: null;
  readonly idleExpiresAt: null;
}

/** The session of a signed-in user. */
export interface AuthenticatedSession<View> extends SessionMethods {
  readonly status: 'authenticated';
  /** The view, with pending changes applied. */
  readonly data: View;
  /** The public id. */
  readonly id: string;
  /** Counts the writes, from 1. Pending changes do not count yet. */
  readonly revision: number;
  /** When the session ends at the latest, in milliseconds since the epoch by the server's clock. */
  readonly expiresAt: number;
  /** When the session ends unless it is used again, in milliseconds since the epoch by the server's clock. */
  readonly idleExpiresAt: number;
}

/** The session of a signed-out user. */
export interface UnauthenticatedSession extends SessionMethods {
  readonly status: 'unauthenticated';
  /**
   * Why the session ended, if it did not expire. The server knows it for some time, until the next sign-in.
   *
   * @example session.ended === 'evicted' && <p>You were signed out because you signed in on another device.</p>
   */
  readonly ended?: SessionEnding;
  readonly data: null;
  readonly id: null;
  readonly revision: null;
  readonly expiresAt: null;
  readonly idleExpiresAt: null;
}

/** No request has succeeded yet, so it is not known whether the user is signed in. `error` says what failed. */
export interface UnavailableSession extends SessionMethods {
  readonly status: 'unavailable';
  readonly data: null;
  readonly id: null;
  readonly revision: null;
  readonly expiresAt: null;
  readonly idleExpiresAt: null;
  readonly error: RefetchError;
}

/** What `useSuspenseSession` returns: never `loading`. Check `status` first; it narrows the other fields. */
export type SettledSession<View> = AuthenticatedSession<View> | UnauthenticatedSession | UnavailableSession;

/** What `useSession` returns. Check `status` first; it narrows the other fields. */
export type SessionState<View> = LoadingSession | SettledSession<View>;

export interface StateInput<View> extends SessionMethods {
  /** The latest view, with pending changes applied. */
  readonly latest: KnownView<View> | null;
}

const emptyFields = { data: null, id: null, revision: null, expiresAt: null, idleExpiresAt: null } as const;

/** Builds what the hooks return. The time of the answer is not part of it, or every answer would render components. */
export function toState<View>({ latest, error, ...methods }: StateInput<View>): SessionState<View> {
  const { at: _, ...fields } = latest ?? { at: 0, status: error ? 'unavailable' : 'loading' };
  // The compiler does not see that `error` is set if the status is `unavailable`.
  return { ...emptyFields, ...fields, error, ...methods } as SessionState<View>;
}
