export type {
  SessionEnding,
  SessionErrorCode,
  SessionErrorStatus,
  SessionIssue,
  SessionReason,
} from './core/errors.ts';
export { isSessionError, SessionError } from './core/errors.ts';
export type { SessionEvent, SessionEventListener } from './core/events.ts';
export type { InferSession, Sessions, SessionsReadiness } from './core/manager.ts';
export type { SessionsOptions, SessionTypes } from './core/options.ts';
export type { NodeResponse } from './core/ports/node-sink.ts';
export { createNodeSink } from './core/ports/node-sink.ts';
export type { SessionSink } from './core/ports/sink.ts';
export { createHeadersSink } from './core/ports/sink.ts';
export type { SessionLimit } from './core/ports/stored-session.ts';
export { first } from './core/ports/transport.ts';
export type {
  Branching,
  Narrowing,
  PassableVerifiers,
  Verifier,
  VerifierFacts,
  VerifierProof,
  VerifierRefusal,
  VerifierVerdict,
} from './core/ports/verifier.ts';
export type { Duration } from './core/record/expiry.ts';
export type { Immutable, SessionSnapshot } from './core/record/snapshot.ts';
export type { SessionStart } from './core/session/issue-session.ts';
export type { SessionInfo } from './core/session/list-sessions.ts';
export type {
  DestroyedSession,
  GetOptions,
  GuardedSession,
  IssuedSession,
  OpenOptions,
  RegenerateOptions,
  Session,
  StartOptions,
} from './core/session/session.ts';
export type { SessionInfoWithData, SubjectSessions } from './core/session/subject-sessions.ts';
export type { SessionChange } from './core/session/update-session.ts';
export type { AuthenticatedView, SessionView, UnauthenticatedView, UnavailableView } from './core/session/view.ts';
export { createSessions } from './create-sessions.ts';
export { anyOf, freshWithin, matches, passive, refuse } from './verifiers.ts';
