import { cookies, headers } from 'next/headers.js';
import type { Sessions } from '../core/manager.ts';
import type { SessionTypes } from '../core/options.ts';
import { type AnnouncedOutcome, announcementHeader } from '../core/ports/announcement-header.ts';
import {
  type CookieObstacle,
  getCookieKey,
  markPrivate,
  type SessionSink,
  type SetCookie,
} from '../core/ports/sink.ts';
import { parseCookieValues, type RequestSource } from '../core/ports/transport.ts';
import type { Session } from '../core/session/session.ts';
import { endPrerendering, isOutsideRequest } from './next-features.ts';

type CookieStore = Awaited<ReturnType<typeof cookies>>;
type HeaderStore = Awaited<ReturnType<typeof headers>>;

/** A session that was opened in a request, and where its cookies and headers go. */
interface OpenedSession {
  /** Of type `Session<T>`. The map holds the sessions of several managers, so it cannot name the type. */
  readonly session: unknown;
  readonly target: ResponseTarget;
}

/** What a tRPC handler knows about a request, and Next does not tell. */
export interface TrpcRequestInfo {
  /** The headers that the handler will send. */
  readonly resHeaders?: Headers | undefined;
  readonly method?: string | undefined;
  /** Why the response cannot carry a cookie. */
  readonly obstacle?: CookieObstacle | null;
}

/** Mutable, because Next replaces the cookie store between a server action and the render that follows it. */
interface ResponseTarget extends TrpcRequestInfo {
  cookies: CookieStore;
  /** What the response announces. In Next, only the app can set headers, on a response that it creates. */
  announced?: AnnouncedOutcome;
}

/**
 * Where the sessions of all requests are kept: on `globalThis`, because Next loads this module once for pages and once
 * for route handlers.
 */
const openedSessionsKey = Symbol.for('trpc-session.next.v1');

/**
 * Returns the sessions that were opened in this request, by manager. The key is the headers object: Next keeps the same
 * one through a server action, the render that follows it and `after()`.
 */
function getOpenedSessions(request: HeaderStore): Map<string, OpenedSession> {
  const shared = globalThis as { [openedSessionsKey]?: WeakMap<object, Map<string, OpenedSession>> };
  shared[openedSessionsKey] ??= new WeakMap();
  const opened = shared[openedSessionsKey].get(request) ?? new Map<string, OpenedSession>();
  shared[openedSessionsKey].set(request, opened);
  return opened;
}

/** Returns the session of the current request: the same one wherever it is called in the request. */
export async function openCurrentSession<T extends SessionTypes>(
  sessions: Sessions<T>,
  info: TrpcRequestInfo = {},
): Promise<Session<T>> {
  const [requestHeaders, requestCookies] = await readRequestStores();
  const openedSessions = getOpenedSessions(requestHeaders);
  const name = getManagerName(sessions);
  const opened = openedSessions.get(name);
  if (opened) {
    Object.assign(opened.target, { cookies: requestCookies, ...info });
    return opened.session as Session<T>;
  }
  const target: ResponseTarget = { cookies: requestCookies, ...info };
  const source = toRequestSource(requestHeaders, requestCookies);
  const session = sessions.open({ ...source, method: info.method ?? source.method }, createNextSink(target));
  openedSessions.set(name, { session, target });
  return session;
}

/** Returns what the sessions of the current request announce, or null. Outside a request of Next, returns null. */
export async function findAnnouncedOutcome(): Promise<AnnouncedOutcome | null> {
  try {
    const opened = [...getOpenedSessions(await headers()).values()];
    return opened.findLast(({ target }) => target.announced)?.target.announced ?? null;
  } catch (error) {
    if (isOutsideRequest(error)) return null;
    throw error;
  }
}

/** Names a manager by what it reads, not by identity: Next may hold two copies of one manager. */
function getManagerName<T extends SessionTypes>({ facts }: Sessions<T>): string {
  return JSON.stringify([facts.prefix, ...facts.carriers.map(({ name }) => name)]);
}

async function readRequestStores(): Promise<[HeaderStore, CookieStore]> {
  const stores: [HeaderStore, CookieStore] = [await headers(), await cookies()];
  await endPrerendering();
  return stores;
}

/** Opens a session for a subscription. It reads the store every time, so that a revoked session ends the stream. */
export async function openStreamSession<T extends SessionTypes>(sessions: Sessions<T>): Promise<Session<T>> {
  const [requestHeaders, requestCookies] = await readRequestStores();
  const target: ResponseTarget = { cookies: requestCookies, obstacle: 'subscription' };
  return sessions.open(toRequestSource(requestHeaders, requestCookies), createNextSink(target), { cache: 'none' });
}

/**
 * Reads cookies from `cookies()`, because after a write in a server action the Cookie header is outdated. The header is
 * read only to find a cookie that was sent twice.
 */
function toRequestSource(requestHeaders: HeaderStore, requestCookies: CookieStore): RequestSource {
  return {
    headers: requestHeaders,
    method: guessMethod(requestHeaders),
    readCookies: (name) => {
      const sent = parseCookieValues(requestHeaders.get('cookie') ?? '', name);
      const value = requestCookies.get(name)?.value;
      return sent.length > 1 ? sent : value === undefined ? [] : [value];
    },
  };
}

/**
 * Guesses the request method, which Next does not tell. Browsers send Origin with every request that may change
 * something. A body has a length or a transfer encoding, and browsers send `Content-Length: 0` with an empty POST. A
 * Content-Type alone does not count: programs and `fetch` wrappers send it with a GET too.
 *
 * @see Fetch, "append a request Origin header"; RFC 9110 §8.6; RFC 9112 §6.3
 */
function guessMethod(requestHeaders: HeaderStore): string {
  const marks = ['next-action', 'origin', 'content-length', 'transfer-encoding'];
  return marks.some((name) => requestHeaders.has(name)) ? 'POST' : 'GET';
}

function createNextSink(target: ResponseTarget): SessionSink {
  const twins = new Map<string, SetCookie>();
  return {
    cookieObstacle: () => target.obstacle ?? (isRender(target.cookies) ? 'render' : null),
    setCookie: (cookie) => {
      twins.delete(getCookieKey(cookie));
      twins.set(getCookieKey(cookie), cookie);
      setTwinCookies(
        target.cookies,
        [...twins.values()].filter(({ name }) => name === cookie.name),
      );
    },
    get setHeader() {
      const { resHeaders } = target;
      return resHeaders && ((name: string, value: string) => resHeaders.set(name, value));
    },
    announce: (outcome) => {
      target.announced = outcome;
      target.resHeaders?.set(announcementHeader, outcome);
    },
    markPrivate: () => {
      if (target.resHeaders) markPrivate(target.resHeaders);
    },
  };
}

/**
 * Sets cookies of one name for different domains or paths. Next sends only one cookie of a name, so all but the last one
 * get blanks after it: Next takes that for another name, and browsers remove the blanks.
 *
 * @see RFC 6265 §5.2, step 4
 */
function setTwinCookies(store: CookieStore, twins: readonly SetCookie[]): void {
  for (const [index, { name, value = '', ...attributes }] of twins.entries()) {
    const set = Object.entries(attributes).filter(([, attribute]) => attribute !== undefined);
    store.set(name + ' '.repeat(twins.length - 1 - index), value, Object.fromEntries(set));
  }
}

/**
 * Whether a page is rendering. Then the cookie store of Next has a `clear` method that only throws; else it has none.
 */
export function isRender(store: CookieStore): boolean {
  return typeof (store as { clear?: unknown }).clear === 'function';
}
