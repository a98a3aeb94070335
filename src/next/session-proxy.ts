import { type NextRequest, NextResponse } from 'next/server.js';
import { createOptionError, isSessionError } from '../core/errors.ts';
import type { Sessions } from '../core/manager.ts';
import type { SessionTypes } from '../core/options.ts';
import { markPrivate } from '../core/ports/sink.ts';
import { type PagePath, pagePathHeader, toPagePath } from './page-path.ts';

/** The options of `sessionProxy`. */
export interface SessionProxyOptions {
  /**
   * What a visitor needs in order to pass. `'token'`: a cookie whose seal opens, which costs no store command. `'session'`:
   * a session that is live in the store, which costs one command per page.
   *
   * @default 'token'
   */
  readonly check?: 'token' | 'session';
}

/** A function for `proxy.ts`, or for the older `middleware.ts`. */
export type SessionProxy = (request: NextRequest) => Promise<NextResponse>;

export function createSessionProxy<T extends SessionTypes>(
  sessions: Sessions<T>,
  signIn: PagePath,
  { check = 'token' }: SessionProxyOptions,
): SessionProxy {
  if (!['token', 'session'].includes(check)) throw createOptionError('check', "'token' or 'session'", check);
  const mayPass = check === 'token' ? hasToken : isSignedIn;
  return async (request) => {
    const { pathname, search } = request.nextUrl;
    const path = pathname + search;
    const isPageRequest = request.method === 'GET' || request.method === 'HEAD';
    if (!isPageRequest || (await mayPass(sessions, request))) return passOn(request, path);
    const page = { path, header: (name: string) => request.headers.get(name) };
    return redirect(request, toPagePath('signIn', signIn, page)) ?? passOn(request, path);
  };
}

function hasToken<T extends SessionTypes>(sessions: Sessions<T>, { headers }: NextRequest): Promise<boolean> {
  return sessions.open({ headers }).hasToken();
}

/** During an outage the page decides: it can say that the session is unavailable, and a redirect to sign-in would not. */
async function isSignedIn<T extends SessionTypes>(sessions: Sessions<T>, { headers }: NextRequest): Promise<boolean> {
  try {
    return (await sessions.open({ headers }).get({ passive: true })) !== null;
  } catch (error) {
    if (isSessionError(error) && error.code === 'UNAVAILABLE') return true;
    throw error;
  }
}

/** Tells the page its own path. A value that the client sent is replaced. */
function passOn(request: NextRequest, path: string): NextResponse {
  const headers = new Headers(request.headers);
  headers.set(pagePathHeader, path);
  return NextResponse.next({ request: { headers } });
}

/** Returns null if the visitor is on that page already: a matcher may cover the sign-in page too. */
function redirect(request: NextRequest, path: string): NextResponse | null {
  const { pathname, search } = new URL(path, 'http://app.invalid');
  if (pathname === request.nextUrl.pathname) return null;
  // A clone keeps the base path and the locale of the app. `new URL(path, request.url)` would lose them.
  const url = request.nextUrl.clone();
  url.pathname = pathname;
  url.search = search;
  const response = NextResponse.redirect(url, 307);
  markPrivate(response.headers);
  return response;
}
