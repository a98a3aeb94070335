export type { SessionErrorCode, SessionIssue, SessionReason } from './core/errors.ts';
export { isSessionError, SessionError } from './core/errors.ts';
export type { SessionEvent, SessionEventListener, UnreadableReason } from './core/events.ts';
export type { InferSession, Sessions, SessionsFacts, SessionsReadiness, SubjectSessions } from './core/manager.ts';
export type { SessionsOptions, SessionTypes } from './core/options.ts';
export type { CookieObstacle, SessionSink, SetCookie } from './core/ports/sink.ts';
export { createHeadersSink } from './core/ports/sink.ts';
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
} from './core/ports/store.ts';
export type {
  CarrierScheme,
  DeliveryTerms,
  HeaderSource,
  RequestSource,
  SessionCarrier,
  SessionRequest,
  SessionTransport,
  TransportBinding,
} from './core/ports/transport.ts';
export { first } from './core/ports/transport.ts';
export type {
  Verifier,
  VerifierFacts,
  VerifierRefusal,
  VerifierVerdict,
} from './core/ports/verifier.ts';
export type { Duration, SessionClocks } from './core/record/expiry.ts';
export type { StandardSchemaV1 } from './core/record/schema.ts';
export type { SecretSource } from './core/record/secret.ts';
export type { Immutable, SessionSnapshot } from './core/record/snapshot.ts';
export type { SessionSubject } from './core/record/token.ts';
export type { SessionStart } from './core/session/issue-session.ts';
export type { SessionInfo } from './core/session/list-sessions.ts';
export type {
  GetOptions,
  GuardedSession,
  IssuedSession,
  RegenerateOptions,
  Session,
  StartOptions,
} from './core/session/session.ts';
export type { SessionChange } from './core/session/update-session.ts';
export type { AuthenticatedView, SessionView, UnauthenticatedView, UnavailableView } from './core/session/view.ts';

export { createSessions } from './create-sessions.ts';
export { anyOf, freshWithin, matches, refuse } from './verifiers.ts';
