import { createOptionError } from '../core/errors.ts';
import type { SetCookie } from '../core/ports/sink.ts';

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
}

/** A cookie's name and attributes, with every default applied. */
export interface CookieSettings {
  readonly name: string;
  readonly attributes: Omit<SetCookie, 'name' | 'value' | 'maxAge'>;
}

export function resolveCookieSettings(
  { name, secure, sameSite = 'lax', domain }: CookieOptions,
  production: boolean,
): CookieSettings {
  const isSecure = secure ?? (name?.startsWith('__') || sameSite === 'none' || production);
  return {
    name: name ?? (isSecure ? `${domain === undefined ? '__Host' : '__Secure'}-ssid` : 'ssid'),
    attributes: { httpOnly: true, secure: isSecure, sameSite, path: '/', ...(domain !== undefined && { domain }) },
  };
}

/** Throws `INVALID_OPTION` for options that browsers would drop, or that would inject text into the header. */
export function assertCookieOptions({ name, secure, sameSite, domain }: CookieOptions): void {
  if (name !== undefined && (typeof name !== 'string' || !/^[\w!#$%&'*+.^`|~-]{1,64}$/.test(name))) {
    throw createOptionError('cookie.name', 'a cookie name (RFC 6265 §4.1.1) of at most 64 characters', name);
  }
  if (secure !== undefined && typeof secure !== 'boolean')
    throw createOptionError('cookie.secure', 'a boolean', secure);
  if (sameSite !== undefined && !['strict', 'lax', 'none'].includes(sameSite)) {
    throw createOptionError('cookie.sameSite', "'strict', 'lax' or 'none'", sameSite);
  }
  if (domain !== undefined && (typeof domain !== 'string' || !/^[a-z0-9-]+(\.[a-z0-9-]+)*$/i.test(domain))) {
    throw createOptionError('cookie.domain', 'a domain name without scheme, port or leading dot', domain);
  }
  const needsSecure = (name !== undefined && /^__(host|secure|http)-/i.test(name)) || sameSite === 'none';
  if (secure === false && needsSecure) {
    const reason = "with a name that starts with `__Host-`, `__Secure-` or `__Http-`, and with sameSite 'none'";
    throw createOptionError('cookie.secure', `true ${reason}`, secure);
  }
  if (domain !== undefined && name !== undefined && /^__host-/i.test(name)) {
    throw createOptionError('cookie.domain', 'absent with a name that starts with `__Host-`', domain);
  }
}
