import { createOptionError, isSessionError } from '../core/errors.ts';
import type { Sessions } from '../core/manager.ts';
import type { SessionTypes } from '../core/options.ts';
import type { PassableVerifiers, Verifier, VerifierProof } from '../core/ports/verifier.ts';
import type { Immutable, SessionSnapshot } from '../core/record/snapshot.ts';
import type { SessionStart } from '../core/session/issue-session.ts';
import type {
  DestroyedSession,
  GuardedSession,
  IssuedSession,
  Session,
  StartOptions,
} from '../core/session/session.ts';
import type { SessionChange } from '../core/session/update-session.ts';
import type { SessionView } from '../core/session/view.ts';
import { createContext, type NextContextOptions } from './context.ts';
import { refreshPage } from './next-features.ts';
import { assertPagePath, type NextSessionOptions } from './page-path.ts';
import { privateResponse } from './private-response.ts';
import { openCurrentSession } from './request.ts';
import { createSessionProxy, type SessionProxy, type SessionProxyOptions } from './session-proxy.ts';
import { callIfPossible, redirectOrForbid, refreshIfSignedOut } from './signals.ts';

/**
 * What `createNextSession` returns. All functions can be destructured. In one request all of them, and the tRPC
 * handler, share one session: it is read once, and what a server action writes is what the page then renders.
 */
export interface NextSession<T extends SessionTypes> {
  /**
   * Returns the session, or null if the visitor is signed out.
   *
   * @throws SessionError `UNAVAILABLE`.
   * @example const session = await getSession();
   */
  readonly getSession: () => Promise<SessionSnapshot<Immutable<T['data']>> | null>;
  /**
   * Returns the public id of the session, or null if the visitor is signed out. The id is not the token: it can be
   * logged.
   *
   * @throws SessionError `UNAVAILABLE`.
   */
  readonly getSessionId: () => Promise<string | null>;
  /**
   * Returns what the browser may see, for `<SessionProvider>`. Do not await it in the layout: pass the promise on, so
   * that the page streams. If the store cannot be reached, it resolves to `{ status: 'unavailable' }`.
   *
   * @example <SessionProvider session={getSessionView()}>{children}</SessionProvider>
   */
  readonly getSessionView: () => Promise<SessionView<T['view']>>;
  /**
   * Signs the user in: starts a session and sets its cookie. Call it in a server action or a route handler, after the
   * password was checked. A session that the browser had before ends in the same step.
   *
   * In React, `useSetSession()` returns another `setSession(patch)`, which changes the current session. On the server
   * `updateSession` does that.
   *
   * @param start The data, or a function of the replaced session's data (null if there is none).
   * @param options Timeouts for this session, and `remember` for "remember me".
   * @throws SessionError `INVALID_DATA`, `TOO_LARGE`, `LIMIT_REACHED`, `COOKIE_UNWRITABLE` (as in a Server Component),
   * `INSECURE_COOKIE`, `COOKIE_SHADOWED`, `CROSS_SITE` or `UNAVAILABLE`; then nothing has changed.
   * @example await setSession({ userId: user.id, role: user.role }, { remember: form.get('remember') === 'on' });
   */
  readonly setSession: (start: SessionStart<T>, options?: StartOptions) => Promise<IssuedSession<Immutable<T['data']>>>;
  /**
   * Changes the data of the current session. In a server action, Next renders the page again with the new data, or for a
   * signed-out user if the session has ended. For this, Next 15 needs a cookie in the response: an expired
   * `trpc-session-refresh`.
   *
   * @param change A part of the data, merged at the top level, or a pure function from the current data to the next.
   * @throws SessionError `MISSING`, `EXPIRED`, `INVALID_DATA`, `TOO_LARGE`, `SUBJECT_CHANGED`, `CONFLICT`, `CROSS_SITE`
   * or `UNAVAILABLE`.
   * @example await updateSession({ theme: 'dark' });
   */
  readonly updateSession: (change: SessionChange<T>) => Promise<SessionSnapshot<Immutable<T['data']>>>;
  /**
   * Signs the user out: ends the session and clears the cookie. Idempotent. To sign out everywhere, call
   * `sessions.of(userId).revokeAll()`.
   *
   * @throws SessionError `CROSS_SITE` or `UNAVAILABLE`.
   */
  readonly deleteSession: () => Promise<DestroyedSession>;
  /**
   * Guards a page, a server action or a route handler: returns the session if the user is signed in and every verifier
   * passes. In a page, a signed-out visitor is redirected to the `signIn` option, and a refused one sees
   * `forbidden.tsx` (needs Next's `experimental.authInterrupts`). Elsewhere it throws.
   *
   * @param verifiers Conditions, checked in order, such as `matches({ role: 'admin' })`. Default: signed in is enough.
   * @throws SessionError `MISSING`, `EXPIRED`, `STALE`, `REFUSED`, `CROSS_SITE` or `UNAVAILABLE`.
   * @example const { data } = await requireSession(matches({ role: 'admin' }));
   */
  readonly requireSession: <const V extends readonly Verifier<Immutable<T['data']>>[]>(
    ...verifiers: PassableVerifiers<Immutable<T['data']>, V>
  ) => Promise<GuardedSession<T, VerifierProof<V>>>;
  /**
   * Creates the tRPC context with the session of the request, for the tRPC handler and for server-side callers. Outside a
   * request of Next, as in a job or a test, the context has the session of `req`; without `req` it is signed out.
   *
   * @example fetchRequestHandler({ endpoint: '/api/trpc', req, router: appRouter, createContext });
   */
  readonly createContext: (options?: NextContextOptions) => Promise<{ readonly session: Session<T> }>;
  /**
   * Creates the function for `proxy.ts` (the middleware of Next): it redirects signed-out visitors to the `signIn` path
   * before anything renders, and tells pages their path. It proves nothing: guard each page with `requireSession`. It
   * needs the Node.js runtime, which middleware has from Next 15.5 on.
   *
   * @throws SessionError `INVALID_OPTION` without the `signIn` option.
   * @example export const proxy = sessionProxy();
   */
  readonly sessionProxy: (options?: SessionProxyOptions) => SessionProxy;
  /**
   * For a `proxy.ts` of your own: returns whether the request carries a well-formed, unexpired token. It
   * does not read the store, so it proves nothing: use it for early redirects, and guard the page with
   * `requireSession`. It needs the Node.js runtime, which middleware has from Next 15.5 on.
   *
   * @example if (!(await hasToken(request))) return NextResponse.redirect(new URL('/sign-in', request.url));
   */
  readonly hasToken: (request: { readonly headers: Headers }) => Promise<boolean>;
  /**
   * For route handlers: keeps a response out of shared caches, and turns a `SessionError` into a JSON response with its
   * HTTP status, such as 401, 403 or 503.
   *
   * @param response The response, or a function that creates it. Errors are handled only for a function.
   * @example export const GET = () => privateResponse(async () => Response.json((await requireSession()).data));
   */
  readonly privateResponse: (response: Response | (() => Response | Promise<Response>)) => Promise<Response>;
}

