import { transportHeader } from '../core/ports/token-headers.ts';
import type { HeaderSource, RequestSource, SessionCarrier } from '../core/ports/transport.ts';
import type { ConnectionParams } from '../core/request/call-info.ts';

/**
 * Adds the tokens in `connectionParams` to the headers of a request, for the transports that read a header. Any site can
 * send `connectionParams`. So they never replace a header that was sent, and they cannot set a cookie, an origin or a
 * host.
 */
export function mergeConnectionParams(
  request: RequestSource,
  params: ConnectionParams | null | undefined,
  carriers: readonly SessionCarrier[],
): RequestSource {
  if (!params) return request;
  // An ambient carrier is one that browsers send by themselves: the cookie.
  const headerCarriers = carriers.filter(({ ambient }) => !ambient);
  if (headerCarriers.length === 0) return request;
  const sent = new Map(Object.entries(params).map(([name, value]) => [name.toLowerCase(), value]));
  const token = sent.get('token');
  const authorization = sent.get('authorization') ?? (typeof token === 'string' ? `Bearer ${token}` : undefined);
  const named = headerCarriers.map(({ name }) => [name.toLowerCase(), sent.get(name.toLowerCase())] as const);
  const chosen = [transportHeader, sent.get(transportHeader)] as const;
  const added = [...named, chosen, ['authorization', authorization] as const].filter(
    ([, value]) => typeof value === 'string',
  );
  const { headers, method } = request;
  return { headers: { ...Object.fromEntries(added), ...toHeaderRecord(headers) }, method };
}

function toHeaderRecord(headers: HeaderSource): Exclude<HeaderSource, Headers> {
  return isHeaders(headers) ? Object.fromEntries(headers) : headers;
}

/** Tests for the method, because `instanceof` fails for a `Headers` object of another realm or polyfill. */
function isHeaders(headers: HeaderSource): headers is Headers {
  return typeof headers.get === 'function';
}
