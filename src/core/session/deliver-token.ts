import { isSessionError, SessionError } from '../errors.ts';
import type { SessionTypes } from '../options.ts';
import { obstacleAdvice } from '../ports/sink.ts';
import { tokenHeader } from '../ports/token-headers.ts';
import { type OriginRule, parseOrigins } from '../record/origins.ts';
import { announceOutcome, announceToken, assertOwnSite, type Exchange } from '../request/exchange.ts';
import type { IssuedToken } from './issue-session.ts';

/**
 * Refuses, before anything is changed, to issue a token that could not be delivered afterwards.
 *
 * @param origins Origins that may send this write, although they may send no other.
 * @throws SessionError `INVALID_OPTION`, `CROSS_SITE`, `COOKIE_UNWRITABLE`, `INSECURE_COOKIE` or `COOKIE_SHADOWED`.
 */
export async function assertTokenDeliverable<T extends SessionTypes>(
  exchange: Exchange<T>,
  origins: OriginRule = [],
): Promise<void> {
  assertOwnSite(exchange, parseOrigins(origins, { nullOrigin: 'allowed' }));
  const { request, sink, credential } = exchange;
  await credential.carrier.assertDeliverable(request, sink);
  if (!credential.isChosen) return;
  // This client reads its token from a header. Without the header, it would report a sign-in and have no token.
  const obstacle = sink.cookieObstacle();
  const hint = obstacle ? obstacleAdvice[obstacle] : headerAdvice;
  if (obstacle || !sink.setHeader) throw new SessionError('COOKIE_UNWRITABLE', { hint });
}

const headerAdvice = `The client asked for the header ${tokenHeader}, which cannot be set here: do this in a tRPC mutation.`;

/** Delivers a new token. Resolves to the token if the caller must hand it to the client, or to null if a cookie carries it. */
export async function deliverToken<T extends SessionTypes>(
  exchange: Exchange<T>,
  { token, loaded: { at, snapshot, contents } }: IssuedToken<T['data']>,
): Promise<string | null> {
  const { engine, request, sink, credential } = exchange;
  sink.markPrivate();
  const terms = { maxAgeMs: snapshot.expiresAt - engine.now(), remember: contents.envelope.remember, request };
  try {
    const handedOver = await credential.carrier.deliver(token, terms, sink);
    if (handedOver !== null) announceToken(exchange, handedOver);
    return handedOver;
  } catch (cause) {
    // No client has this token, so its session must not stay: it would be listed and count towards the limit.
    await engine.store.destroy(at).catch(() => {});
    throw isSessionError(cause) ? cause : new SessionError('COOKIE_UNWRITABLE', { hint: obstacleAdvice.ended, cause });
  }
}

/** Makes the client drop its token. Resolves to false if a cookie was not cleared. */
export async function clearToken<T extends SessionTypes>(exchange: Exchange<T>): Promise<boolean> {
  const { request, sink, credential } = exchange;
  announceOutcome(exchange, 'ended');
  announceToken(exchange, null);
  return credential.carrier.clear(sink, request);
}
