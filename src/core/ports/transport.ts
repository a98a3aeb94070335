import type { SessionSink } from './sink.ts';

/** The parts of a request that say who is asking. */
export interface SessionRequest {
  /** Upper-case HTTP method. */
  readonly method: string;
  header(name: string): string | null;
  /** Every value that came under this cookie name, as sent: not decoded, not trimmed of quotes. */
  cookies(name: string): readonly string[];
}

/** What a transport is bound to when a manager is built. Nothing in it may be called before the first request. */
export interface TransportBinding {
  /** Separates apps that share secrets or a Redis. */
  readonly prefix: string;
  /** The ring of secrets, newest first. Throws `NOT_CONFIGURED` when there is none. */
  secrets(): readonly string[];
  production(): boolean;
}

/** For how long the client should keep a token. */
export interface DeliveryTerms {
  readonly maxAgeMs: number;
  /** False: only until the browser is closed. */
  readonly remember: boolean;
}

/** What a client sends to show its token, in the words of OpenAPI. */
export type CarrierScheme =
  | { readonly type: 'apiKey'; readonly in: 'cookie' | 'header'; readonly name: string }
  | { readonly type: 'http'; readonly scheme: 'bearer' };

/** One way a token travels. */
export interface SessionCarrier {
  readonly name: string;
  readonly scheme: CarrierScheme;
  /** True where a browser sends the credential by itself, so that another site can make it do so (ASVS 3.5.1). */
  readonly ambient: boolean;
  /** Throws a `SessionError` when this carrier lacks what it needs, such as a secret. */
  assertConfigured(): void;
  /** What this request carries for us, unopened: null for nothing, `''` for something that cannot be used. */
  find(request: SessionRequest): string | null;
  /** The token inside, or null when it is not ours. Never throws for bad input. */
  open(credential: string): Promise<string | null>;
  /** Throws a `SessionError` when a token delivered now would not arrive. */
  assertDeliverable(request: SessionRequest, sink: SessionSink): void;
  /** Sends the token to the client. Answers it where the caller must hand it over, null where it is on its way. */
  deliver(token: string, terms: DeliveryTerms, sink: SessionSink): Promise<string | null>;
  /** Makes the client forget its token; false where that cannot be said from here. */
  clear(sink: SessionSink): boolean;
}

/** Carriers in order: the first that a request uses is the one that answers it; the first of all, when none is used. */
export type SessionTransport = (binding: TransportBinding) => readonly SessionCarrier[];

/** Tries several transports in the order given. */
export function first(...transports: readonly SessionTransport[]): SessionTransport {
  return (binding) => transports.flatMap((transport) => transport(binding));
}

/** Header values of any of the shapes that adapters hand over. */
export type HeaderSource = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/** What `sessions.open` takes: any object with headers and, where it is known, a method. */
export interface RequestSource {
  readonly headers: HeaderSource;
  /** Default `'GET'`. */
  readonly method?: string | undefined;
  /** Where cookies are kept apart from the headers, as in Next. Default: the Cookie header. */
  readonly cookies?: (name: string) => readonly string[];
}

export function toSessionRequest({ headers, method = 'GET', cookies }: RequestSource): SessionRequest {
  const header = createHeaderReader(headers);
  return {
    method: method.toUpperCase(),
    header,
    cookies: cookies ?? ((name) => parseCookieValues(header('cookie') ?? '', name)),
  };
}

function createHeaderReader(headers: HeaderSource): SessionRequest['header'] {
  if (headers instanceof Headers || typeof headers.get === 'function') {
    return (name) => (headers as Headers).get(name);
  }
  return (name) => {
    // Node lower-cases names; whoever writes an object by hand may not.
    const key = Object.hasOwn(headers, name) ? name : Object.keys(headers).find((own) => own.toLowerCase() === name);
    const value = key === undefined ? undefined : (headers as Record<string, unknown>)[key];
    if (Array.isArray(value)) return value.join(name === 'cookie' ? '; ' : ', ');
    return typeof value === 'string' ? value : null;
  };
}

/**
 * The values of one name in a Cookie header (RFC 6265 §5.4), all of them: libraries keep the first or the last, and two
 * parts of an app that disagree see two sessions.
 */
export function parseCookieValues(header: string, name: string): readonly string[] {
  return header.split(';').flatMap((pair) => {
    const at = pair.indexOf('=');
    return at > 0 && trimBlanks(pair.slice(0, at)) === name ? [trimBlanks(pair.slice(at + 1))] : [];
  });
}

/**
 * Without spaces and tabs around. `trim` drops more, and so would take a cookie that another site named `\u00a0__Host-ssid`
 * for ours: browsers enforce the prefix by the name's first character.
 */
function trimBlanks(text: string): string {
  let [start, end] = [0, text.length];
  while (text[start] === ' ' || text[start] === '\t') start += 1;
  while (end > start && (text[end - 1] === ' ' || text[end - 1] === '\t')) end -= 1;
  return text.slice(start, end);
}
