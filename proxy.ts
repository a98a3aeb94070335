import { sessionProxy } from './app/session-server';

/**
 * Middleware that redirects visitors without a valid session cookie to the sign-in page, before anything is rendered. It
 * is for speed only and is not a guard: it does not read the store, so it cannot see whether the session has ended. Each
 * page has its own guard. It also tells each page its path, to which the visitor returns after the sign-in.
 *
 * When you add a protected page, add its path to the matcher.
 */
export const proxy = sessionProxy();

export const config = {
  matcher: [
    {
      source: '/(dashboard|account|devices|admin)/:path*',
      // The router keeps what it prefetched. A redirect would still count after the user has signed in.
      missing: [{ type: 'header', key: 'next-router-prefetch' }],
    },
  ],
};
