import type { HeaderSource, SessionCarrier } from '../core/ports/transport.ts';
import type { ConnectionParams } from '../core/request/call-info.ts';

/**
 * The request's headers, and beside them the tokens that came as connectionParams. Only where a transport reads them from
 * a header, and never over a header that did come: any site can send params, so nothing in them may pass for a cookie or
 * for where the request comes from.
 */
export function mergeConnectionParams(
  headers: HeaderSource,
  params: ConnectionParams | null | undefined,
  carriers: readonly SessionCarrier[],
): HeaderSource {
  const readers = carriers.filter(({ ambient }) => !ambient);
  if (!params || readers.length === 0) return headers;
  const sent = new Map(Object.entries(params).map(([name, value]) => [name.toLowerCase(), value]));
  const token = sent.get('token');
  const bearer = sent.get('authorization') ?? (typeof token === 'string' ? `Bearer ${token}` : undefined);
  const named = readers.map(({ name }) => [name.toLowerCase(), sent.get(name.toLowerCase())] as const);
  const found = [...named, ['authorization', bearer] as const].filter(([, value]) => typeof value === 'string');
  return { ...Object.fromEntries(found), ...toHeaderRecord(headers) };
}

function toHeaderRecord(headers: HeaderSource): Exclude<HeaderSource, Headers> {
  return isHeaders(headers) ? Object.fromEntries(headers) : headers;
}

/** Another realm's Headers are no instance of ours. */
export function isHeaders(headers: HeaderSource): headers is Headers {
  return typeof headers.get === 'function';
}
