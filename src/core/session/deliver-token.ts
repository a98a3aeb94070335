import { isSessionError, SessionError } from '../errors.ts';
import type { SessionTypes } from '../options.ts';
import { obstacleAdvice } from '../ports/sink.ts';
import { assertOwnSite, type Exchange } from '../request/exchange.ts';
import type { IssuedToken } from './issue-session.ts';

/**
 * Refuses, before anything is changed, to issue a token that could not be delivered afterwards.
 *
 * @throws SessionError `CROSS_SITE`, `COOKIE_UNWRITABLE` or `INSECURE_COOKIE`.
 */
export function assertTokenDeliverable<T extends SessionTypes>(exchange: Exchange<T>): void {
  assertOwnSite(exchange);
  exchange.credential.carrier.assertDeliverable(exchange.request, exchange.sink);
}

/** Delivers a new token. Resolves to the token if the caller must hand it to the client, or to null if a cookie carries it. */
export async function deliverToken<T extends SessionTypes>(
  { engine, sink, credential: { carrier } }: Exchange<T>,
  { token, loaded: { at, snapshot, envelope } }: IssuedToken<T['data']>,
): Promise<string | null> {
  sink.markPrivate();
  const terms = { maxAgeMs: snapshot.expiresAt - engine.now(), remember: envelope.remember };
  try {
    return await carrier.deliver(token, terms, sink);
  } catch (cause) {
    // No client has this token, so its session must not stay: it would be listed and count towards the limit.
    await engine.store.destroy(at).catch(() => {});
    throw isSessionError(cause) ? cause : new SessionError('COOKIE_UNWRITABLE', { hint: obstacleAdvice.ended, cause });
  }
}