/**
 * Creates the session functions for Server Components, server actions, route handlers, `proxy.ts` and the tRPC handler.
 *
 * @param sessions The manager that `createSessions` returned.
 * @throws SessionError `INVALID_OPTION` unless `signIn` and `reauthenticate` are paths of this app.
 * @example
 * export const { getSession, setSession, deleteSession, requireSession } = createNextSession(sessions, {
 *   signIn: '/sign-in',
 * });
 */
export function createNextSession<T extends SessionTypes>(
  sessions: Sessions<T>,
  paths: NextSessionOptions = {},
): NextSession<T> {
  assertPagePath('signIn', paths.signIn);
  assertPagePath('reauthenticate', paths.reauthenticate);
  const openSession = (): Promise<Session<T>> => openCurrentSession(sessions);
  return {
    getSession: async () => (await openSession()).get(),
    getSessionId: async () => (await (await openSession()).get())?.id ?? null,
    getSessionView: () => readViewOrUnavailable(openSession(), sessions.facts.now),
    setSession: async (start, options) => (await openSession()).start(start, options),
    updateSession: async (change) => {
      const session = await openSession();
      const snapshot = await session.update(change).catch(refreshIfSignedOut);
      // Next can render the page again only in a server action. In a route handler this throws.
      await callIfPossible(refreshPage);
      return snapshot;
    },
    deleteSession: async () => (await openSession()).destroy(),
    requireSession: async <const V extends readonly Verifier<Immutable<T['data']>>[]>(
      ...verifiers: PassableVerifiers<Immutable<T['data']>, V>
    ) => {
      const session = await openSession();
      return session.require<V>(...verifiers).catch((error: unknown) => redirectOrForbid(error, paths));
    },
    createContext: (options) => createContext(sessions, options),
    sessionProxy: (options = {}) => {
      const { signIn } = paths;
      if (signIn === undefined) throw createOptionError('signIn', 'the path of the sign-in page', signIn);
      return createSessionProxy(sessions, signIn, options);
    },
    hasToken: ({ headers }) => sessions.open({ headers }).hasToken(),
    privateResponse,
  };
}

async function readViewOrUnavailable<T extends SessionTypes>(
  session: Promise<Session<T>>,
  now: () => number,
): Promise<SessionView<T['view']>> {
  try {
    return await (await session).view();
  } catch (error) {
    if (isSessionError(error) && error.code === 'UNAVAILABLE') return { status: 'unavailable', at: now() };
    throw error;
  }
}
