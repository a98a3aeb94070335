import type { SessionRequest } from '../ports/transport.ts';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

export function isUnsafe(method: string): boolean {
  return !safeMethods.has(method);
}

/** A WebSocket begins with a GET request, is not bound by CORS, and carries mutations later. */
export function isHandshake(request: SessionRequest): boolean {
  return request.header('upgrade')?.toLowerCase() === 'websocket';
}

/**
 * Returns whether another site made the browser send this request. Siblings of the same site count as other sites.
 *
 * @param origins Origins that may send writes.
 * @param hasCredential Whether the request carries our credential.
 * @see ASVS 3.5.1; the order of the checks follows the Fetch Metadata specification.
 */
export function isCrossSite(request: SessionRequest, origins: ReadonlySet<string>, hasCredential: boolean): boolean {
  const unsafe = isUnsafe(request.method);
  if (!unsafe && !isHandshake(request)) return false;
  const origin = request.header('origin');
  const site = request.header('sec-fetch-site');
  if (origin !== null && origins.has(origin)) return false;
  if (site !== null) return site !== 'same-origin' && site !== 'none';
  if (origin !== null) return !isOwnOrigin(origin, request.header('host'));
  // Browsers send Origin with every handshake (RFC 6455 §4.1), so a handshake without it comes from no browser.
  return unsafe && hasCredential;
}

function isOwnOrigin(origin: string, host: string | null): boolean {
  if (host === null || !URL.canParse(origin)) return false;
  const url = new URL(origin);
  return url.origin === origin && url.host === host.toLowerCase();
}
