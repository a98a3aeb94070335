import { createOptionError } from '../core/errors.ts';
import type { CarrierScheme, SessionCarrier, SessionTransport } from '../core/ports/transport.ts';

/** The token as `Authorization: Bearer …` (RFC 6750 §2.1). `start` and `regenerate` resolve with it, once. */
export function bearer(): SessionTransport {
  const scheme = { type: 'http', scheme: 'bearer' } as const;
  return () => [createHeaderCarrier('bearer', scheme, (value) => /^Bearer +(\S+)$/i.exec(value)?.[1] ?? null)];
}

/** The token as the whole value of a header of your own. `start` and `regenerate` resolve with it, once. */
export function header(name: string): SessionTransport {
  if (typeof name !== 'string' || !/^[\w!#$%&'*+.^`|~-]{1,64}$/.test(name)) {
    throw createOptionError('header', 'a header name (RFC 9110 §5.1)', name);
  }
  return () => [createHeaderCarrier(name, { type: 'apiKey', in: 'header', name }, (value) => value)];
}

function createHeaderCarrier(
  name: string,
  scheme: CarrierScheme,
  tokenIn: (value: string) => string | null,
): SessionCarrier {
  const header = scheme.type === 'http' ? 'authorization' : scheme.name.toLowerCase();
  return {
    name,
    scheme,
    ambient: false,
    assertConfigured: () => {},
    find: (request) => {
      const value = request.header(header);
      return value === null ? null : tokenIn(value);
    },
    open: async (credential) => credential,
    assertDeliverable: () => {},
    deliver: async (token) => token,
    clear: () => false,
  };
}
