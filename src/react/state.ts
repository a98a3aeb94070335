import type { KnownView } from './known-view.ts';

interface Refetchable {
  /**
   * Reads the session from the server now. Never rejects: an error appears as `status` and `error`.
   *
   * @example await session.refetch();
   */
  readonly refetch: () => Promise<void>;
}

/** The session before the first answer arrived. */
export interface LoadingSession extends Refetchable {
  readonly status: 'loading';
  readonly data: null;
  readonly id: null;
  readonly revision: null;
  readonly expiresAt: null;
  readonly idleExpiresAt: null;
  readonly at: null;
  readonly error: null;
}

/** The session of a signed-in user. */
export interface AuthenticatedSession<View> extends Refetchable {
  readonly status: 'authenticated';
  /** The view, with pending changes applied. */
  readonly data: View;
  /** The public id. */
  readonly id: string;
  /** Counts the writes, from 1. Pending changes do not count yet. */
  readonly revision: number;
  /** When the session ends at the latest, in milliseconds since the epoch. */
  readonly expiresAt: number;
  /** When the session ends unless it is used again, in milliseconds since the epoch. */
  readonly idleExpiresAt: number;
  /** The server's time of the last answer, in milliseconds since the epoch. */
  readonly at: number;
  readonly error: null;
}

/** The session of a signed-out user. */
export interface UnauthenticatedSession extends Refetchable {
  readonly status: 'unauthenticated';
  readonly data: null;
  readonly id: null;
  readonly revision: null;
  readonly expiresAt: null;
  readonly idleExpiresAt: null;
  /** The server's time of the last answer, in milliseconds since the epoch. */
  readonly at: number;
  readonly error: null;
}

/** The session cannot be read at the moment. The last known view is kept, and the user is not signed out. */
export interface UnavailableSession<View> extends Refetchable {
  readonly status: 'unavailable';
  readonly data: View | null;
  readonly id: string | null;
  readonly revision: number | null;
  readonly expiresAt: number | null;
  readonly idleExpiresAt: number | null;
  readonly at: number | null;
  /** The error of the last request. Null if the server responded that its store is unavailable. */
  readonly error: unknown;
}

/** What `useSuspenseSession` returns: never `loading`. Check `status` first; it narrows the other fields. */
export type SettledSession<View> = AuthenticatedSession<View> | UnauthenticatedSession | UnavailableSession<View>;

/** What `useSession` returns. Check `status` first; it narrows the other fields. */
export type SessionState<View> = LoadingSession | SettledSession<View>;

/** Why the session is unavailable. */
export interface SessionFailure {
  /** The server's time of the failure; if no server stated one, the time of the answer before it. */
  readonly at: number | null;
  readonly error: unknown;
}

export interface StateInput<View> extends Refetchable {
  readonly latest: KnownView<View> | null;
  /** The data of the latest view, with pending changes applied. */
  readonly data: View | null;
  readonly failure: SessionFailure | null;
}

const emptyFields = { data: null, id: null, revision: null, expiresAt: null, idleExpiresAt: null } as const;

/** Builds what the hooks return. */
export function toState<View>({ latest, data, failure, refetch }: StateInput<View>): SessionState<View> {
  if (failure) return { status: 'unavailable', ...getLastFields(latest, data), ...failure, refetch };
  const shared = { error: null, refetch };
  if (!latest) return { status: 'loading', ...emptyFields, at: null, ...shared };
  if (latest.status === 'unauthenticated') return { status: latest.status, ...emptyFields, at: latest.at, ...shared };
  const { status, id, revision, expiresAt, idleExpiresAt, at } = latest;
  return { status, data: data ?? latest.data, id, revision, expiresAt, idleExpiresAt, at, ...shared };
}

function getLastFields<View>(latest: KnownView<View> | null, data: View | null) {
  if (latest?.status !== 'authenticated') return emptyFields;
  const { id, revision, expiresAt, idleExpiresAt } = latest;
  return { data, id, revision, expiresAt, idleExpiresAt };
}

/** If nothing changed, returns the previous object, so that components do not render again. Does the same for `data`. */
export function keepReferences<View>(previous: SessionState<View>, next: SessionState<View>): SessionState<View> {
  const data = JSON.stringify(previous.data) === JSON.stringify(next.data) ? previous.data : next.data;
  const state = { ...next, data } as SessionState<View>;
  const names = Object.keys(state) as (keyof SessionState<View>)[];
  return names.every((name) => previous[name] === state[name]) ? previous : state;
}
