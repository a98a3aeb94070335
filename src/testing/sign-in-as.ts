import type { SessionTypes } from '../core/engine.ts';
import type { Sessions } from '../core/manager.ts';
import { createHeadersSink } from '../core/ports/sink.ts';
import type { SessionCarrier } from '../core/ports/transport.ts';
import type { Immutable, SessionSnapshot } from '../core/record/snapshot.ts';
import type { StartOptions } from '../core/session/session.ts';

export interface SignInOptions extends StartOptions {
  /** The device that signs in, as it shows in a list of sessions. Default: none. */
  readonly userAgent?: string;
}

/** Somebody who has just signed in, and what their browser would send. */
export interface SignedInUser<T extends SessionTypes> {
  /** Headers of a request from the app itself: the credential, and what makes it no cross-site request. */
  readonly headers: Headers;
  /** The credential as `name=value`, or `''` where the transport is not a cookie. */
  readonly cookie: string;
  readonly session: SessionSnapshot<Immutable<T['data']>>;
}

/**
 * Signs somebody in through the manager itself, so that a test can call guarded procedures as them: real schema, real
 * store, real sealed cookie.
 *
 * @throws SessionError as `session.start` does: `INVALID_DATA`, `LIMIT_REACHED`, `UNAVAILABLE` and so on.
 */
export async function signInAs<T extends SessionTypes>(
  sessions: Sessions<T>,
  data: Immutable<T['input']>,
  { userAgent, ...options }: SignInOptions = {},
): Promise<SignedInUser<T>> {
  const headers = new Headers({ 'sec-fetch-site': 'same-origin' });
  if (userAgent !== undefined) headers.set('user-agent', userAgent);
  const answer = new Headers();
  const { session, token } = await sessions.open({ headers }, createHeadersSink(answer)).start(data, options);
  const cookie = answer.getSetCookie().map(toCookiePair).join('; ');
  if (cookie !== '') headers.set('cookie', cookie);
  const [carrier] = sessions.facts.carriers();
  if (token !== null && carrier) headers.set(...toCredentialHeader(carrier, token));
  return { headers, cookie, session };
}

/** The part of a Set-Cookie line that a browser sends back. */
function toCookiePair(line: string): string {
  return line.split(';')[0] ?? '';
}

/** The header that shows a token to a carrier. */
function toCredentialHeader({ scheme }: SessionCarrier, token: string): [name: string, value: string] {
  if (scheme.type === 'http') return ['authorization', `Bearer ${token}`];
  return scheme.in === 'cookie' ? ['cookie', `${scheme.name}=${token}`] : [scheme.name, token];
}
