import type { SessionTypes } from '../core/engine.ts';
import type { Sessions } from '../core/manager.ts';
import { createHeadersSink, noSink, type SessionSink } from '../core/ports/sink.ts';
import type { HeaderSource } from '../core/ports/transport.ts';
import { type CallInfo, getResponseObstacle } from '../core/request/call-info.ts';
import type { Session } from '../core/session/session.ts';
import { isHeaders, mergeConnectionParams } from './connection-params.ts';
import { createNodeSink, findNodeResponse } from './node-response.ts';

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

/** Opens the request's session. Never throws and does no I/O, so that it cannot fail a public procedure. */
export function createContextFactory<T extends SessionTypes>(
  sessions: Sessions<T>,
): (options?: ContextOptions) => SessionContext<T> {
  return (options = {}) => {
    const { req, info } = options;
    const sink = createSink(options);
    const obstacle = getResponseObstacle(info);
    if (obstacle === 'stream') sink.markPrivate();
    // Contexts of subscriptions and WebSockets live for hours: what they read once they must not believe for ever.
    const isLongLived = obstacle === 'subscription' || obstacle === 'websocket';
    const carriers = isLongLived ? sessions.facts.carriers() : [];
    const headers = mergeConnectionParams(addHost(req?.headers ?? {}), info?.connectionParams, carriers);
    return { session: sessions.open({ headers, method: req?.method }, sink, isLongLived ? 'none' : 'request') };
  };
}

function createSink({ resHeaders, res, info }: ContextOptions): SessionSink {
  const obstacle = getResponseObstacle(info);
  if (obstacle === 'websocket') return { ...noSink, cookieObstacle: () => obstacle };
  if (resHeaders) return createHeadersSink(resHeaders, () => obstacle);
  const response = findNodeResponse(res);
  return response ? createNodeSink(response, () => obstacle) : noSink;
}

/** HTTP/2 calls it `:authority`. */
function addHost(headers: HeaderSource): HeaderSource {
  if (isHeaders(headers) || !(':authority' in headers)) return headers;
  const { ':authority': authority, ...others } = headers as Readonly<Record<string, string>>;
  return { ...(authority !== undefined && { host: authority }), ...others };
}
