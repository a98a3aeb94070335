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

export interface CookieOptions {
  /** Default `'__Host-ssid'` where Secure, `'__Secure-ssid'` with a domain, otherwise `'ssid'`. */
  readonly name?: string;
  /** Sent over https only (ASVS 3.3.1). Default: true in production. Turn it off only where https is impossible. */
  readonly secure?: boolean;
  /** Default `'lax'`. `'none'` needs Secure and lets other sites embed the app. */
  readonly sameSite?: 'strict' | 'lax' | 'none';
  /** Shares the cookie with subdomains; then the name cannot begin with `__Host-`. Default: this host only. */
  readonly domain?: string;
}

/** The settled facts of one cookie. */
interface CookieFacts {
  readonly name: string;
  readonly attributes: Omit<SetCookie, 'name' | 'value' | 'maxAge'>;
}

/** Opened seals are remembered, because opening one costs more than the rest of a request (successes only). */
const rememberedSeals = 10_000;
/** What iron-session 8 and 9 write for our tokens: checked before any cryptography. */
const sealShape = /^Fe26\.2\*\d{1,10}\*[0-9a-f]{64}\*[\w-]{22}\*[\w-]{86,256}\*\*[0-9a-f]{64}\*[\w-]{43}~2$/;

/**
 * The sealed cookie: iron-session encrypts the token, so that the cookie shows nothing and a forged one costs no Redis
 * command. HttpOnly, SameSite=Lax, Path=/, `__Host-` and Secure in production (ASVS 3.3).
 */
export function cookie(options: CookieOptions = {}): SessionTransport {
  assertCookieOptions(options);
  return (binding) => {
    const facts = memoize(() => resolveCookieFacts(options, binding.production()));
    const ring = memoize(() => derivePasswords(binding, facts().name));
    return [createCookieCarrier(facts, ring)];
  };
}

function createCookieCarrier(facts: () => CookieFacts, ring: () => PasswordRing): SessionCarrier {
  const opened = new LRUCache<string, string>({ max: rememberedSeals });
  const set = (sink: SessionSink, value: string, maxAge?: number): void => {
    const { name, attributes } = facts();
    sink.setCookie({ name, value, ...attributes, ...(maxAge !== undefined && { maxAge }) });
  };
  return {
    get name() {
      return facts().name;
    },
    get scheme() {
      return { type: 'apiKey', in: 'cookie', name: facts().name } as const;
    },
    ambient: true,
    assertConfigured: () => void ring(),
    find: (request) => pickSingleValue(request.cookies(facts().name)),
    open: async (seal) => {
      if (seal.length > 512 || !sealShape.test(seal)) return null;
      const token = opened.get(seal) ?? (await unseal(seal, ring().all));
      if (token !== null) opened.set(seal, token);
      return token;
    },
    assertDeliverable: (request, sink) => assertCookieDeliverable(facts(), request, sink),
    deliver: async (token, { maxAgeMs, remember }: DeliveryTerms, sink) => {
      const seal = await sealData(token, { password: ring().newest, ttl: 0 });
      opened.set(seal, token);
      set(sink, seal, remember ? Math.max(1, Math.floor(maxAgeMs / 1000)) : undefined);
      return null;
    },
    clear: (sink) => {
      if (sink.cookieObstacle() !== null) return false;
      set(sink, '', 0);
      return true;
    },
  };
}

/** A name that occurs twice is nobody: a subdomain may have planted one of them. */
function pickSingleValue(values: readonly string[]): string | null {
  const [value = null] = values;
  return values.length > 1 ? '' : value;
}

async function unseal(seal: string, password: Record<string, string>): Promise<string | null> {
  try {
    const token: unknown = await unsealData(seal, { password, ttl: 0 });
    return typeof token === 'string' ? token : null;
  } catch {
    // iron-session throws for some seals that it cannot open and answers {} for others.
    return null;
  }
}

interface PasswordRing {
  readonly newest: Record<string, string>;
  readonly all: Record<string, string>;
}

/**
 * Every secret becomes a password bound to this purpose, cookie name and prefix, under an id computed from the
 * secret: ids by position would sign everybody out when the oldest is dropped.
 */
function derivePasswords({ secrets, prefix }: TransportBinding, name: string): PasswordRing {
  const purpose = ['trpc-session cookie v1', name, prefix].map((part) => `${part.length}:${part}`).join('');
  const entries = secrets().map((secret): [string, string] => {
    const password = Buffer.from(hkdfSync('sha256', secret, '', purpose, 32)).toString('base64url');
    const id = createHash('sha256').update(`id:${password}`).digest().readUInt32BE() >>> 1;
    return [String(id), password];
  });
  const all = Object.fromEntries(entries);
  if (Object.keys(all).length < entries.length) throw createOptionError('secret', 'secrets whose ids differ', entries);
  return { newest: Object.fromEntries(entries.slice(0, 1)), all };
}

function resolveCookieFacts(
  { name, secure, sameSite = 'lax', domain }: CookieOptions,
  production: boolean,
): CookieFacts {
  const isSecure = secure ?? (name?.startsWith('__') || sameSite === 'none' || production);
  return {
    name: name ?? (isSecure ? `${domain === undefined ? '__Host' : '__Secure'}-ssid` : 'ssid'),
    attributes: { httpOnly: true, secure: isSecure, sameSite, path: '/', ...(domain !== undefined && { domain }) },
  };
}

function assertCookieDeliverable({ attributes }: CookieFacts, request: SessionRequest, sink: SessionSink): void {
  const obstacle = sink.cookieObstacle();
  if (obstacle) throw new SessionError('COOKIE_UNWRITABLE', { hint: obstacleAdvice[obstacle] });
  const origin = request.header('origin');
  if (
    attributes.secure &&
    origin?.startsWith('http:') &&
    URL.canParse(origin) &&
    !isLoopback(new URL(origin).hostname)
  ) {
    throw new SessionError('INSECURE_COOKIE');
  }
}

/** Hosts whose plain http browsers trust with Secure cookies. */
function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d+){3}$/.test(hostname)
  );
}

function assertCookieOptions({ name, secure, sameSite, domain }: CookieOptions): void {
  if (name !== undefined && (typeof name !== 'string' || !/^[\w!#$%&'*+.^`|~-]{1,64}$/.test(name))) {
    throw createOptionError('cookie.name', 'a cookie name (RFC 6265 §4.1.1) of at most 64 characters', name);
  }
  if (secure !== undefined && typeof secure !== 'boolean')
    throw createOptionError('cookie.secure', 'a boolean', secure);
  if (sameSite !== undefined && !['strict', 'lax', 'none'].includes(sameSite)) {
    throw createOptionError('cookie.sameSite', "'strict', 'lax' or 'none'", sameSite);
  }
  if (domain !== undefined && (typeof domain !== 'string' || !/^[a-z0-9-]+(\.[a-z0-9-]+)*$/i.test(domain))) {
    throw createOptionError('cookie.domain', 'a bare domain, without scheme, port or leading dot', domain);
  }
  const prefixed = name !== undefined && /^__(host|secure|http)-/i.test(name);
  if (secure === false && (prefixed || sameSite === 'none')) {
    throw createOptionError(
      'cookie.secure',
      'true with a `__Host-`, `__Secure-` or `__Http-` name, or with sameSite none',
      secure,
    );
  }
  if (domain !== undefined && name !== undefined && /^__host-/i.test(name)) {
    throw createOptionError('cookie.domain', 'absent with a `__Host-` name', domain);
  }
}

function memoize<Value>(make: () => Value): () => Value {
  let made: { value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
