import type { Sessions } from '../core/manager.ts';
import type { SessionTypes } from '../core/options.ts';
import { createNodeSink, findNodeResponse } from '../core/ports/node-sink.ts';
import { createHeadersSink, noSink, type SessionSink } from '../core/ports/sink.ts';
import type { RequestSource } from '../core/ports/transport.ts';
import { type CallInfo, getResponseObstacle } from '../core/request/call-info.ts';
import type { Session } from '../core/session/session.ts';
import { mergeConnectionParams } from './connection-params.ts';

/** What `createContext` adds to the tRPC context. Libraries name it as their own context type. */
export interface SessionContext<T extends SessionTypes> {
  /** The session of this request. It is read from the store on first use. */
  readonly session: Session<T>;
}

/**
 * What `createContext` takes. The options of every tRPC adapter fit: fetch, Next, Express, Fastify, standalone and
 * WebSocket. All fields are optional, because a server-side caller may have no request.
 */
export interface ContextOptions {
  /** The request. Without it the user is signed out. */
  readonly req?: RequestSource;
  /** The response headers of the fetch adapter. The session cookie is added to them. */
  readonly resHeaders?: Headers;
  /** The response of the Node adapters: Node's `ServerResponse`, Fastify's reply, or the WebSocket. */
  readonly res?: unknown;
  /** What tRPC tells about the request. It decides whether a cookie can still be sent. */
  readonly info?: CallInfo;
}

/** Creates `createContext`, which never throws and does no I/O, so that it cannot fail a public procedure. */
export function createContextFactory<T extends SessionTypes>(
  sessions: Sessions<T>,
): (options?: ContextOptions) => SessionContext<T> {
  return (options = {}) => {
    const { req, info } = options;
    const sink = createSink(options);
    const obstacle = getResponseObstacle(info);
    if (obstacle === 'stream') sink.markPrivate();
    // These contexts live for hours. A remembered read would keep a revoked session valid for as long.
    const isLongLived = obstacle === 'subscription' || obstacle === 'websocket';
    const carriers = isLongLived ? sessions.facts.carriers : [];
    const request = mergeConnectionParams(req ?? { headers: {} }, info?.connectionParams, carriers);
    return { session: sessions.open(request, sink, { cache: isLongLived ? 'none' : 'request' }) };
  };
}

function createSink({ resHeaders, res, info }: ContextOptions): SessionSink {
  const obstacle = getResponseObstacle(info);
  if (obstacle === 'websocket') return { ...noSink, cookieObstacle: () => obstacle };
  if (resHeaders) return createHeadersSink(resHeaders, () => obstacle);
  const response = findNodeResponse(res);
  return response ? createNodeSink(response, () => obstacle) : noSink;
}
