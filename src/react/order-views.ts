import type { AuthenticatedView, UnauthenticatedView } from '../core/session/view.ts';

/** An answer that says who is there: somebody, or nobody. */
export type KnownView<View> = AuthenticatedView<View> | UnauthenticatedView;

/**
 * Whether an answer is newer than what is known, in whatever order the two arrived. Within one id the revision decides,
 * and the server's time only between equal ones; otherwise the server's time decides.
 */
export function isNewer(known: KnownView<unknown> | null, answer: KnownView<unknown>): boolean {
  if (!known) return true;
  if (known.status === 'unauthenticated' || answer.status === 'unauthenticated') return answer.at > known.at;
  if (known.id !== answer.id || known.revision === answer.revision) return answer.at > known.at;
  return answer.revision > known.revision;
}

/** Whose session it is, or null for nobody's. */
export function getId(view: KnownView<unknown> | null): string | null {
  return view?.status === 'authenticated' ? view.id : null;
}

export function getData<View>(known: KnownView<View> | null): View | null {
  return known?.status === 'authenticated' ? known.data : null;
}
