import type { SessionTypes } from '../core/engine.ts';
import type { Session } from '../core/session.ts';
import type { Sessions } from '../core/sessions.ts';
import { type CookieObstacle, headersSink, noSink, type SessionSink } from '../core/sink.ts';
import type { HeaderSource } from '../core/transport.ts';
import { type ConnectionParams, connectionHeaders, isHeaders } from './connection-params.ts';
import { nodeResponse, nodeSink } from './node-response.ts';

/** What this library adds to the context. */
export interface SessionContext<T extends SessionTypes> {
  readonly session: Session<T>;
}

/** The parts of any adapter's `createContext` options that are looked at. All may be absent, as in server-side callers. */
export interface ContextOptions {
  readonly req?: { readonly headers: HeaderSource; readonly method?: string | undefined };
  /** Of the fetch adapter. */
  readonly resHeaders?: Headers;
  /** Of the node adapters: node's response, Fastify's reply, or a WebSocket. */
  readonly res?: unknown;
  readonly info?: CallInfo;
}

/** What tRPC tells about the calls that a context is made for. */
export interface CallInfo {
  readonly accept?: string | null;
  readonly type?: string;
  readonly calls?: readonly unknown[];
  /**
   * Where a browser cannot set headers, on an EventSource or a WebSocket, a bearer token comes as `authorization`
   * (`'Bearer …'`) or as `token`, and that of a header transport under the header's name.
   */
  readonly connectionParams?: ConnectionParams | null;
}

/** Opens the request's session. Never throws and does no I/O, so that it cannot fail a public procedure. */
export function contextCreator<T extends SessionTypes>(
  sessions: Sessions<T>,
): (options?: ContextOptions) => SessionContext<T> {
  return (options = {}) => {
    const { req, info } = options;
    const sink = sinkFor(options);
    const obstacle = responseObstacle(info);
    if (obstacle === 'stream') sink.markPrivate();
    // Contexts of subscriptions and WebSockets live for hours: what they read once they must not believe for ever.
    const isLongLived = obstacle === 'subscription' || obstacle === 'websocket';
    const carriers = isLongLived ? sessions.facts.carriers() : [];
    const headers = connectionHeaders(withHost(req?.headers ?? {}), info?.connectionParams, carriers);
    return { session: sessions.open({ headers, method: req?.method }, sink, isLongLived ? 'none' : 'request') };
  };
}

function sinkFor({ resHeaders, res, info }: ContextOptions): SessionSink {
  const obstacle = responseObstacle(info);
  if (obstacle === 'websocket') return { ...noSink, cookieObstacle: () => obstacle };
  if (resHeaders) return headersSink(resHeaders, () => obstacle);
  const response = nodeResponse(res);
  return response ? nodeSink(response, () => obstacle) : noSink;
}

/** Whether the headers will have gone out before a procedure can set a cookie. */
export function responseObstacle(info: CallInfo | undefined): CookieObstacle | null {
  if (info?.accept === 'application/jsonl') return 'stream';
  if (info?.type === 'subscription') return 'subscription';
  // A WebSocket's context is made before it is known what will be called; over HTTP there is a call, if an unknown one.
  return info?.type === 'unknown' && info.calls?.length === 0 ? 'websocket' : null;
}

/** HTTP/2 calls it `:authority`. */
function withHost(headers: HeaderSource): HeaderSource {
  if (isHeaders(headers) || !(':authority' in headers)) return headers;
  const { ':authority': authority, ...others } = headers as Readonly<Record<string, string>>;
  return { ...(authority !== undefined && { host: authority }), ...others };
}
