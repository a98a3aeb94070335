import { type HeaderSource, parseCookieValues, type RequestSource, type SessionRequest } from '../ports/transport.ts';
import type { PublicUrl } from '../record/origins.ts';

type ReadHeader = SessionRequest['header'];

/** Reads what the platform says about a request. What it does not say is null, and is never guessed. */
export function toSessionRequest(
  { headers, method = 'GET', readCookies }: RequestSource,
  publicUrl: PublicUrl,
): SessionRequest {
  const header = createHeaderReader(headers);
  return {
    method: method.toUpperCase(),
    header,
    cookies: readCookies ?? ((name) => parseCookieValues(header('cookie') ?? '', name)),
    get site() {
      return resolveSite(header, publicUrl);
    },
  };
}

function createHeaderReader(headers: HeaderSource): ReadHeader {
  if (headers instanceof Headers || typeof headers.get === 'function') {
    return (name) => (headers as Headers).get(name);
  }
  const read: ReadHeader = (name) => {
    // Node lower-cases header names. An object that was written by hand may not.
    const key = Object.hasOwn(headers, name) ? name : Object.keys(headers).find((own) => own.toLowerCase() === name);
    const value = key === undefined ? undefined : (headers as Record<string, unknown>)[key];
    if (Array.isArray(value)) return value.join(name === 'cookie' ? '; ' : ', ');
    return typeof value === 'string' ? value : null;
  };
  // Over HTTP/2, Node passes the host as `:authority` (RFC 9113 §8.3.1).
  return (name) => read(name) ?? (name === 'host' ? read(':authority') : null);
}

/**
 * A proxy appends to forwarded headers, so the first value is the one next to the browser. Without `publicUrl` the
 * forwarded host is ignored: a client could set it.
 */
function resolveSite(header: ReadHeader, publicUrl: PublicUrl): SessionRequest['site'] {
  if (publicUrl !== null && publicUrl !== 'forwarded') return { ...publicUrl, isTrusted: true };
  const scheme = readFirst(header, 'x-forwarded-proto');
  const host = (publicUrl === 'forwarded' ? readFirst(header, 'x-forwarded-host') : null) ?? header('host');
  const isKnown = scheme === 'http' || scheme === 'https';
  return { scheme: isKnown ? scheme : null, host, isTrusted: publicUrl === 'forwarded' };
}

function readFirst(header: ReadHeader, name: string): string | null {
  return header(name)?.split(',')[0]?.trim().toLowerCase() || null;
}
