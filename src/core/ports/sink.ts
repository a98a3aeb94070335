import { parseSetCookie, type SetCookie, stringifySetCookie } from 'cookie';
import type { AnnouncedOutcome } from './announcement-header.ts';

export type { SetCookie } from 'cookie';

/** Why a cookie cannot be sent. */
export type CookieObstacle = 'stream' | 'subscription' | 'render' | 'websocket' | 'caller' | 'ended';

/** The response to one request, as far as sessions write to it. */
export interface SessionSink {
  /** Returns why a cookie that is set now would be lost, or null if it will arrive. Called before every write. */
  cookieObstacle(): CookieObstacle | null;
  /**
   * Sets a cookie, and replaces one that was set before with the same name, domain, path and partitioning. A sink that can
   * send only one cookie of a name keeps the last one. The value is sent unencoded.
   */
  setCookie(cookie: SetCookie): void;
  /** Sets a header of the response. Without it, clients that keep their own token cannot sign in here. */
  readonly setHeader?: ((name: string, value: string) => void) | undefined;
  /**
   * Makes the response say what happened to the session, in the header `session-announcement`. A later call replaces an
   * earlier one.
   *
   * @default undefined: `setHeader` is called with that header
   */
  readonly announce?: ((outcome: AnnouncedOutcome) => void) | undefined;
  /**
   * Marks the response as depending on the session, so that no shared cache keeps it.
   *
   * @see ASVS 14.3.2
   */
  markPrivate(): void;
}

/** What to do about each obstacle: the hint of `COOKIE_UNWRITABLE`. */
export const obstacleAdvice: Record<CookieObstacle, string> = {
  stream: 'The response streams: send this call with sessionLink from trpc-session/client, or with httpBatchLink.',
  subscription: 'A subscription has sent its headers: do this in a mutation.',
  render: 'A Server Component cannot set cookies: do this in a server action or a route handler.',
  websocket: 'A WebSocket has sent its headers: do this in a mutation over HTTP.',
  caller: 'This call has no response to put a cookie on: do this in a server action, a route handler or over HTTP.',
  ended: 'The response has already been sent: do this before it is.',
};

/** The sink of a call without a response, such as a server-side caller. */
export const noSink: SessionSink = {
  cookieObstacle: () => 'caller',
  setCookie: () => {},
  markPrivate: () => {},
};

/**
 * Creates a sink over response headers that are sent later, as in a fetch handler.
 *
 * @param cookieObstacle Returns why a cookie cannot be sent. Default: it always can.
 * @example const session = sessions.open(request, createHeadersSink(responseHeaders));
 */
export function createHeadersSink(
  headers: Headers,
  cookieObstacle: () => CookieObstacle | null = () => null,
): SessionSink {
  let isPrivate = false;
  return {
    cookieObstacle,
    setCookie(cookie) {
      const lines = replaceSetCookie(headers.getSetCookie(), cookie);
      headers.delete('set-cookie');
      for (const line of lines) headers.append('set-cookie', line);
    },
    setHeader: (name, value) => headers.set(name, value),
    markPrivate() {
      if (!isPrivate) markPrivate(headers);
      isPrivate = true;
    },
  };
}

/** The Cache-Control header of a response that depends on the session. */
export const privateDirectives = 'private, no-store';

export function markPrivate(headers: Headers): void {
  headers.set('cache-control', privateDirectives);
  headers.set('vary', addCookieToVary(headers.get('vary') ?? ''));
}

/** Returns a Vary header that also names the cookie. */
export function addCookieToVary(vary: string): string {
  if (vary === '') return 'Cookie';
  const names = vary.split(',').map((name) => name.trim().toLowerCase());
  return names.includes('cookie') || names.includes('*') ? vary : `${vary}, Cookie`;
}

export function formatSetCookie(cookie: SetCookie): string {
  return stringifySetCookie(cookie, { encode: (value) => value });
}

/** Adds the Set-Cookie line of a cookie, in place of one that browsers would store in the same place. */
export function replaceSetCookie(lines: readonly string[], cookie: SetCookie): readonly string[] {
  const key = getCookieKey(cookie);
  const others = lines.filter((line) => getCookieKey(parseSetCookie(line, { decode: (value) => value })) !== key);
  return [...others, formatSetCookie(cookie)];
}

/**
 * Returns what tells a cookie from others in a browser.
 *
 * @see RFC 6265 §5.3, step 11; CHIPS, "partition key"
 */
export function getCookieKey({ name, domain = '', path = '', partitioned = false }: SetCookie): string {
  return JSON.stringify([name, domain.replace(/^\./, '').toLowerCase(), path, partitioned]);
}
