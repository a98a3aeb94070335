import type { SessionSink } from './sink.ts';

/** The parts of a request that a transport reads. */
export interface SessionRequest {
  /** Upper-case HTTP method. */
  readonly method: string;
  header(name: string): string | null;
  /** Returns every value sent under this cookie name, not decoded and with its quotes. */
  cookies(name: string): readonly string[];
  /** Where the browser reached the app. */
  readonly site: RequestSite;
}

/** The scheme and host of a request as the browser sees them. */
export interface RequestSite {
  /**
   * From `publicUrl`, the app's page that sent the request, a forwarded header, or the connection of a browser. Null if
   * none of them says it.
   */
  readonly scheme: 'http' | 'https' | null;
  /** The host, with a port that is not the default. Null if it is not known. */
  readonly host: string | null;
  /** Whether the `publicUrl` option says so, and not only a header that a client could set. */
  readonly isTrusted: boolean;
  /** Whether a proxy or `publicUrl` says that the request arrived over https. */
  readonly isSecure: boolean;
}

/** What a transport gets from its manager. Its functions may not be called before the first request. */
export interface TransportBinding {
  /** Separates apps that share secrets or a Redis. */
  readonly prefix: string;
  /** Returns the secrets, newest first. Throws `NOT_CONFIGURED` if there is none. */
  secrets(): readonly string[];
  production(): boolean;
}

/** How long the client should keep a token. */
export interface DeliveryTerms {
  readonly maxAgeMs: number;
  /** False: until the browser is closed. */
  readonly remember: boolean;
  /** The request that the token is issued for. */
  readonly request: SessionRequest;
}

/** How a client sends its token, as an OpenAPI security scheme. */
export type CarrierScheme =
  | { readonly type: 'apiKey'; readonly in: 'cookie' | 'header'; readonly name: string }
  | { readonly type: 'http'; readonly scheme: 'bearer' };

/** The token in a credential; several, if the credential is ambiguous; or null, if it is invalid. */
export type OpenedCredential = string | readonly string[] | null;

/** One way in which a token travels, such as a cookie or a header. */
export interface SessionCarrier {
  readonly name: string;
  readonly scheme: CarrierScheme;
  /**
   * Whether browsers send the credential by themselves, so that another site can make them do it.
   *
   * @see ASVS 3.5.1
   */
  readonly ambient: boolean;
  /** Throws a `SessionError` if this carrier lacks what it needs, such as a secret. */
  assertConfigured(): void;
  /** Returns the credential of a request, unopened. Null if there is none, `''` if it cannot be used. */
  find(request: SessionRequest): string | null;
  /**
   * Returns the token in a credential, or null if the credential is invalid. Never throws or rejects for bad input. If the
   * request carries several valid tokens, and nothing tells which one counts, returns all of them. If it carries too many
   * to open, returns an empty list.
   */
  open(credential: string): OpenedCredential | Promise<OpenedCredential>;
  /** Throws a `SessionError`, or rejects with one, if a token delivered now would not arrive, or would not count. */
  assertDeliverable(request: SessionRequest, sink: SessionSink): void | Promise<void>;
  /** Delivers the token. Resolves to the token if the caller must hand it over, or to null if it is on its way. */
  deliver(token: string, terms: DeliveryTerms, sink: SessionSink): Promise<string | null>;
  /** Makes the client drop its token. Resolves to false if that is not possible from here. */
  clear(sink: SessionSink, request: SessionRequest): boolean | Promise<boolean>;
}

/**
 * Returns carriers in order. A request uses the one that its header `Session-Transport` names, if that is no cookie. Else
 * it uses the first one that it has a credential for; without any, the first of all.
 */
export type SessionTransport = (binding: TransportBinding) => readonly SessionCarrier[];

/**
 * Combines transports. A request uses the one that its header `Session-Transport` names, if that is no cookie. Else it
 * uses the first one that it has a credential for; without any, the first of all.
 *
 * @example createSessions({ ..., transport: first(cookie(), bearer()) })
 */
export function first(...transports: readonly SessionTransport[]): SessionTransport {
  return (binding) => transports.flatMap((transport) => transport(binding));
}

/** Request headers in any form that adapters pass. */
export type HeaderSource = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/** The request that `sessions.open` takes: a `Request`, or any object with headers. */
export interface RequestSource {
  readonly headers: HeaderSource;
  /** @default 'GET' */
  readonly method?: string | undefined;
  /**
   * Returns the values of a cookie, for frameworks that keep cookies apart from the headers. It is not named `cookies`,
   * because cookie parsers of Express and Fastify put an object there.
   *
   * @default reads the Cookie header
   */
  readonly readCookies?: (name: string) => readonly string[];
  /** Node's socket. It says whether the connection is encrypted. */
  readonly socket?: object | null | undefined;
  /** The address of the request. That of a fetch `Request` says the scheme; Node's is a path, and says nothing. */
  readonly url?: string | undefined;
}

/**
 * Returns all values of one name in a Cookie header. Libraries keep either the first or the last, and two parts of an app
 * that disagree would read two sessions.
 *
 * @see RFC 6265 §5.4
 */
export function parseCookieValues(header: string, name: string): readonly string[] {
  const values: string[] = [];
  // Most cookies of a request are not this one, and need not be taken apart.
  if (!header.includes(name)) return values;
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && trimBlanks(pair.slice(0, at)) === name) values.push(trimBlanks(pair.slice(at + 1)));
  }
  return values;
}

/**
 * Removes spaces and tabs at both ends. `trim` removes more: it would accept a cookie that a sibling domain named
 * `\u00a0__Host-ssid`, because browsers check the prefix from the first character of the name.
 */
function trimBlanks(text: string): string {
  let [start, end] = [0, text.length];
  while (text[start] === ' ' || text[start] === '\t') start += 1;
  while (end > start && (text[end - 1] === ' ' || text[end - 1] === '\t')) end -= 1;
  return text.slice(start, end);
}
