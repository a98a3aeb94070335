import type { Engine, SessionTypes } from '../engine.ts';
import { SessionError } from '../errors.ts';
import type { SessionSink } from '../ports/sink.ts';
import type { SessionCarrier, SessionRequest } from '../ports/transport.ts';
import { isCrossSite, isHandshake } from './origin.ts';

/** One request and the place for its answer. */
export interface Exchange<T extends SessionTypes> {
  readonly engine: Engine<T>;
  readonly request: SessionRequest;
  readonly sink: SessionSink;
}

/** The carrier that this request uses, and what it carries, unopened. */
export interface Credential {
  readonly carrier: SessionCarrier;
  readonly value: string | null;
}

export function findCredential<T extends SessionTypes>({ engine, request }: Exchange<T>): Credential {
  const carriers = engine.carriers();
  for (const carrier of carriers) {
    const value = carrier.find(request);
    if (value !== null) return { carrier, value };
  }
  return { carrier: carriers[0], value: null };
}

/** Throws when this request may not change anything: another site may be behind it. */
export function assertOwnSite<T extends SessionTypes>(exchange: Exchange<T>): void {
  const { carrier, value } = findCredential(exchange);
  if (carrier.ambient && isCrossSite(exchange.request, exchange.engine.origins, value !== null)) {
    exchange.engine.emit({ type: 'rejected', reason: 'cross-site' });
    throw new SessionError('CROSS_SITE');
  }
}

/** Throws when another site would read what is answered: over a WebSocket, which unlike a request is not bound by CORS. */
export function assertOwnReader<T extends SessionTypes>(exchange: Exchange<T>): void {
  if (isHandshake(exchange.request)) assertOwnSite(exchange);
}
