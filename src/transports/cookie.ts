import { createHash, hkdfSync } from 'node:crypto';
import { sealData, unsealData } from 'iron-session';
import { LRUCache } from 'lru-cache';
import { createOptionError, SessionError } from '../core/errors.ts';
import { obstacleAdvice, type SessionSink, type SetCookie } from '../core/ports/sink.ts';
import type {
  DeliveryTerms,
  SessionCarrier,
  SessionRequest,
  SessionTransport,
  TransportBinding,
} from '../core/ports/transport.ts';
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

export type { CookieOptions } from './cookie-options.ts';

/** Opening a seal costs more than the rest of a request, so opened tokens are cached. Invalid seals are not. */
const maxCachedTokens = 10_000;
/** Joins the values of several cookies. A seal never holds it, but Next decodes values, so others may. */
const separator = ';';
/** What iron-session 8 and 9 write for this library's tokens. Anything else is rejected before any cryptography. */
const sealPattern = /^Fe26\.2\*\d{1,10}\*[0-9a-f]{64}\*[\w-]{22}\*[\w-]{86,1024}\*\*[0-9a-f]{64}\*[\w-]{43}~2$/;

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
    const getPasswords = memoize(() => derivePasswords(binding, getSettings().name));
    return [createCookieCarrier(getSettings, getPasswords)];
  };
}

function createCookieCarrier(getSettings: () => CookieSettings, getPasswords: () => SealPasswords): SessionCarrier {
  const { openSeals, sealToken } = createSealCache(getPasswords);
  const setCookie = async (request: SessionRequest, sink: SessionSink, cookie: Pick<SetCookie, 'value' | 'maxAge'>) => {
    const { attributes, places, ...naming } = getSettings();
    const opened = await openSeals(listSentCookies(naming, request));
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
    assertConfigured: () => void getPasswords(),
    find: (request) => {
      const sent = listSentCookies(getSettings(), request);
      const values = new Set(sent.map(({ value }) => value.replaceAll(separator, ' ')));
      return values.size === 0 ? null : [...values].join(separator);
    },
    open: async (credential) => {
      const { count, valid } = await openSeals(credential.split(separator).map((value) => ({ name: '', value })));
      const tokens = valid.map(({ token }) => token);
      return tokens.length > 1 || count > maxSeals ? tokens : (tokens[0] ?? null);
    },
    assertDeliverable: async (request, sink) => {
      assertCookieDeliverable(getSettings(), request, sink);
      assertNoShadow(getSettings().places, await openSeals(listSentCookies(getSettings(), request)));
    },
    deliver: async (token, { maxAgeMs, remember, request }: DeliveryTerms, sink) => {
      const seal = await sealToken({ token, place: getSettings().places.own });
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

function createSealCache(getPasswords: () => SealPasswords) {
  const textsBySeal = new LRUCache<string, string>({ max: maxCachedTokens });
  const openSeal = async ({ name, value }: SentCookie): Promise<SealedToken | null> => {
    const text = textsBySeal.get(value) ?? (await unsealToken(value, getPasswords().all));
    if (text !== null) textsBySeal.set(value, text);
    return text === null ? null : parseSealedToken(text, name);
  };
  // The seal of another app names another password. It costs no cryptography.
  const isOwn = ({ value }: SentCookie) => Object.hasOwn(getPasswords().all, value.split('*')[1] ?? '');
  return {
    async sealToken(sealed: SealedToken): Promise<string> {
      const text = formatSealedToken(sealed);
      const seal = await sealData(text, { password: getPasswords().newest, ttl: 0 });
      textsBySeal.set(seal, text);
      return seal;
    },
    async openSeals(sent: readonly SentCookie[]): Promise<OpenedSeals> {
      const seals = sent.filter(({ value }) => sealPattern.test(value));
      const own = [...new Map(seals.filter(isOwn).map((seal) => [seal.value, seal])).values()];
      const opened = own.length > maxSeals ? [] : await Promise.all(own.map(openSeal));
      const foreignNames = seals.filter((seal) => !isOwn(seal)).map(({ name }) => name);
      return { count: own.length, valid: opened.filter((sealed) => sealed !== null), foreignNames };
    },
  };
}

async function unsealToken(seal: string, password: Record<string, string>): Promise<string | null> {
  try {
    const token: unknown = await unsealData(seal, { password, ttl: 0 });
    return typeof token === 'string' ? token : null;
  } catch {
    // For a seal that it cannot open, iron-session throws in some cases and returns {} in others.
    return null;
  }
}

/** iron-session passwords by id: the newest one seals, all of them open. */
interface SealPasswords {
  readonly newest: Record<string, string>;
  readonly all: Record<string, string>;
}

/**
 * Derives one password per secret, bound to this purpose, cookie name and prefix. The id is computed from the password:
 * ids by position would change when the oldest secret is dropped, and every user would be signed out.
 */
function derivePasswords({ secrets, prefix }: TransportBinding, name: string): SealPasswords {
  const purpose = ['trpc-session cookie v1', name, prefix].map((part) => `${part.length}:${part}`).join('');
  const entries = secrets().map((secret): [string, string] => {
    const password = Buffer.from(hkdfSync('sha256', secret, '', purpose, 32)).toString('base64url');
    const id = createHash('sha256').update(`id:${password}`).digest().readUInt32BE() >>> 1;
    return [String(id), password];
  });
  const all = Object.fromEntries(entries);
  if (Object.keys(all).length < entries.length) {
    throw createOptionError('secret', 'a list of secrets with distinct key ids: replace one of them', entries);
  }
  return { newest: Object.fromEntries(entries.slice(0, 1)), all };
}

function assertCookieDeliverable({ attributes }: CookieSettings, request: SessionRequest, sink: SessionSink): void {
  const obstacle = sink.cookieObstacle();
  if (obstacle) throw new SessionError('COOKIE_UNWRITABLE', { hint: obstacleAdvice[obstacle] });
  if (attributes.secure && isSecureCookieDropped(request)) throw new SessionError('INSECURE_COOKIE');
}

/**
 * Whether the browser will drop a Secure cookie, as far as the request tells. The app's own page tells it for certain. A
 * forwarded http does not, because TLS may end before; but browsers send Sec-Fetch-Site only where Secure cookies work.
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
