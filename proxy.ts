import { type NextRequest, NextResponse } from 'next/server';
import { hasToken } from './app/session-server';

/**
 * A courtesy, not a guard: who has no valid seal is sent to sign in before anything is rendered. It opens the cookie and
 * asks no store, so it costs microseconds and cannot know whether the session still lives. Each page guards itself.
 */
export async function proxy(request: NextRequest): Promise<NextResponse> {
  const isVisit = request.method === 'GET' || request.method === 'HEAD';
  if (!isVisit || (await hasToken(request))) return NextResponse.next();
  const { pathname, search } = request.nextUrl;
  const signIn = new URL('/sign-in', request.nextUrl);
  signIn.searchParams.set('next', pathname + search);
  return NextResponse.redirect(signIn, 307);
}

export const config = {
  matcher: ['/dashboard/:path*', '/account/:path*', '/devices/:path*', '/admin/:path*'],
};
