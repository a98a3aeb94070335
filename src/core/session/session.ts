import type { SessionTypes } from '../engine.ts';
import type { Narrowed, Verifier } from '../ports/verifier.ts';
import type { Duration } from '../record/expiry.ts';
import type { Immutable, SessionSnapshot } from '../record/snapshot.ts';
import type { SessionStart } from './issue-session.ts';
import type { SessionInfo } from './list-sessions.ts';
import type { SessionChange } from './update-session.ts';
import type { AuthenticatedView, UnauthenticatedView } from './view.ts';

export interface GetOptions {
  /** True: looking does not keep the session alive. Default: true in a Server Component render, else false. */
  readonly passive?: boolean;
  /** True: the store is asked again, whatever this request has read. For what outlives its request. Default false. */
  readonly fresh?: boolean;
}

export interface StartOptions {
  /** This session's own idle timeout. Default: the manager's. */
  readonly idle?: Duration;
  /** This session's own absolute timeout. Default: the manager's. */
  readonly absolute?: Duration;
  /** False: the cookie ends with the browser. Default true. */
  readonly remember?: boolean;
}

export interface RegenerateOptions {
  /** True after a confirmed password: `authenticatedAt` and both clocks start anew. Default false. */
  readonly reauthenticated?: boolean;
}

/** The session as it is now, and the token where the client must be handed it: null when a cookie carries it. */
export interface IssuedSession<Data> {
  readonly session: SessionSnapshot<Data>;
  readonly token: string | null;
}

/**
 * This request's session. Lazy: nothing is read until somebody asks, and then once. Writes run in the order of
 * their calls, are done when their promise resolves, and later reads see them. Everything that asks the store rejects
 * with `UNAVAILABLE` when it cannot answer.
 */
export interface Session<T extends SessionTypes> {
  /** The session, or null for nobody. */
  get(options?: GetOptions): Promise<SessionSnapshot<Immutable<T['data']>> | null>;
  /** What the browser may see of it. Passive. */
  view(): Promise<AuthenticatedView<T['view']> | UnauthenticatedView>;
  /** Whether the request carries a well-formed, unexpired token. Asks no store, so it proves nothing: a hint for redirects. */
  hasToken(): Promise<boolean>;
  /** The session, when there is one and every verifier passes; rejects with `MISSING`, `EXPIRED`, `STALE`, `REFUSED` or `CROSS_SITE`. */
  require<const V extends readonly Verifier<Immutable<T['data']>>[]>(
    ...verifiers: V
  ): Promise<GuardedSession<T, Narrowed<Immutable<T['data']>, V>>>;
  /** Signs in. Always a new token; the session it replaces is dead at once. */
  start(beginning: SessionStart<T>, options?: StartOptions): Promise<IssuedSession<Immutable<T['data']>>>;
  /** Changes the data by a patch, merged at the top level, or by a pure function. No parallel update is lost. */
  update(change: SessionChange<T>): Promise<SessionSnapshot<Immutable<T['data']>>>;
  /** A new token for the same session; the old one is dead at once. */
  regenerate(options?: RegenerateOptions): Promise<IssuedSession<Immutable<T['data']>>>;
  /** Signs out. Twice is fine. `cookieCleared` is false where no cookie can be sent; what is left of it is inert. */
  destroy(): Promise<{ readonly cookieCleared: boolean }>;
  /** The live sessions of this session's subject, the current one first, then the last seen first. */
  list(): Promise<readonly SessionInfo[]>;
  /** Ends one of them by its id; false when there is none. */
  revoke(id: string): Promise<boolean>;
  /** Ends all of them but this one, and says how many. */
  revokeOthers(): Promise<number>;
}

/** What a passed guard hands on: the session's methods, and what the guard saw. */
export type GuardedSession<T extends SessionTypes, Data> = Session<T> & SessionSnapshot<Data>;

/** How long a read may be remembered: for one request, or not at all on connections that live for hours. */
export type Memory = 'request' | 'none';
