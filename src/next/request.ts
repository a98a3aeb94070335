import { io } from 'next/cache.js';
import { cookies, headers } from 'next/headers.js';
import type { SessionTypes } from '../core/engine.ts';
import type { Sessions } from '../core/manager.ts';
import { type CookieObstacle, markPrivate, type SessionSink } from '../core/ports/sink.ts';
import { parseCookieValues, type RequestSource } from '../core/ports/transport.ts';
import type { Session } from '../core/session/session.ts';

type CookieStore = Awaited<ReturnType<typeof cookies>>;
type HeaderStore = Awaited<ReturnType<typeof headers>>;

/** One request's session, and where its answer goes as things stand. */
interface HeldSession {
  readonly session: Session<never>;
  readonly response: ResponseFacts;
}

/** Next swaps the cookie store between an action and its re-render, so what is known of the response changes. */
export interface ResponseFacts {
  cookies: CookieStore;
  /** Headers that a tRPC handler will send. */
  resHeaders?: Headers | undefined;
  /** What a tRPC handler knows and Next does not tell. */
  method?: string | undefined;
  /** Why a tRPC response cannot carry a cookie. */
  obstacle?: CookieObstacle | null;
}

/**
 * One session per request and manager, keyed by the headers object: that stays the same through an action, its
 * re-render and `after()`. Under `globalThis`, since Next evaluates this module once for pages and once for handlers.
 */
const heldSessionsKey = Symbol.for('trpc-session.next.v1');

function getHeldSessions(request: HeaderStore): Map<string, HeldSession> {
  const shared = globalThis as { [heldSessionsKey]?: WeakMap<object, Map<string, HeldSession>> };
  shared[heldSessionsKey] ??= new WeakMap();
  const held = shared[heldSessionsKey].get(request) ?? new Map<string, HeldSession>();
  shared[heldSessionsKey].set(request, held);
  return held;
}

/** This request's session, from anywhere in it. */
export async function openCurrentSession<T extends SessionTypes>(
  sessions: Sessions<T>,
  facts: Partial<ResponseFacts> = {},
): Promise<Session<T>> {
  const [requestHeaders, requestCookies] = await readRequestStores();
  const held = getHeldSessions(requestHeaders);
  const name = getManagerName(sessions);
  const known = held.get(name);
  if (known) {
    Object.assign(known.response, { cookies: requestCookies, ...facts });
    return known.session as unknown as Session<T>;
  }
  const response: ResponseFacts = { cookies: requestCookies, ...facts };
  const source = toRequestSource(requestHeaders, requestCookies);
  const session = sessions.open({ ...source, method: facts.method ?? source.method }, createNextSink(response));
  held.set(name, { session: session as unknown as Session<never>, response });
  return session;
}

/** Managers of one request are told apart by what they read, since Next may hold two copies of the same one. */
function getManagerName<T extends SessionTypes>({ facts }: Sessions<T>): string {
  return JSON.stringify([facts.prefix, ...facts.carriers().map(({ name }) => name)]);
}

/** Ends every kind of prerendering here, runtime prefetches included: no session is looked up for, or kept in, a shell. */
async function readRequestStores(): Promise<[HeaderStore, CookieStore]> {
  const stores: [HeaderStore, CookieStore] = [await headers(), await cookies()];
  await io();
  return stores;
}

/** A session of its own for a subscription: it lives for hours, and must not believe for ever what it read once. */
export async function openStreamSession<T extends SessionTypes>(sessions: Sessions<T>): Promise<Session<T>> {
  const [requestHeaders, requestCookies] = await readRequestStores();
  const response: ResponseFacts = { cookies: requestCookies, obstacle: 'subscription' };
  return sessions.open(toRequestSource(requestHeaders, requestCookies), createNextSink(response), 'none');
}

/** Cookies come from `cookies()`: after a write in an action the header is old. Only a name sent twice shows in the header alone. */
function toRequestSource(requestHeaders: HeaderStore, requestCookies: CookieStore): RequestSource {
  return {
    headers: requestHeaders,
    method: guessMethod(requestHeaders),
    cookies: (name) => {
      const sent = parseCookieValues(requestHeaders.get('cookie') ?? '', name);
      const value = requestCookies.get(name)?.value;
      return sent.length > 1 ? sent : value === undefined ? [] : [value];
    },
  };
}

/**
 * Next does not tell the method. Browsers send Origin with every request that may change something, and a body has a
 * type or a length; a plain navigation has none of these.
 */
function guessMethod(requestHeaders: HeaderStore): string {
  const marks = ['next-action', 'origin', 'content-type', 'content-length', 'transfer-encoding'];
  return marks.some((name) => requestHeaders.has(name)) ? 'POST' : 'GET';
}

function createNextSink(response: ResponseFacts): SessionSink {
  return {
    cookieObstacle: () => response.obstacle ?? (isRender(response.cookies) ? 'render' : null),
    setCookie: ({ name, value = '', maxAge, httpOnly, secure, sameSite, path, domain }) => {
      const attributes = { httpOnly, secure, sameSite, path, domain, maxAge };
      const set = Object.entries(attributes).filter(([, attribute]) => attribute !== undefined);
      response.cookies.set(name, value, Object.fromEntries(set));
    },
    markPrivate: () => {
      if (response.resHeaders) markPrivate(response.resHeaders);
    },
  };
}

/** In a render Next hands out a store whose `clear` exists only to throw; where cookies can be set there is none. */
export function isRender(store: CookieStore): boolean {
  return typeof (store as { clear?: unknown }).clear === 'function';
}
