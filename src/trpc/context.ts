import type { SessionTypes } from '../core/engine.ts';
import type { Session } from '../core/session.ts';
import type { Sessions } from '../core/sessions.ts';
import {
  type CookieObstacle,
  headersSink,
  markPrivate,
  noSink,
  type SessionSink,
  setCookieLine,
} from '../core/sink.ts';
import type { HeaderSource } from '../core/transport.ts';

/** What this library adds to the context. */
export interface SessionContext<T extends SessionTypes> {
  readonly session: Session<T>;
}

/** The parts of any adapter's `createContext` options that are looked at. All may be absent, as in server-side callers. */
export interface ContextOptions {
  readonly req?: { readonly headers: HeaderSource; readonly method?: string | undefined };
  /** Of the fetch adapter. */
  readonly resHeaders?: Headers;
  /** Of the node adapters. */
  readonly res?: unknown;
  readonly info?: { readonly accept?: string | null; readonly type?: string; readonly calls?: readonly unknown[] };
}

/** Opens the request's session. Never throws and does no I/O, so that it cannot fail a public procedure. */
export function contextCreator<T extends SessionTypes>(
  sessions: Sessions<T>,
): (options?: ContextOptions) => SessionContext<T> {
  return (options = {}) => {
    const sink = sinkFor(options);
    if (options.info?.accept === 'application/jsonl') sink.markPrivate();
    const { headers, method } = options.req ?? { headers: {}, method: 'GET' };
    return { session: sessions.open({ headers, method }, sink, isLongLived(options) ? 'none' : 'request') };
  };
}

/** Contexts of subscriptions and WebSockets live for hours: what they read once they must not believe for ever. */
function isLongLived({ info }: ContextOptions): boolean {
  return info?.type === 'subscription' || info?.type === 'unknown';
}

function sinkFor({ resHeaders, res, info }: ContextOptions): SessionSink {
  const obstacle = (): CookieObstacle | null => responseObstacle(info);
  if (resHeaders) return headersSink(resHeaders, obstacle);
  return isServerResponse(res) ? serverResponseSink(res, obstacle) : noSink;
}

/** Whether the headers will have gone out before a procedure can set a cookie. */
export function responseObstacle(info: ContextOptions['info']): CookieObstacle | null {
  if (info?.accept === 'application/jsonl') return 'stream';
  if (info?.type === 'subscription') return 'subscription';
  return null;
}

interface ServerResponseLike {
  readonly headersSent: boolean;
  getHeader(name: string): number | string | readonly string[] | undefined;
  setHeader(name: string, value: string | readonly string[]): unknown;
}

function isServerResponse(res: unknown): res is ServerResponseLike {
  return typeof res === 'object' && res !== null && 'setHeader' in res && 'headersSent' in res;
}

function serverResponseSink(res: ServerResponseLike, obstacle: () => CookieObstacle | null): SessionSink {
  return {
    cookieObstacle: () => obstacle() ?? (res.headersSent ? 'ended' : null),
    setCookie(cookie) {
      const lines = [res.getHeader('set-cookie') ?? []].flat().map(String);
      const others = lines.filter((line) => !line.startsWith(`${cookie.name}=`));
      res.setHeader('set-cookie', [...others, setCookieLine(cookie)]);
    },
    markPrivate() {
      const headers = new Headers({ vary: String(res.getHeader('vary') ?? '') });
      markPrivate(headers);
      for (const [name, value] of headers) res.setHeader(name, value.replace(/^, /, ''));
    },
  };
}
