import type { SessionTypes } from '../options.ts';
import type { PassableVerifiers, Verifier, VerifierProof } from '../ports/verifier.ts';
import type { Duration } from '../record/expiry.ts';
import type { OriginRule } from '../record/origins.ts';
import type { Immutable, SessionSnapshot } from '../record/snapshot.ts';
import type { SessionStart } from './issue-session.ts';
import type { SessionInfo } from './list-sessions.ts';
import type { SessionChange } from './update-session.ts';
import type { AuthenticatedView, UnauthenticatedView } from './view.ts';

export interface GetOptions {
  /**
   * True: reading does not keep the session alive.
   *
   * @default true while a Server Component renders, otherwise false
   */
  readonly passive?: boolean;
  /**
   * True: reads the store again, whatever this request has read before, and past a near cache. For code that outlives its
   * request.
   *
   * @default false
   */
  readonly fresh?: boolean;
}

export interface StartOptions {
  /**
   * The idle timeout of this session.
   *
   * @default the manager's `idle`
   */
  readonly idle?: Duration;
  /**
   * The absolute timeout of this session.
   *
   * @default the manager's `absolute`
   */
  readonly absolute?: Duration;
  /**
   * "Remember me". False: the cookie ends when the browser is closed.
   *
   * @default true
   */
  readonly remember?: boolean;
  /**
   * Other origins that may send this sign-in, in addition to those of the manager: for the callback of an identity
   * provider that arrives as a form from the provider's page (`form_post`, SAML). They may send no other write. An entry
   * may also be `'null'`, the origin of pages that hide theirs. Check the provider's `state` or `InResponseTo` first.
   *
   * @default []
   * @example await session.start({ userId }, { origins: ['https://appleid.apple.com'] });
   */
  readonly origins?: OriginRule;
}

export interface RegenerateOptions {
  /**
   * True after the user confirmed their password: `authenticatedAt` becomes now, and both timeouts start again.
   *
   * @default false
   */
  readonly reauthenticated?: boolean;
}

/** What `start` and `regenerate` resolve to. */
export interface IssuedSession<Data> {
  readonly session: SessionSnapshot<Data>;
  /** The new token if the client must be given it (bearer or header transport). Null if a cookie carries it. */
  readonly token: string | null;
}

/** What `destroy` resolves to. */
export interface DestroyedSession {
  /** False where no cookie can be sent, as in a stream. The cookie that the browser keeps is then useless. */
  readonly cookieCleared: boolean;
}

/**
 * The session of one request. It reads nothing until a method is called, and then reads once. Writes run in the order of
 * their calls; a write is stored when its promise resolves, and later reads return it. Every method that uses the store
 * rejects with `UNAVAILABLE` while the store cannot be reached.
 */
export interface Session<T extends SessionTypes> {
  /**
   * Returns the session, or null if the visitor is signed out.
   *
   * @throws SessionError `UNAVAILABLE`.
   * @example const session = await ctx.session.get();
   */
  get(options?: GetOptions): Promise<SessionSnapshot<Immutable<T['data']>> | null>;
  /** Returns what the browser may see. Reading it does not keep the session alive. */
  view(): Promise<AuthenticatedView<T['view']> | UnauthenticatedView>;
  /**
   * Returns whether the request carries a well-formed, unexpired token. It does not read the store, so it proves nothing:
   * use it for redirects, never as a guard.
   */
  hasToken(): Promise<boolean>;
  /**
   * Returns the session if there is one and every verifier passes. The type of its data is narrowed to what they prove.
   *
   * @throws SessionError `MISSING`, `EXPIRED`, `STALE`, `REFUSED`, `CROSS_SITE` or `UNAVAILABLE`.
   * @example const { data } = await ctx.session.require(matches({ role: 'admin' }));
   */
  require<const V extends readonly Verifier<Immutable<T['data']>>[]>(
    ...verifiers: PassableVerifiers<Immutable<T['data']>, V>
  ): Promise<GuardedSession<T, VerifierProof<V>>>;
  /**
   * Signs in: starts a session under a new token and ends the session it replaces. For the same subject both happen in
   * one step; the session of another subject ends right after.
   *
   * @param start The data, or a function of the replaced session's data (null if there is none).
   * @throws SessionError `INVALID_DATA`, `TOO_LARGE`, `LIMIT_REACHED`, `COOKIE_UNWRITABLE`, `INSECURE_COOKIE`,
   * `COOKIE_SHADOWED`, `CROSS_SITE` or `UNAVAILABLE`; then nothing has changed.
   * @example await ctx.session.start({ userId: user.id, role: user.role }, { remember: input.rememberMe });
   */
  start(start: SessionStart<T>, options?: StartOptions): Promise<IssuedSession<Immutable<T['data']>>>;
  /**
   * Changes the data, by a part that is merged at the top level or by a pure function. Concurrent updates are never lost.
   *
   * @throws SessionError `MISSING`, `EXPIRED`, `INVALID_DATA`, `TOO_LARGE`, `SUBJECT_CHANGED`, `CONFLICT`, `CROSS_SITE`
   * or `UNAVAILABLE`.
   * @example await ctx.session.update((data) => ({ ...data, visits: data.visits + 1 }));
   */
  update(change: SessionChange<T>): Promise<SessionSnapshot<Immutable<T['data']>>>;
  /**
   * Moves the session to a new token and ends the old token in the same step (ASVS 7.2.4).
   *
   * @throws SessionError `MISSING`, `EXPIRED`, `COOKIE_UNWRITABLE`, `INSECURE_COOKIE`, `COOKIE_SHADOWED`, `CROSS_SITE` or
   * `UNAVAILABLE`.
   * @example await ctx.session.regenerate({ reauthenticated: true });
   */
  regenerate(options?: RegenerateOptions): Promise<IssuedSession<Immutable<T['data']>>>;
  /**
   * Signs out. Idempotent. If the request carries several valid cookies of one name, all their sessions end.
   *
   * @throws SessionError `CROSS_SITE` or `UNAVAILABLE`.
   */
  destroy(): Promise<DestroyedSession>;
  /**
   * Calls `onEnd` once, after the session has ended: for code that outlives its request, such as a stream. The session is
   * read when the store learns that it has changed, and every `watchEvery`. While the store cannot be reached, the session
   * counts as live. Returns a function that stops watching; `sessions.close()` stops it too, without calling `onEnd`.
   *
   * @example response.on('close', session.watch(() => response.end()));
   */
  watch(onEnd: () => void): () => void;
  /** Returns the live sessions of this user: the current one first, then the most recently used. */
  list(): Promise<readonly SessionInfo[]>;
  /** Ends one of this user's sessions by its id. Returns false if there is none. */
  revoke(id: string): Promise<boolean>;
  /** Signs out everywhere else: ends every other session of this user and returns how many. */
  revokeOthers(): Promise<number>;
}

/**
 * What a guard passes on: the methods of the session, and the snapshot that the verifiers accepted.
 *
 * @typeParam Proof What the verifiers prove about the data.
 */
export interface GuardedSession<T extends SessionTypes, Proof = unknown>
  extends Session<T>,
    SessionSnapshot<Immutable<T['data']> & Proof> {}

export interface OpenOptions {
  /**
   * How long a read is reused: during the request, or not at all, for connections that stay open for hours.
   *
   * @default 'request'
   */
  readonly cache?: 'request' | 'none';
}
