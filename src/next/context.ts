import type { Sessions } from '../core/manager.ts';
import type { SessionTypes } from '../core/options.ts';
import { createHeadersSink } from '../core/ports/sink.ts';
import { type CallInfo, getResponseObstacle } from '../core/request/call-info.ts';
import type { Session } from '../core/session/session.ts';
import { openCurrentSession, openStreamSession } from './request.ts';
import { isNextSignal } from './signals.ts';

/**
 * What the fetch adapter passes to `createContext`. All fields are optional, because a server-side caller may have
 * none.
 */
export interface NextContextOptions {
  /** The request. Its headers are used only where Next has no request of its own, as in a test of the handler. */
  readonly req?: {
    readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
    readonly method?: string | undefined;
  };
  /** The response headers that the adapter will send. */
  readonly resHeaders?: Headers;
  /** What tRPC tells about the request. It decides whether a cookie can still be sent. */
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
    // Next has no request here, as in a test that calls the handler directly.
    if (isNextSignal(error) || !req) throw error;
    const sink = resHeaders && createHeadersSink(resHeaders, () => obstacle);
    return { session: sessions.open({ headers: req.headers, method: req.method }, sink) };
  }
}
