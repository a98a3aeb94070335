import {
  type CookieObstacle,
  formatSetCookie,
  markPrivate,
  type SessionSink,
  type SetCookie,
} from '../core/ports/sink.ts';

type HeaderValue = number | string | readonly string[];

/** What is used of node's response, over HTTP/1 and HTTP/2. */
export interface NodeResponse {
  readonly headersSent: boolean;
  getHeader(name: string): HeaderValue | undefined;
  setHeader(name: string, value: string | readonly string[]): unknown;
  writeHead: (...head: unknown[]) => unknown;
}

/** Node's response in what an adapter hands over as `res`: itself, or what Fastify's reply holds. */
export function findNodeResponse(res: unknown): NodeResponse | null {
  if (isNodeResponse(res)) return res;
  const raw = typeof res === 'object' && res !== null && 'raw' in res ? res.raw : null;
  return isNodeResponse(raw) ? raw : null;
}

function isNodeResponse(res: unknown): res is NodeResponse {
  return typeof res === 'object' && res !== null && 'setHeader' in res && 'writeHead' in res && 'headersSent' in res;
}

/**
 * A sink over node's response. What it sets it sets again as the headers go out, because adapters write headers of their
 * own over it after the procedures ran: `Vary`, and the cookies that an app gave to Fastify's reply.
 */
export function createNodeSink(res: NodeResponse, obstacle: () => CookieObstacle | null): SessionSink {
  const cookies = new Map<string, SetCookie>();
  let isPrivate = false;
  let awaited = false;
  const amend = (): void => {
    for (const cookie of cookies.values()) putCookie(res, cookie);
    if (isPrivate) markResponsePrivate(res);
  };
  const put = (): void => {
    amend();
    if (!awaited) runBeforeHead(res, amend);
    awaited = true;
  };
  return {
    cookieObstacle: () => obstacle() ?? (res.headersSent ? 'ended' : null),
    setCookie(cookie) {
      cookies.set(cookie.name, cookie);
      put();
    },
    markPrivate() {
      // A stream that looks after its session does so long after its headers.
      if (isPrivate || res.headersSent) return;
      isPrivate = true;
      put();
    },
  };
}

function putCookie(res: NodeResponse, cookie: SetCookie): void {
  const lines = [res.getHeader('set-cookie') ?? []].flat().map(String);
  const others = lines.filter((line) => !line.startsWith(`${cookie.name}=`));
  res.setHeader('set-cookie', [...others, formatSetCookie(cookie)]);
}

function markResponsePrivate(res: NodeResponse): void {
  const headers = new Headers();
  const vary = [res.getHeader('vary') ?? []].flat().map(String);
  for (const names of vary) headers.append('vary', names);
  markPrivate(headers);
  // Streams forbid proxies to compress them, and so to hold them back.
  const kept = /\bno-transform\b/i.test(String(res.getHeader('cache-control'))) ? ', no-transform' : '';
  res.setHeader('cache-control', headers.get('cache-control') + kept);
  res.setHeader('vary', headers.get('vary') ?? '');
}

/** Runs `amend` once all headers are known: those that `writeHead` is given count as set before it. */
function runBeforeHead(res: NodeResponse, amend: () => void): void {
  const { writeHead } = res;
  res.writeHead = (status, ...rest) => {
    res.writeHead = writeHead;
    const reason = rest.filter((part) => typeof part === 'string');
    const given = rest.find((part) => typeof part === 'object' && part !== null);
    for (const [name, value] of parseHeadArguments(given)) res.setHeader(name, value);
    amend();
    return writeHead.call(res, status, ...reason);
  };
}

/** The headers that `writeHead` takes: an object, a list of pairs, or a flat list of names and values. */
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
  if (given.every(Array.isArray)) return given as unknown as readonly [string, unknown][];
  return given.flatMap((name, at) => (at % 2 === 0 ? [[String(name), given[at + 1]] as const] : []));
}
