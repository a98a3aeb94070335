import {
  type HeaderSource,
  parseCookieValues,
  type RequestSite,
  type RequestSource,
  type SessionRequest,
} from '../ports/transport.ts';
import type { PublicUrl } from '../record/origins.ts';

type ReadHeader = SessionRequest['header'];

/** Reads what the platform says about a request. What it does not say is null, and is never guessed. */
export function toSessionRequest(source: RequestSource, publicUrl: PublicUrl): SessionRequest {
  return new ReceivedRequest(source, publicUrl);
}

/** A class, because an object with a getter takes longer to create than all its headers take to read. */
class ReceivedRequest implements SessionRequest {
  readonly method: string;
  readonly header: ReadHeader;
  readonly #source: RequestSource;
  readonly #publicUrl: PublicUrl;

  constructor(source: RequestSource, publicUrl: PublicUrl) {
    this.method = (source.method ?? 'GET').toUpperCase();
    this.header = createHeaderReader(source.headers);
    this.#source = source;
    this.#publicUrl = publicUrl;
  }

  cookies(name: string): readonly string[] {
    return this.#source.readCookies?.(name) ?? parseCookieValues(this.header('cookie') ?? '', name);
  }

  get site(): RequestSite {
    const site = resolveSite(this.header, this.#publicUrl);
    const isKnown = site.scheme !== null || site.isTrusted;
    return isKnown ? site : { ...site, scheme: readConnectionScheme(this.header, this.#source) };
  }
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
function resolveSite(header: ReadHeader, publicUrl: PublicUrl): RequestSite {
  if (publicUrl !== null && publicUrl !== 'forwarded')
    return { ...publicUrl, isTrusted: true, isSecure: publicUrl.scheme === 'https' };
  const isTrusted = publicUrl === 'forwarded';
  const read = (name: string) => header(name)?.split(',')[0]?.trim().toLowerCase() || null;
  const forwarded = { scheme: toScheme(read('x-forwarded-proto')), host: isTrusted ? read('x-forwarded-host') : null };
  const page = readOwnPage(header);
  return {
    scheme: (isTrusted ? forwarded.scheme : null) ?? page.scheme ?? forwarded.scheme,
    host: forwarded.host ?? page.host ?? header('host'),
    isTrusted,
    isSecure: forwarded.scheme === 'https',
  };
}

/**
 * Returns what the Origin header says about this site. The page of another site, such as a provider's, says nothing. One
 * on another port of this host says the scheme.
 */
function readOwnPage(header: ReadHeader): Pick<RequestSite, 'scheme' | 'host'> {
  const [origin, host] = [header('origin') ?? '', `http://${header('host')}`];
  const page = URL.canParse(origin) ? new URL(origin) : null;
  const scheme = toScheme(page?.protocol.slice(0, -1));
  if (page && header('sec-fetch-site') === 'same-origin') return { scheme, host: page.host };
  const isThisHost = URL.canParse(host) && new URL(host).hostname === page?.hostname;
  return { scheme: isThisHost ? scheme : null, host: null };
}

/** What proxies add to a request. Some add nothing. */
const proxyHeaders = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'];

/**
 * Returns the scheme of the connection, if a browser is at its other end. A proxy hides the scheme that the browser uses,
 * and a program may keep a Secure cookie over plain http.
 */
function readConnectionScheme(header: ReadHeader, { socket, url }: RequestSource): RequestSite['scheme'] {
  // The user agent of every browser begins like this.
  const isBrowser = header('user-agent')?.startsWith('Mozilla/') === true;
  if (!isBrowser || proxyHeaders.some((name) => header(name) !== null)) return null;
  if (socket) return 'encrypted' in socket && socket.encrypted ? 'https' : 'http';
  return toScheme(/^(https?):\/\//.exec(url ?? '')?.[1]);
}

function toScheme(name: string | null | undefined): RequestSite['scheme'] {
  return name === 'http' || name === 'https' ? name : null;
}
