import type { Sessions } from '../core/manager.ts';
import type { SessionTypes } from '../core/options.ts';
import { createHeadersSink } from '../core/ports/sink.ts';
import { type CallInfo, getResponseObstacle } from '../core/request/call-info.ts';
import type { Session } from '../core/session/session.ts';
import { isOutsideRequest } from './next-features.ts';
import { openCurrentSession, openStreamSession } from './request.ts';

/**
 * What the fetch adapter passes to `createContext`. All fields are optional, because a server-side caller may have
 * none.
 */
export interface NextContextOptions {
  /**
   * The request. It is used only outside a request of Next, as in a test of the handler. Without it, such a context is
   * signed out.
   */
  readonly req?: {
    readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
    readonly method?: string | undefined;
  };
  /** The response headers that the adapter will send. */
  readonly resHeaders?: Headers;
  /** What tRPC passes about the request. The library uses it to decide whether a cookie can still be sent. */
  readonly info?: CallInfo;
}

export async function createContext<T extends SessionTypes>(
  sessions: Sessions<T>,
  { req, resHeaders, info }: NextContextOptions = {},
): Promise<{ readonly session: Session<T> }> {
  const obstacle = getResponseObstacle(info);
  try {
    if (obstacle === 'subscription') return { session: await openStreamSession(sessions) };
    return { session: await openCurrentSession(sessions, { obstacle, resHeaders, method: req?.method }) };
  } catch (error) {
    // In a cached function of Next too, `headers()` throws. A session that is opened there would be kept for others.
    if (!isOutsideRequest(error)) throw error;
    const sink = resHeaders && createHeadersSink(resHeaders, () => obstacle);
    const cache = obstacle === 'subscription' ? 'none' : 'request';
    return { session: sessions.open({ headers: req?.headers ?? {}, method: req?.method }, sink, { cache }) };
  }
}
