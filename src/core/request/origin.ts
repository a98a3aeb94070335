import { createOptionError } from '../errors.ts';
import type { SessionRequest } from '../ports/transport.ts';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

export function isUnsafe(method: string): boolean {
  return !safeMethods.has(method);
}

/** A WebSocket begins as a GET, is not bound by CORS, and carries mutations later. */
export function isHandshake(request: SessionRequest): boolean {
  return request.header('upgrade')?.toLowerCase() === 'websocket';
}

/**
 * Whether another site made the browser send this request (ASVS 3.5.1; the order follows the Fetch Metadata
 * specification). Same-site siblings are other sites too. `carried` says that our credential came with it.
 */
export function isCrossSite(request: SessionRequest, origins: ReadonlySet<string>, carried: boolean): boolean {
  const unsafe = isUnsafe(request.method);
  if (!unsafe && !isHandshake(request)) return false;
  const origin = request.header('origin');
  const site = request.header('sec-fetch-site');
  if (origin !== null && origins.has(origin)) return false;
  if (site !== null) return site !== 'same-origin' && site !== 'none';
  if (origin !== null) return !isOwnOrigin(origin, request.header('host'));
  // Browsers send Origin with every handshake (RFC 6455 §4.1), so one without it comes from no browser.
  return unsafe && carried;
}

function isOwnOrigin(origin: string, host: string | null): boolean {
  if (host === null || !URL.canParse(origin)) return false;
  const url = new URL(origin);
  return url.origin === origin && url.host === host.toLowerCase();
}

/** Checks configured origins: exactly `scheme://host[:port]`, as a browser writes it in the Origin header. */
export function parseOrigins(origins: readonly string[]): ReadonlySet<string> {
  if (!Array.isArray(origins)) throw createOptionError('origins', 'an array of origins', origins);
  for (const origin of origins) {
    const exact = typeof origin === 'string' && URL.canParse(origin) && new URL(origin).origin === origin;
    if (!exact || !/^https?:[^*]+$/.test(origin)) {
      throw createOptionError('origins', "exact origins like 'https://app.example.com', without a path", origin);
    }
  }
  return new Set(origins);
}
