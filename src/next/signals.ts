import { cookies, headers } from 'next/headers.js';
import { isSessionError } from '../core/errors.ts';
import { refreshPage } from './next-features.ts';
import { type NextSessionOptions, toPagePath, toPageRequest } from './page-path.ts';
import { isRender } from './request.ts';

/** In a page, redirects or shows `forbidden.tsx`, because a page cannot respond with 401 or 403. Elsewhere throws. */
export async function redirectOrForbid(error: unknown, { signIn, reauthenticate }: NextSessionOptions): Promise<never> {
  if (!isSessionError(error)) throw error;
  if (!isRender(await cookies())) return refreshIfSignedOut(error);
  // A dynamic import: bundlers need the name without `.js`, and plain Node cannot load that. Node never gets here,
  // because it renders no page.
  const { forbidden, redirect } = await import('next/navigation');
  const page = toPageRequest(await headers());
  if (signIn !== undefined && isSignedOutRefusal(error)) redirect(toPagePath('signIn', signIn, page));
  if (reauthenticate !== undefined && error.code === 'STALE') {
    redirect(toPagePath('reauthenticate', reauthenticate, page));
  }
  if (error.code === 'REFUSED') await callIfPossible(forbidden);
  throw error;
}

/**
 * Throws the error again. If it says that the user is signed out, a server action makes Next render the page again, since
 * Next sends no header that could say so.
 */
export async function refreshIfSignedOut(error: unknown): Promise<never> {
  if (isSignedOutRefusal(error)) await callIfPossible(refreshPage);
  throw error;
}

function isSignedOutRefusal(error: unknown): boolean {
  return isSessionError(error) && (error.code === 'MISSING' || error.code === 'EXPIRED');
}

/** Calls a function of Next. Ignores the error that it is not possible here or not enabled. */
export async function callIfPossible(callback: () => void | Promise<void>): Promise<void> {
  try {
    await callback();
  } catch (error) {
    if (isNextSignal(error)) throw error;
  }
}

/** Whether Next threw this to redirect, to show `forbidden.tsx` or to stop prerendering. It must reach Next. */
function isNextSignal(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'digest' in error;
}
