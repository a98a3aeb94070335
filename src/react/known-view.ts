import type { AuthenticatedView, UnauthenticatedView } from '../core/session/view.ts';

/** A view that says whether the user is signed in. */
export type KnownView<View> = AuthenticatedView<View> | UnauthenticatedView;

/**
 * Whether a view is newer than the latest one. Views may arrive in any order. For the same session id the higher revision
 * is newer; if the revisions are equal, or the ids differ, the later server time is newer.
 */
export function isNewer(latest: KnownView<unknown> | null, view: KnownView<unknown>): boolean {
  if (!latest) return true;
  if (latest.status === 'unauthenticated' || view.status === 'unauthenticated') return view.at > latest.at;
  if (latest.id !== view.id || latest.revision === view.revision) return view.at > latest.at;
  return view.revision > latest.revision;
}

/** Returns the id of the session, or null if the user is signed out. */
export function getId(view: KnownView<unknown> | null): string | null {
  return view?.status === 'authenticated' ? view.id : null;
}

export function getData<View>(view: KnownView<View> | null): View | null {
  return view?.status === 'authenticated' ? view.data : null;
}

/**
 * Returns when the session ends unless it is used again, by the server's clock. Null if the user is signed out, or if the
 * server's own clock says that the end has passed: then only the server can tell.
 */
export function getDeadline(view: KnownView<unknown> | null): number | null {
  if (view?.status !== 'authenticated') return null;
  const deadline = Math.min(view.idleExpiresAt, view.expiresAt);
  return deadline > view.at ? deadline : null;
}
