import { createOptionError } from '../core/errors.ts';
import type { CarrierScheme, SessionCarrier, SessionTransport } from '../core/ports/transport.ts';

/**
 * Reads the token from the `Authorization: Bearer …` header. For mobile apps, command-line tools and other clients
 * without cookies.
 *
 * A client that sends `Session-Transport: bearer` gets each new token in the response header `Session-Token`, and its
 * cookies are ignored: `createTokenStore` of `trpc-session/client` does this. `start` and `regenerate` also resolve to the
 * token. The cross-site check does not apply, because no browser sends this header by itself.
 *
 * @example
 * createSessions({ transport: first(cookie(), bearer()), ... });
 * @see RFC 6750 §2.1
 */
export function bearer(): SessionTransport {
  const scheme = { type: 'http', scheme: 'bearer' } as const;
  return () => [createHeaderCarrier('bearer', scheme, (value) => /^Bearer +(\S+)$/i.exec(value)?.[1] ?? null)];
}

/**
 * Reads the token from a header of the given name, whose whole value is the token.
 *
 * A client that sends `Session-Transport` with this name gets each new token in the response header `Session-Token`, and
 * its cookies are ignored. `start` and `regenerate` also resolve to the token. The cross-site check does not apply,
 * because no browser sends this header by itself.
 *
 * @param name Name of the header, at most 64 characters, in any case.
 * @throws `INVALID_OPTION` if `name` is not a header name
 * @example
 * createSessions({ transport: header('X-Session'), ... });
 * @see RFC 9110 §5.1
 */
export function header(name: string): SessionTransport {
  if (typeof name !== 'string' || !/^[\w!#$%&'*+.^`|~-]{1,64}$/.test(name)) {
    throw createOptionError('header', 'a header name (RFC 9110 §5.1) of at most 64 characters', name);
  }
  return () => [createHeaderCarrier(name, { type: 'apiKey', in: 'header', name }, (value) => value)];
}

function createHeaderCarrier(
  name: string,
  scheme: CarrierScheme,
  extractToken: (value: string) => string | null,
): SessionCarrier {
  const headerName = scheme.type === 'http' ? 'authorization' : scheme.name.toLowerCase();
  return {
    name,
    scheme,
    ambient: false,
    assertConfigured: () => {},
    find: (request) => {
      const value = request.header(headerName);
      return value === null ? null : extractToken(value);
    },
    open: async (credential) => credential,
    assertDeliverable: () => {},
    deliver: async (token) => token,
    clear: () => false,
  };
}
