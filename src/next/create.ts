import { refresh } from 'next/cache.js';
import { cookies } from 'next/headers.js';
import type { SessionTypes } from '../core/engine.ts';
import { createOptionError, isSessionError } from '../core/errors.ts';
import type { Sessions } from '../core/manager.ts';
import { createHeadersSink } from '../core/ports/sink.ts';
import type { HeaderSource } from '../core/ports/transport.ts';
import type { Narrowed, Verifier } from '../core/ports/verifier.ts';
import type { Immutable, SessionSnapshot } from '../core/record/snapshot.ts';
import { type CallInfo, getResponseObstacle } from '../core/request/call-info.ts';
import type { SessionStart } from '../core/session/issue-session.ts';
import type { GuardedSession, IssuedSession, Session, StartOptions } from '../core/session/session.ts';
import type { SessionChange } from '../core/session/update-session.ts';
import type { SessionView } from '../core/session/view.ts';
import { localPath } from './local-path.ts';
import { privateResponse } from './private-response.ts';
import { isRender, openCurrentSession, openStreamSession } from './request.ts';

export interface NextSessionOptions {
  /** Where `requireSession` sends a signed-out visitor of a page. Without it the error goes to the error boundary. */
  readonly signIn?: string;
}

/** What the fetch adapter hands to `createContext`; absent in server-side callers. */
export interface NextContextOptions {
  readonly req?: { readonly headers: HeaderSource; readonly method?: string | undefined };
  readonly resHeaders?: Headers;
  readonly info?: CallInfo;
}

/** This door's functions, typed by the manager. All of them, and the tRPC handler, share one session per request. */
export interface NextSession<T extends SessionTypes> {
  /** The session, or null for nobody. Throws `UNAVAILABLE` when the store cannot answer. */
  readonly getSession: () => Promise<SessionSnapshot<Immutable<T['data']>> | null>;
  /** Its public id, or null. */
  readonly getSessionId: () => Promise<string | null>;
  /** What the browser may see, for `SessionProvider`. Pass the promise on without awaiting it: the page streams. */
  readonly getSessionView: () => Promise<SessionView<T['view']>>;
  /** Signs in: in a server action or a route handler. */
  readonly setSession: (
    beginning: SessionStart<T>,
    options?: StartOptions,
  ) => Promise<IssuedSession<Immutable<T['data']>>>;
  /** Changes the data. In a server action the page that called it is rendered anew. */
  readonly updateSession: (change: SessionChange<T>) => Promise<SessionSnapshot<Immutable<T['data']>>>;
  /** Signs out. Twice is fine. */
  readonly deleteSession: () => Promise<{ readonly cookieCleared: boolean }>;
  /**
   * The session, when every verifier passes. In a page, a signed-out visitor is redirected to `signIn`, and a refused one
   * is shown `forbidden.tsx` (needs `experimental.authInterrupts`); elsewhere it throws a `SessionError`.
   */
  readonly requireSession: <const V extends readonly Verifier<Immutable<T['data']>>[]>(
    ...verifiers: V
  ) => Promise<GuardedSession<T, Narrowed<Immutable<T['data']>, V>>>;
  /** For the tRPC handler and server-side callers. */
  readonly createContext: (options?: NextContextOptions) => Promise<{ readonly session: Session<T> }>;
  /** For `proxy.ts`: whether a valid seal came. Asks no store, so it is a hint for redirects and never the guard. */
  readonly hasToken: (request: { readonly headers: Headers }) => Promise<boolean>;
  readonly privateResponse: typeof privateResponse;
}

/** Sessions for Server Components, server actions, route handlers and the tRPC handler. */
export function createNextSession<T extends SessionTypes>(
  sessions: Sessions<T>,
  { signIn }: NextSessionOptions = {},
): NextSession<T> {
  if (signIn !== undefined && localPath(signIn, '') !== signIn) {
    throw createOptionError('signIn', "a path of this app, such as '/sign-in'", signIn);
  }
  const current = (): Promise<Session<T>> => openCurrentSession(sessions);
  return {
    getSession: async () => (await current()).get(),
    getSessionId: async () => (await (await current()).get())?.id ?? null,
    getSessionView: () => readViewOrUnavailable(current(), sessions.facts.now),
    setSession: async (beginning, options) => (await current()).start(beginning, options),
    updateSession: async (change) => {
      const snapshot = await (await current()).update(change);
      // Only a server action can have its page rendered anew; elsewhere there is nothing to do.
      callIfPossible(refresh);
      return snapshot;
    },
    deleteSession: async () => (await current()).destroy(),
    requireSession: async (...verifiers) => {
      const session = await current();
      return session.require(...verifiers).catch((error: unknown) => redirectOrForbid(error, signIn));
    },
    createContext: (options) => createContext(sessions, options),
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

/** A page cannot answer 401 or 403, so it redirects or shows the refusal; everything else is told the error. */
async function redirectOrForbid(error: unknown, signIn: string | undefined): Promise<never> {
  if (!isSessionError(error) || !isRender(await cookies())) throw error;
  // Imported here: its bare name is what bundlers want, and plain Node, which never comes here, cannot load it.
  const { forbidden, redirect } = await import('next/navigation');
  if (signIn !== undefined && (error.code === 'MISSING' || error.code === 'EXPIRED')) redirect(signIn);
  if (error.code === 'REFUSED') callIfPossible(forbidden);
  throw error;
}

/** Lets Next's own signals pass, and drops its complaint that something is not possible here or not switched on. */
function callIfPossible(signal: () => void): void {
  try {
    signal();
  } catch (error) {
    if (hasDigest(error)) throw error;
  }
}

async function createContext<T extends SessionTypes>(
  sessions: Sessions<T>,
  { req, resHeaders, info }: NextContextOptions = {},
): Promise<{ readonly session: Session<T> }> {
  const obstacle = getResponseObstacle(info);
  try {
    if (obstacle === 'subscription') return { session: await openStreamSession(sessions) };
    return { session: await openCurrentSession(sessions, { obstacle, resHeaders, method: req?.method }) };
  } catch (error) {
    // Outside a request of Next, as in a test that calls the handler itself.
    if (hasDigest(error) || !req) throw error;
    const sink = resHeaders && createHeadersSink(resHeaders, () => obstacle);
    return { session: sessions.open({ headers: req.headers, method: req.method }, sink) };
  }
}

/** Next's own signals (redirects, bail-outs of prerendering) carry a digest and are not ours to handle. */
function hasDigest(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'digest' in error;
}
