import { type NextRequest, NextResponse } from 'next/server';
import { hasToken } from './app/session-server';

/**
 * Middleware that redirects visitors without a valid session cookie to the sign-in page, before anything is rendered. It
 * is for speed only and is not a guard: it does not read the store, so it cannot see whether the session has ended. Each
 * page has its own guard.
 *
 * When you add a protected page, add its path to the matcher.
 */
export async function proxy(request: NextRequest): Promise<NextResponse> {
  const isPageRequest = request.method === 'GET' || request.method === 'HEAD';
  if (!isPageRequest || (await hasToken(request))) return NextResponse.next();
  const { pathname, search } = request.nextUrl;
  // A clone keeps the base path of the app, if it has one. `new URL('/sign-in', request.url)` would lose it.
  const signIn = request.nextUrl.clone();
  signIn.pathname = '/sign-in';
  signIn.search = new URLSearchParams({ next: pathname + search }).toString();
  return NextResponse.redirect(signIn, 307);
}

export const config = {
  matcher: [
    {
      source: '/(dashboard|account|devices|admin)/:path*',
      // The router keeps what it prefetched. A redirect would still count after the user has signed in.
      missing: [{ type: 'header', key: 'next-router-prefetch' }],
    },
  ],
};
