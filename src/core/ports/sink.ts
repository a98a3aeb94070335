import { type SetCookie, stringifySetCookie } from 'cookie';

export type { SetCookie } from 'cookie';

/** Why a cookie cannot be sent from here. */
export type CookieObstacle = 'stream' | 'subscription' | 'render' | 'websocket' | 'caller' | 'ended';

/** Where the answer to one request is written. */
export interface SessionSink {
  /** Why a cookie would be lost, or null when one set now will arrive. Asked before every write. */
  cookieObstacle(): CookieObstacle | null;
  /** Sets a cookie; one set earlier under the same name is replaced. Values are sent as they are. */
  setCookie(cookie: SetCookie): void;
  /** The answer depends on the session: no shared cache may keep it (ASVS 14.3.2). */
  markPrivate(): void;
}

/** What to do about each obstacle. */
export const obstacleAdvice: Record<CookieObstacle, string> = {
  stream: 'The response streams: send this call with sessionLink from trpc-session/client, or with httpBatchLink.',
  subscription: 'A subscription has sent its headers: do this in a mutation.',
  render: 'A Server Component cannot set cookies: do this in a server action or a route handler.',
  websocket: 'A WebSocket has sent its headers: do this in a mutation over HTTP.',
  caller: 'This call has no response to put a cookie on: do this in a server action, a route handler or over HTTP.',
  ended: 'The response has already been sent: do this before it is.',
};

/** A sink for calls without a response, such as server-side callers. */
export const noSink: SessionSink = {
  cookieObstacle: () => 'caller',
  setCookie: () => {},
  markPrivate: () => {},
};

/** A sink over the response headers that a fetch-style adapter will send. */
export function createHeadersSink(
  headers: Headers,
  cookieObstacle: () => CookieObstacle | null = () => null,
): SessionSink {
  return {
    cookieObstacle,
    setCookie(cookie) {
      const others = headers.getSetCookie().filter((line) => !line.startsWith(`${cookie.name}=`));
      headers.delete('set-cookie');
      for (const line of [...others, formatSetCookie(cookie)]) headers.append('set-cookie', line);
    },
    markPrivate: () => markPrivate(headers),
  };
}

export function markPrivate(headers: Headers): void {
  headers.set('cache-control', 'private, no-store');
  const varied = (headers.get('vary') ?? '').split(',').map((name) => name.trim().toLowerCase());
  if (!varied.includes('cookie') && !varied.includes('*')) headers.append('vary', 'Cookie');
}

export function formatSetCookie(cookie: SetCookie): string {
  return stringifySetCookie(cookie, { encode: (value) => value });
}
