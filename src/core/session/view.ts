import type { SessionTypes } from '../engine.ts';
import { deepFreeze, type Immutable, type SessionSnapshot } from '../record/snapshot.ts';

declare const viewBrand: unique symbol;

/** A session as the browser may see it: JSON-safe, without a token, and only what `view` lets through. */
export interface AuthenticatedView<View> {
  readonly [viewBrand]?: View;
  readonly status: 'authenticated';
  readonly data: View;
  /** The public id. */
  readonly id: string;
  /** Within one id, the higher revision is the newer view. */
  readonly revision: number;
  /** The server's time of this answer, milliseconds since the epoch. */
  readonly at: number;
  readonly idleExpiresAt: number;
  readonly expiresAt: number;
}

export interface UnauthenticatedView {
  readonly status: 'unauthenticated';
  readonly at: number;
}

/** Nobody can say right now: not the same as signed out. */
export interface UnavailableView {
  readonly status: 'unavailable';
  readonly at: number;
}

/** What the provider and `useSession` are fed with. */
export type SessionView<View> = AuthenticatedView<View> | UnauthenticatedView | UnavailableView;

export function toView<T extends SessionTypes>(
  toView: (data: Immutable<T['data']>) => T['view'],
  snapshot: SessionSnapshot<Immutable<T['data']>> | null,
  at: number,
): AuthenticatedView<T['view']> | UnauthenticatedView {
  if (!snapshot) return { status: 'unauthenticated', at };
  const { id, revision, idleExpiresAt, expiresAt } = snapshot;
  const data = deepFreeze(toView(snapshot.data));
  return { status: 'authenticated', data, id, revision, at, idleExpiresAt, expiresAt };
}
