import type { RequestSite, SessionRequest } from '../ports/transport.ts';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

export function isUnsafe(method: string): boolean {
  return !safeMethods.has(method);
}

/** A WebSocket begins with a GET request, is not bound by CORS, and carries mutations later. */
export function isHandshake(request: SessionRequest): boolean {
  return request.header('upgrade')?.toLowerCase() === 'websocket';
}

/** `unknown`: the request carries a credential and no header of a browser, as from a program or a very old browser. */
export type RequestOrigin = 'own' | 'other' | 'unknown';

/**
 * Finds out whether another site made the browser send a write. Siblings of the same site count as other sites.
 *
 * @param isAllowed Returns whether an origin may send writes.
 * @param hasCredential Whether the request carries our credential.
 * @see ASVS 3.5.1; the order of the checks follows the Fetch Metadata specification.
 */
export function findOrigin(
  request: SessionRequest,
  isAllowed: (origin: string) => boolean,
  hasCredential: boolean,
): RequestOrigin {
  const unsafe = isUnsafe(request.method);
  if (!unsafe && !isHandshake(request)) return 'own';
  const origin = request.header('origin');
  const site = request.header('sec-fetch-site');
  if (origin !== null && isAllowed(origin)) return 'own';
  if (site !== null) return site === 'same-origin' || site === 'none' ? 'own' : 'other';
  if (origin !== null) return isOwnOrigin(origin, request.site) ? 'own' : 'other';
  // Browsers send Origin with every handshake (RFC 6455 §4.1), so a handshake without it comes from no browser.
  return unsafe && hasCredential ? 'unknown' : 'own';
}

/** Default ports are equal: `shop.example:443` is `https://shop.example`. */
function isOwnOrigin(origin: string, { scheme, host, isTrusted, isSecure }: RequestSite): boolean {
  if (host === null || !URL.canParse(origin)) return false;
  const url = new URL(origin);
  if (url.origin !== origin || !/^https?:$/.test(url.protocol)) return false;
  if (isTrusted && scheme !== null && url.protocol !== `${scheme}:`) return false;
  // An attacker in the network can serve a page over http. In the other direction, a proxy may end TLS and say nothing.
  if (isSecure && url.protocol === 'http:') return false;
  const own = `${url.protocol}//${host}`;
  return URL.canParse(own) && new URL(own).host === url.host && !/[/?#@\\]/.test(host);
}
