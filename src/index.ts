export type { SessionTypes } from './core/engine.ts';
export type { SessionErrorCode, SessionIssue, SessionReason } from './core/errors.ts';
export { isSessionError, SessionError } from './core/errors.ts';
export type { SessionEvent, SessionEventListener, UnreadableWhy } from './core/events.ts';
export type { Duration } from './core/expiry.ts';
export type { SessionInfo } from './core/listing.ts';
export type { SessionsOptions } from './core/options.ts';
export type {
  GetOptions,
  GuardedSession,
  Issued,
  RegenerateOptions,
  Session,
  StartOptions,
} from './core/session.ts';
export type { Sessions, SubjectSessions } from './core/sessions.ts';
export type { SessionSink } from './core/sink.ts';
export { headersSink } from './core/sink.ts';
export type { Immutable, Snapshot } from './core/snapshot.ts';
export type { SessionLimit, SessionStore, StoredSession } from './core/store.ts';
export type { Subject } from './core/token.ts';
export type { Carrier, SessionTransport } from './core/transport.ts';
export { first } from './core/transport.ts';
export type { Refusal, Verdict, Verifier, VerifierFacts } from './core/verifier.ts';
export type { AuthenticatedView, SessionView, UnauthenticatedView, UnavailableView } from './core/view.ts';
export { createSessions } from './sessions.ts';
export { anyOf, freshWithin, matches, refuse } from './verifiers.ts';
