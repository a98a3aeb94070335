export type { SessionTypes } from './core/engine.ts';
export type { SessionErrorCode, SessionIssue, SessionReason } from './core/errors.ts';
export { isSessionError, SessionError } from './core/errors.ts';
export type { SessionEvent, SessionEventListener, UnreadableWhy } from './core/events.ts';
export type { Clocks, Duration } from './core/expiry.ts';
export type { SessionInfo } from './core/listing.ts';
export type { Beginning } from './core/minting.ts';
export type { Json, SessionsOptions } from './core/options.ts';
export type { StandardSchemaV1 } from './core/schema.ts';
export type { SecretSource } from './core/secret.ts';
export type {
  GetOptions,
  GuardedSession,
  Issued,
  Memory,
  RegenerateOptions,
  Session,
  StartOptions,
} from './core/session.ts';
export type { Readiness, Sessions, SessionsFacts, SubjectSessions } from './core/sessions.ts';
export type { CookieObstacle, SessionSink, SetCookie } from './core/sink.ts';
export { headersSink } from './core/sink.ts';
export type { Immutable, Snapshot } from './core/snapshot.ts';
export type {
  Address,
  RegenerateCommand,
  RegenerateResult,
  ReplaceCommand,
  ReplaceResult,
  Revocation,
  SessionLimit,
  SessionStore,
  StartCommand,
  StartResult,
  StoredSession,
} from './core/store.ts';
export type { Subject } from './core/token.ts';
export type {
  Carrier,
  CarrierScheme,
  DeliveryTerms,
  HeaderSource,
  RequestSource,
  SessionRequest,
  SessionTransport,
  TransportBinding,
} from './core/transport.ts';
export { first } from './core/transport.ts';
export type { Change } from './core/updating.ts';
export type { Narrowed, Narrowing, Refusal, Verdict, Verifier, VerifierFacts } from './core/verifier.ts';
export type { AuthenticatedView, SessionView, UnauthenticatedView, UnavailableView } from './core/view.ts';
export type { SessionTypesOf } from './sessions.ts';
export { createSessions } from './sessions.ts';
export type { Judge, Matchable } from './verifiers.ts';
export { anyOf, freshWithin, matches, refuse } from './verifiers.ts';
