import { SessionError } from '../core/errors.ts';
import { obstacleAdvice, type SessionSink, type SetCookie } from '../core/ports/sink.ts';
import type { DeliveryTerms, SessionCarrier, SessionRequest, SessionTransport } from '../core/ports/transport.ts';
import { chooseCookieName, listSentCookies, type SentCookie } from './cookie-names.ts';
import {
  assertCookieOptions,
  type CookieOptions,
  type CookieSettings,
  resolveCookieSettings,
} from './cookie-options.ts';
import {
  assertNoShadow,
  formatSealedToken,
  listTwinPlaces,
  maxSeals,
  type OpenedSeals,
  parseSealedToken,
  type SealedToken,
} from './cookie-twins.ts';
import { memoize } from './memoize.ts';
import { createSealRing, type SealRing } from './seal.ts';

export type { CookieOptions } from './cookie-options.ts';

/** Joins the values of several cookies. A seal never holds it, but Next decodes values, so others may. */
const separator = ';';
/**
 * Sends the token as a sealed (encrypted and signed) cookie. The default transport.
 *
 * The cookie is HttpOnly, SameSite=Lax and Path=/. In production it is also Secure, with the `__Host-` prefix. The
 * cookie value reveals nothing about the user, and a forged one is rejected without a command to Redis.
 *
 * @throws `INVALID_OPTION` if browsers would drop a cookie with these options
 * @example
 * createSessions({ transport: cookie({ sameSite: 'strict' }), ... });
 * @see OWASP ASVS 5.0, 3.3 (cookie setup); RFC 6265
 */
export function cookie(options: CookieOptions = {}): SessionTransport {
  assertCookieOptions(options);
  return (binding) => {
    const getSettings = memoize(() => resolveCookieSettings(options, binding.production()));
    const getRing = memoize(() => createSealRing(binding, getSettings().name));
    return [createCookieCarrier(getSettings, getRing)];
  };
}

function createCookieCarrier(getSettings: () => CookieSettings, getRing: () => SealRing): SessionCarrier {
  const openSeals = (sent: readonly SentCookie[]): OpenedSeals => openCookies(getRing(), sent);
  const setCookie = async (request: SessionRequest, sink: SessionSink, cookie: Pick<SetCookie, 'value' | 'maxAge'>) => {
    const { attributes, places, ...naming } = getSettings();
    const opened = openSeals(listSentCookies(naming, request));
    const own = { ...places.own, name: chooseCookieName(naming, request, opened.foreignNames) };
    const twins = listTwinPlaces({ ...places, own }, opened);
    for (const place of twins) sink.setCookie({ value: '', ...attributes, ...place, maxAge: 0 });
    // The last one, because a sink may keep only one cookie of a name.
    sink.setCookie({ ...attributes, ...own, ...cookie });
  };
  return {
    get name() {
      return getSettings().name;
    },
    get scheme() {
      return { type: 'apiKey', in: 'cookie', name: getSettings().name } as const;
    },
    ambient: true,
    assertConfigured: () => void getRing(),
    find: (request) => {
      const sent = listSentCookies(getSettings(), request);
      const [only] = sent;
      if (sent.length <= 1) return only?.value.replaceAll(separator, ' ') ?? null;
      const values = new Set(sent.map(({ value }) => value.replaceAll(separator, ' ')));
      return [...values].join(separator);
    },
    open: (credential) => {
      const known = getRing().findOpened(credential);
      if (known !== undefined) return parseSealedToken(known, '')?.token ?? null;
      const { count, valid } = openSeals(credential.split(separator).map((value) => ({ name: '', value })));
      const tokens = valid.map(({ token }) => token);
      return tokens.length > 1 || count > maxSeals ? tokens : (tokens[0] ?? null);
    },
    assertDeliverable: async (request, sink) => {
      assertCookieDeliverable(getSettings(), request, sink);
      assertNoShadow(getSettings().places, openSeals(listSentCookies(getSettings(), request)));
    },
    deliver: async (token, { maxAgeMs, remember, request }: DeliveryTerms, sink) => {
      const seal = await getRing().seal(formatSealedToken({ token, place: getSettings().places.own }));
      // Max-Age=0 would delete the cookie at once.
      const maxAge = Math.max(1, Math.floor(Math.min(maxAgeMs, getSettings().maxAgeMs) / 1000));
      await setCookie(request, sink, { value: seal, ...(remember && { maxAge }) });
      return null;
    },
    clear: async (sink, request) => {
      if (sink.cookieObstacle() !== null) return false;
      await setCookie(request, sink, { value: '', maxAge: 0 });
      return true;
    },
  };
}

function openCookies(ring: SealRing, sent: readonly SentCookie[]): OpenedSeals {
  const seals = sent.filter(({ value }) => ring.isSeal(value));
  const own = [...new Map(seals.map((seal) => [seal.value, seal])).values()].filter(({ value }) => ring.isOwn(value));
  const opened = own.length > maxSeals ? [] : own.map(({ name, value }) => openCookie(ring, name, value));
  const foreignNames = seals.filter(({ value }) => !ring.isOwn(value)).map(({ name }) => name);
  return { count: own.length, valid: opened.filter((sealed) => sealed !== null), foreignNames };
}

function openCookie(ring: SealRing, name: string, value: string): SealedToken | null {
  const text = ring.open(value);
  return text === null ? null : parseSealedToken(text, name);
}

function assertCookieDeliverable({ attributes }: CookieSettings, request: SessionRequest, sink: SessionSink): void {
  const obstacle = sink.cookieObstacle();
  if (obstacle) throw new SessionError('COOKIE_UNWRITABLE', { hint: obstacleAdvice[obstacle] });
  if (attributes.secure && isSecureCookieDropped(request)) {
    throw new SessionError('INSECURE_COOKIE', { hint: proxyHint });
  }
}

const proxyHint =
  'If browsers reach the app over https, a proxy hides it: set `publicUrl` to the address that they use.';

/**
 * Whether the browser will drop a Secure cookie, as far as the request tells. The app's own page tells it for certain. A
 * forwarded or a plain connection does not, because TLS may end before; but browsers send Sec-Fetch-Site only where Secure
 * cookies work. Safari also sends it on localhost, where they do not.
 */
function isSecureCookieDropped({ header, site: { scheme, host } }: SessionRequest): boolean {
  if (scheme !== 'http' || host === null || !URL.canParse(`http://${host}`)) return false;
  if (isLoopback(new URL(`http://${host}`).hostname)) return isSafari(header('user-agent') ?? '');
  return header('sec-fetch-site') === null || header('origin') === `http://${host}`;
}

/** Safari is the one browser that drops Secure cookies on http://localhost. Others have Chrome or Chromium in their name. */
function isSafari(userAgent: string): boolean {
  return /AppleWebKit\/.*\bSafari\//.test(userAgent) && !/\b(Chrome|Chromium|HeadlessChrome|Android)\b/.test(userAgent);
}

/** Whether browsers accept Secure cookies from this host over plain http. */
function isLoopback(hostname: string): boolean {
  return /^(?:(?:.+\.)?localhost|\[::1\]|127(?:\.\d+){3})$/.test(hostname);
}
