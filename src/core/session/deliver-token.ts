import type { SessionTypes } from '../engine.ts';
import { isSessionError, SessionError } from '../errors.ts';
import { obstacleAdvice } from '../ports/sink.ts';
import { assertOwnSite, type Exchange, findCredential } from '../request/exchange.ts';
import type { IssuedToken } from './issue-session.ts';

/** Refuses, before anything is changed, a token that could not be delivered afterwards. */
export function assertTokenDeliverable<T extends SessionTypes>(exchange: Exchange<T>): void {
  assertOwnSite(exchange);
  findCredential(exchange).carrier.assertDeliverable(exchange.request, exchange.sink);
}

/** Sends a new token on its way. Answers it where the caller must hand it over, null where a cookie carries it. */
export async function deliverToken<T extends SessionTypes>(
  exchange: Exchange<T>,
  { token, reading: { at, snapshot, envelope } }: IssuedToken<T['data']>,
): Promise<string | null> {
  const { engine, sink } = exchange;
  sink.markPrivate();
  const terms = { maxAgeMs: snapshot.expiresAt - engine.now(), remember: envelope.remember };
  try {
    return await findCredential(exchange).carrier.deliver(token, terms, sink);
  } catch (cause) {
    // Nobody has this token, so nobody may have its session.
    await engine.ask('destroy', (store) => store.destroy(at)).catch(() => {});
    throw isSessionError(cause) ? cause : new SessionError('COOKIE_UNWRITABLE', { hint: obstacleAdvice.ended, cause });
  }
}
