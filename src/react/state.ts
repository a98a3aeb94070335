import type { KnownView } from './order-views.ts';

interface Refetchable {
  /** Looks again, now. Never rejects: what went wrong is in `status` and `error`. */
  readonly refetch: () => Promise<void>;
}

/** Nothing has been heard yet. */
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

export interface AuthenticatedSession<View> extends Refetchable {
  readonly status: 'authenticated';
  /** The view, with the changes that are still on their way. */
  readonly data: View;
  /** The public id. */
  readonly id: string;
  /** Counts the writes, from 1; changes that are still on their way do not count yet. */
  readonly revision: number;
  readonly expiresAt: number;
  readonly idleExpiresAt: number;
  /** The server's time of the last answer. */
  readonly at: number;
  readonly error: null;
}

export interface UnauthenticatedSession extends Refetchable {
  readonly status: 'unauthenticated';
  readonly data: null;
  readonly id: null;
  readonly revision: null;
  readonly expiresAt: null;
  readonly idleExpiresAt: null;
  readonly at: number;
  readonly error: null;
}

/** Nobody can say right now. What was known last stays, and nobody is signed out. */
export interface UnavailableSession<View> extends Refetchable {
  readonly status: 'unavailable';
  readonly data: View | null;
  readonly id: string | null;
  readonly revision: number | null;
  readonly expiresAt: number | null;
  readonly idleExpiresAt: number | null;
  readonly at: number | null;
  /** What the last look failed with; null when the server itself answered that it cannot say. */
  readonly error: unknown;
}

/** What `useSuspenseSession` answers. */
export type SettledSession<View> = AuthenticatedSession<View> | UnauthenticatedSession | UnavailableSession<View>;

/** What `useSession` answers. */
export type SessionState<View> = LoadingSession | SettledSession<View>;

/** Why nobody can say right now. */
export interface SessionFailure {
  /** The server's time of the last answer before or with it. */
  readonly at: number | null;
  readonly error: unknown;
}

export interface StateFacts<View> extends Refetchable {
  readonly known: KnownView<View> | null;
  /** The known view with the pending changes over it. */
  readonly data: View | null;
  readonly failure: SessionFailure | null;
}

const emptyFields = { data: null, id: null, revision: null, expiresAt: null, idleExpiresAt: null } as const;

/** What a component sees of what is known. */
export function toState<View>({ known, data, failure, refetch }: StateFacts<View>): SessionState<View> {
  if (failure) return { status: 'unavailable', ...getLastKnown(known, data), ...failure, refetch };
  const fine = { error: null, refetch };
  if (!known) return { status: 'loading', ...emptyFields, at: null, ...fine };
  if (known.status === 'unauthenticated') return { status: known.status, ...emptyFields, at: known.at, ...fine };
  const { status, id, revision, expiresAt, idleExpiresAt, at } = known;
  return { status, data: data ?? known.data, id, revision, expiresAt, idleExpiresAt, at, ...fine };
}

function getLastKnown<View>(known: KnownView<View> | null, data: View | null) {
  if (known?.status !== 'authenticated') return emptyFields;
  const { id, revision, expiresAt, idleExpiresAt } = known;
  return { data, id, revision, expiresAt, idleExpiresAt };
}

/** The state before, or the same object again where nothing changed, so that references stay stable. */
export function keepReferences<View>(before: SessionState<View>, after: SessionState<View>): SessionState<View> {
  const data = JSON.stringify(before.data) === JSON.stringify(after.data) ? before.data : after.data;
  const next = { ...after, data } as SessionState<View>;
  const names = Object.keys(next) as (keyof SessionState<View>)[];
  return names.every((name) => before[name] === next[name]) ? before : next;
}
