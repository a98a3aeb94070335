import { sessionProxy } from './app/session-server';

/**
 * Middleware that redirects signed-out visitors to the sign-in page, before anything is rendered. It is not a guard: each
 * page has its own. It also tells each page its path, to which the visitor returns after the sign-in.
 *
 * It reads the session, which is one more store command per page. With Cache Components, Next keeps a page that redirected
 * by itself, and that page would redirect again after the sign-in.
 *
 * When you add a protected page, add its path to the matcher.
 */
export const proxy = sessionProxy({ check: 'session' });

export const config = {
  matcher: [
    {
      source: '/(dashboard|account|devices|admin)/:path*',
      // The router keeps what it prefetched. A redirect would still count after the user has signed in.
      missing: [{ type: 'header', key: 'next-router-prefetch' }],
    },
  ],
};
