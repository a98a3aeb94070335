import { createOptionError } from '../errors.ts';
import {
  addCookieToVary,
  type CookieObstacle,
  getCookieKey,
  privateDirectives,
  replaceSetCookie,
  type SessionSink,
  type SetCookie,
} from './sink.ts';

type HeaderValue = number | string | readonly string[];

/** The part of Node's `ServerResponse` that a sink uses, over HTTP/1 and HTTP/2. */
export interface NodeResponse {
  readonly headersSent: boolean;
  getHeader(name: string): HeaderValue | undefined;
  setHeader(name: string, value: string | readonly string[]): unknown;
  writeHead(...head: unknown[]): unknown;
}

/** Finds Node's response in an adapter's `res`: it is `res` itself, or `res.raw` of Fastify's reply. */
export function findNodeResponse(res: unknown): NodeResponse | null {
  if (isNodeResponse(res)) return res;
  const raw = typeof res === 'object' && res !== null && 'raw' in res ? res.raw : null;
  return isNodeResponse(raw) ? raw : null;
}

function isNodeResponse(res: unknown): res is NodeResponse {
  return typeof res === 'object' && res !== null && 'setHeader' in res && 'writeHead' in res && 'headersSent' in res;
}

/**
 * Creates a sink over the response of a Node server: plain `node:http` and `node:http2`, Express, Koa's `ctx.res`,
 * Fastify's reply. Headers that the framework sets later, and an error page that removes all headers, do not lose the
 * cookie.
 *
 * @param res Node's `ServerResponse`, or an object that has it as `raw`.
 * @param cookieObstacle Returns why a cookie cannot be sent. Default: none, until the headers are sent.
 * @throws SessionError `INVALID_OPTION` if `res` is neither.
 * @example
 * app.post('/sign-out', async (req, res) => {
 *   await sessions.open(req, createNodeSink(res)).destroy();
 *   res.json(null);
 * });
 */
export function createNodeSink(
  res: NodeResponse | { readonly raw: NodeResponse },
  cookieObstacle: () => CookieObstacle | null = () => null,
): SessionSink {
  const response = findNodeResponse(res);
  if (response) return createResponseSink(response, cookieObstacle);
  throw createOptionError('res', "Node's ServerResponse or Fastify's reply", res);
}

/**
 * It writes its headers a second time just before they are sent, because frameworks overwrite them after the sign-in:
 * `Vary`, and the cookies that an app set on Fastify's reply.
 */
function createResponseSink(res: NodeResponse, cookieObstacle: () => CookieObstacle | null): SessionSink {
  return {
    cookieObstacle: () => cookieObstacle() ?? (res.headersSent ? 'ended' : null),
    setCookie(cookie) {
      const headers = prepareHeaders(res);
      headers.cookies.set(getCookieKey(cookie), cookie);
      writeSessionHeaders(res, headers);
    },
    setHeader(name, value) {
      if (res.headersSent) return;
      const headers = prepareHeaders(res);
      headers.others.set(name, value);
      writeSessionHeaders(res, headers);
    },
    markPrivate() {
      // A guarded stream reads its session again long after its headers were sent.
      if (res.headersSent) return;
      const headers = prepareHeaders(res);
      if (headers.isPrivate) return;
      headers.isPrivate = true;
      writeSessionHeaders(res, headers);
    },
  };
}

interface SessionHeaders {
  readonly cookies: Map<string, SetCookie>;
  readonly others: Map<string, string>;
  isPrivate: boolean;
}

/** Sinks of one response share their headers. Otherwise an older cookie of one would replace a newer one of another. */
const preparedHeaders = new WeakMap<NodeResponse, SessionHeaders>();

function prepareHeaders(res: NodeResponse): SessionHeaders {
  const prepared = preparedHeaders.get(res);
  if (prepared) return prepared;
  const headers: SessionHeaders = { cookies: new Map(), others: new Map(), isPrivate: false };
  preparedHeaders.set(res, headers);
  runBeforeHead(res, () => writeSessionHeaders(res, headers));
  return headers;
}

function writeSessionHeaders(res: NodeResponse, { cookies, others, isPrivate }: SessionHeaders): void {
  for (const cookie of cookies.values()) replaceCookie(res, cookie);
  for (const [name, value] of others) res.setHeader(name, value);
  if (isPrivate) markResponsePrivate(res);
}

function replaceCookie(res: NodeResponse, cookie: SetCookie): void {
  const lines = [res.getHeader('set-cookie') ?? []].flat().map(String);
  res.setHeader('set-cookie', replaceSetCookie(lines, cookie));
}

function markResponsePrivate(res: NodeResponse): void {
  const vary = [res.getHeader('vary') ?? []].flat().join(', ');
  // Event streams carry this directive: without it a proxy may compress them, and delay every event.
  const suffix = /\bno-transform\b/i.test(String(res.getHeader('cache-control'))) ? ', no-transform' : '';
  res.setHeader('cache-control', privateDirectives + suffix);
  res.setHeader('vary', addCookieToVary(vary));
}

/** Calls `callback` once, just before the headers are sent. The headers passed to `writeHead` are set first. */
function runBeforeHead(res: NodeResponse, callback: () => void): void {
  const { writeHead } = res;
  res.writeHead = (status, ...rest) => {
    res.writeHead = writeHead;
    const reason = rest.filter((part) => typeof part === 'string');
    const given = rest.find((part) => typeof part === 'object' && part !== null);
    for (const [name, value] of parseHeadArguments(given)) res.setHeader(name, value);
    callback();
    return writeHead.call(res, status, ...reason);
  };
}

/**
 * Reads the headers that were passed to `writeHead`: an object, a list of pairs, or a flat list of names and values.
 */
function parseHeadArguments(given: unknown): ReadonlyMap<string, string | readonly string[]> {
  const headers = new Map<string, string | readonly string[]>();
  for (const [name, value] of toHeaderPairs(given)) {
    if (value === undefined) continue;
    const added = Array.isArray(value) ? value.map(String) : String(value);
    const earlier = headers.get(name);
    headers.set(name, earlier === undefined ? added : [earlier, added].flat());
  }
  return headers;
}

function toHeaderPairs(given: unknown): readonly (readonly [string, unknown])[] {
  if (!Array.isArray(given)) return Object.entries(given ?? {});
  if (given.every((part): part is [string, unknown] => Array.isArray(part))) return given;
  return given.flatMap((name, index) => (index % 2 === 0 ? [[String(name), given[index + 1]] as const] : []));
}
