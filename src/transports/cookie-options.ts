import { createOptionError } from '../core/errors.ts';
import type { SetCookie } from '../core/ports/sink.ts';
import { type Duration, parseDuration } from '../core/record/expiry.ts';
import type { CookieNaming } from './cookie-names.ts';
import { type CookiePlaces, createPlace } from './cookie-twins.ts';

/** Options of `cookie()`. */
export interface CookieOptions {
  /**
   * Name of the cookie, at most 64 characters.
   *
   * @default `'__Host-ssid'` if the cookie is Secure, `'__Secure-ssid'` if it also has a `domain`, `'ssid'` otherwise
   * @see RFC 6265 §4.1.1
   */
  readonly name?: string;
  /**
   * Sends the cookie over https only. Pass `false` only where https is impossible, such as a device in a private network.
   *
   * @default `true` in production, with a name that starts with `__`, and with `sameSite: 'none'`; `false` otherwise
   * @see OWASP ASVS 5.0, 3.3.1
   */
  readonly secure?: boolean;
  /**
   * Which requests from other sites carry the cookie. `'none'` lets other sites embed the app, and needs Secure.
   *
   * @default `'lax'`
   * @see OWASP ASVS 5.0, 3.3.2
   */
  readonly sameSite?: 'strict' | 'lax' | 'none';
  /**
   * Domain that shares the cookie with its subdomains, such as `'example.com'`. Excludes a name that starts with `__Host-`.
   *
   * @default the host of the response only
   * @see OWASP ASVS 5.0, 3.3.3
   */
  readonly domain?: string;
  /**
   * Domains that earlier versions of the app passed as `domain`. Signing in and out expires the cookies that were set for
   * them. Otherwise a browser sends the old cookie too, and neither of them counts.
   *
   * @default []
   * @example cookie({ name: '__Secure-ssid', formerDomains: ['example.com'] })
   */
  readonly formerDomains?: readonly string[];
  /**
   * Path below which browsers send the cookie, for an app under a base path such as `'/shop'`. Excludes a name that starts
   * with `__Host-`.
   *
   * @default `'/'`
   */
  readonly path?: string;
  /**
   * Keeps one cookie per embedding site (CHIPS), for an app in a frame of other sites. Needs Secure.
   *
   * @default `false`
   */
  readonly partitioned?: boolean;
  /**
   * Which cookies Chrome drops first when a site has too many.
   *
   * @default Chrome's own, `'medium'`
   */
  readonly priority?: 'low' | 'medium' | 'high';
  /**
   * How long browsers keep the cookie at most. It never outlives the session.
   *
   * @default as long as the session may last
   */
  readonly maxAge?: Duration;
}

/** A cookie's name and attributes, with every default applied. */
export interface CookieSettings extends CookieNaming {
  /** Without those that say where the cookie is. */
  readonly attributes: Pick<SetCookie, 'httpOnly' | 'secure' | 'sameSite' | 'priority'>;
  /** The longest Max-Age, in milliseconds. */
  readonly maxAgeMs: number;
  readonly places: CookiePlaces;
}

export function resolveCookieSettings(options: CookieOptions, production: boolean): CookieSettings {
  const { secure, sameSite = 'lax', domain, path = '/', partitioned = false, priority, maxAge } = options;
  const isSecure = secure ?? (options.name?.startsWith('__') || sameSite === 'none' || partitioned || production);
  const prefix = domain === undefined && path === '/' ? '__Host' : '__Secure';
  const name = options.name ?? (isSecure ? `${prefix}-ssid` : 'ssid');
  // Browsers accept no domain with this prefix, so no cookie of this name can have one.
  const formerDomains = /^__host-/i.test(name) ? [] : (options.formerDomains ?? []);
  return {
    name,
    mayHavePort: options.name === undefined && !production,
    attributes: { httpOnly: true, secure: isSecure, sameSite, ...(priority !== undefined && { priority }) },
    maxAgeMs: maxAge === undefined ? Number.POSITIVE_INFINITY : parseDuration('cookie.maxAge', maxAge),
    places: {
      own: createPlace({ name, domain: domain?.toLowerCase(), path, partitioned }),
      formerDomains: formerDomains.map((former) => former.toLowerCase()),
    },
  };
}

const cookieNames = /^[\w!#$%&'*+.^`|~-]{1,64}$/;
/** Labels of RFC 1123 §2.1. */
const domains = /^(?!\.)(?=.{1,253}$)(?:(?:^|\.)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/i;
/** The characters of a path in RFC 3986, without those that separate cookie attributes. */
const paths = /^\/[\w/.~!$&'()*+=:@%-]{0,255}$/;
const isBoolean = (value: unknown): boolean => typeof value === 'boolean';
const isText = (pattern: RegExp) => (value: unknown) => typeof value === 'string' && pattern.test(value);
const isList = (isValid: (value: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.length > 0 && value.every(isValid);
const isAmong = (values: readonly unknown[]) => (value: unknown) => values.includes(value);

/** Per option: whether a value is valid, and what it must be. */
const optionRules: Readonly<Record<keyof CookieOptions, readonly [(value: unknown) => boolean, string]>> = {
  name: [isText(cookieNames), 'a cookie name (RFC 6265 §4.1.1) of at most 64 characters'],
  secure: [isBoolean, 'a boolean'],
  sameSite: [isAmong(['strict', 'lax', 'none']), "'strict', 'lax' or 'none'"],
  domain: [isText(domains), 'a domain name without scheme, port or leading dot'],
  formerDomains: [isList(isText(domains)), 'a list of domain names without scheme, port or leading dot'],
  path: [isText(paths), "a path that starts with '/', without spaces, commas or semicolons, of at most 256 characters"],
  partitioned: [isBoolean, 'a boolean'],
  priority: [isAmong(['low', 'medium', 'high']), "'low', 'medium' or 'high'"],
  maxAge: [(value) => parseDuration('cookie.maxAge', value) > 0, 'a duration'],
};

/** Throws `INVALID_OPTION` for options that browsers would drop, that do nothing, or that inject text into the header. */
export function assertCookieOptions(options: CookieOptions): void {
  for (const [option, value] of Object.entries(options)) {
    if (!Object.hasOwn(optionRules, option)) {
      throw createOptionError(
        `cookie.${option}`,
        `absent, because there is no such option (the options are ${Object.keys(optionRules).join(', ')})`,
        value,
      );
    }
    const [isValid, expected] = optionRules[option as keyof CookieOptions];
    if (value !== undefined && !isValid(value)) throw createOptionError(`cookie.${option}`, expected, value);
  }
  assertNamePrefix(options);
}

/** Browsers drop a cookie whose name promises attributes that it does not have. */
function assertNamePrefix(options: CookieOptions): void {
  const { name = '', secure, sameSite, domain, formerDomains, path = '/', partitioned } = options;
  const needsSecure = /^__(host|secure|http)-/i.test(name) || sameSite === 'none' || partitioned;
  if (secure === false && needsSecure) {
    const reason =
      "with a name that starts with `__Host-`, `__Secure-` or `__Http-`, with sameSite 'none' and with partitioned";
    throw createOptionError('cookie.secure', `true ${reason}`, secure);
  }
  if (!/^__host-/i.test(name)) return;
  if (domain !== undefined)
    throw createOptionError('cookie.domain', 'absent with a name that starts with `__Host-`', domain);
  if (formerDomains !== undefined)
    throw createOptionError('cookie.formerDomains', 'absent with a name that starts with `__Host-`', formerDomains);
  if (path !== '/') throw createOptionError('cookie.path', "'/' with a name that starts with `__Host-`", path);
}
