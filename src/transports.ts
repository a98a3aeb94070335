/** Types for authors of session transports. */
export type { CookieObstacle, SessionSink, SetCookie } from './core/ports/sink.ts';
export type {
  CarrierScheme,
  DeliveryTerms,
  HeaderSource,
  OpenedCredential,
  RequestSite,
  RequestSource,
  SessionCarrier,
  SessionRequest,
  SessionTransport,
  TransportBinding,
} from './core/ports/transport.ts';
