import type { Sessions } from '../core/manager.ts';
import type { SessionTypes } from '../core/options.ts';
import { createNodeSink, findNodeResponse } from '../core/ports/node-sink.ts';
import { type CookieObstacle, createHeadersSink, type SessionSink } from '../core/ports/sink.ts';
import type { RequestSource } from '../core/ports/transport.ts';
import { type CallInfo, getResponseObstacle } from '../core/request/call-info.ts';
import type { Session } from '../core/session/session.ts';
import { isOutsideRequest } from './next-features.ts';
import { openCurrentSession, openStreamSession } from './request.ts';

/**
 * What the fetch adapter passes to `createContext`, or the Next adapter in the Pages Router. All fields are optional,
 * because a server-side caller may have none.
 */
export interface NextContextOptions {
  /**
   * The request. It is used only outside a request of the App Router, as in the Pages Router or in a test of the handler.
   * Without it, such a context is signed out.
   */
  readonly req?: RequestSource;
  /** The response headers that the adapter will send. */
  readonly resHeaders?: Headers;
  /** The response in the Pages Router: that of an API route or of `getServerSideProps`. */
  readonly res?: unknown;
  /** What tRPC passes about the request. The library uses it to decide whether a cookie can still be sent. */
  readonly info?: CallInfo;
}

export async function createContext<T extends SessionTypes>(
  sessions: Sessions<T>,
  options: NextContextOptions = {},
): Promise<{ readonly session: Session<T> }> {
  const { req, resHeaders, info } = options;
  const obstacle = getResponseObstacle(info);
  try {
    if (obstacle === 'subscription') return { session: await openStreamSession(sessions) };
    return { session: await openCurrentSession(sessions, { obstacle, resHeaders, method: req?.method }) };
  } catch (error) {
    // In a cached function of Next too, `headers()` throws. A session that is opened there would be kept for others.
    if (!isOutsideRequest(error)) throw error;
    const cache = obstacle === 'subscription' ? 'none' : 'request';
    return { session: sessions.open(req ?? { headers: {} }, findSink(options, obstacle), { cache }) };
  }
}

function findSink({ resHeaders, res }: NextContextOptions, obstacle: CookieObstacle | null): SessionSink | undefined {
  if (resHeaders) return createHeadersSink(resHeaders, () => obstacle);
  const response = findNodeResponse(res);
  return response ? createNodeSink(response, () => obstacle) : undefined;
}
