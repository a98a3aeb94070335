import type { SessionRequest } from '../core/ports/transport.ts';

/** A cookie of a request. */
export interface SentCookie {
  readonly name: string;
  readonly value: string;
}

/** The name of the session cookie, and whether it may get a port at its end. */
export interface CookieNaming {
  readonly name: string;
  /**
   * True in development, with the default name: apps on several ports of one host share its cookies, so each would
   * overwrite the session of the other.
   */
  readonly mayHavePort: boolean;
}

/** Each name costs one pass over the Cookie header. */
const maxPorts = 16;

/** Lists the cookies of a request that may hold the session. Those of other ports too: one app may use several. */
export function listSentCookies({ name, mayHavePort }: CookieNaming, request: SessionRequest): readonly SentCookie[] {
  if (!mayHavePort) return request.cookies(name).map((value) => ({ name, value }));
  const names = new Set([name, ...findNamesWithPort(name, request.header('cookie') ?? '')]);
  return [...names].flatMap((sent) => request.cookies(sent).map((value) => ({ name: sent, value })));
}

function findNamesWithPort(name: string, header: string): readonly string[] {
  const withPort = new RegExp(`(?:^|;)[ \t]*(${name}-\\d{1,5})=`, 'g');
  return [...header.matchAll(withPort)].flatMap(([, found]) => found ?? []).slice(0, maxPorts);
}

/**
 * Returns the name to set the cookie under: with the port, if another app on this host uses the bare name.
 *
 * @param taken The names under which the request carries cookies of other apps.
 */
export function chooseCookieName(
  { name, mayHavePort }: CookieNaming,
  { site: { host } }: SessionRequest,
  taken: readonly string[],
): string {
  const port = host !== null && URL.canParse(`http://${host}`) ? new URL(`http://${host}`).port : '';
  return mayHavePort && port !== '' && taken.includes(name) ? `${name}-${port}` : name;
}
