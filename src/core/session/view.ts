import type { SessionEnding } from '../errors.ts';
import type { SessionTypes } from '../options.ts';
import { deepFreeze, type Immutable } from '../record/snapshot.ts';
import type { SessionReading } from './read-session.ts';

/** A session as the browser sees it: JSON, without a token, and only what `view` returns. */
export interface AuthenticatedView<View> {
  readonly status: 'authenticated';
  readonly data: View;
  /** The public id. */
  readonly id: string;
  /** Counts the writes, from 1. Of two views with the same id, the one with the higher revision is newer. */
  readonly revision: number;
  /** The server's time of this view, in milliseconds since the epoch. */
  readonly at: number;
  /** When the session ends unless it is used again, in milliseconds since the epoch. */
  readonly idleExpiresAt: number;
  /** When the session ends at the latest, in milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** The visitor is signed out. */
export interface UnauthenticatedView {
  readonly status: 'unauthenticated';
  /** The server's time of this view, in milliseconds since the epoch. */
  readonly at: number;
  /** Why the session ended, if it did not expire. The store knows it for some time. */
  readonly ended?: SessionEnding;
}

/** The store cannot be reached, so it is unknown whether the visitor is signed in. This is not the same as signed out. */
export interface UnavailableView {
  readonly status: 'unavailable';
  /** The server's time of this view, in milliseconds since the epoch. */
  readonly at: number;
}

/** What `<SessionProvider session={...}>` accepts. */
export type SessionView<View> = AuthenticatedView<View> | UnauthenticatedView | UnavailableView;

export function toView<T extends SessionTypes>(
  view: (data: Immutable<T['data']>) => T['view'],
  reading: SessionReading<T['data']>,
  at: number,
): AuthenticatedView<T['view']> | UnauthenticatedView {
  if (reading.status === 'absent') {
    const { ended } = reading;
    return { status: 'unauthenticated', at, ...(ended && { ended }) };
  }
  const { id, revision, idleExpiresAt, expiresAt } = reading.snapshot;
  const data = deepFreeze(view(reading.snapshot.data));
  return { status: 'authenticated', data, id, revision, at, idleExpiresAt, expiresAt };
}
