import type { Sessions } from '../core/manager.ts';
import type { SessionInput, SessionTypes } from '../core/options.ts';
import { createHeadersSink } from '../core/ports/sink.ts';
import type { SessionCarrier } from '../core/ports/transport.ts';
import type { Immutable, SessionSnapshot } from '../core/record/snapshot.ts';
import type { StartOptions } from '../core/session/session.ts';

/** Options of `signInAs`: those of `session.start`, and a device. */
export interface SignInOptions extends StartOptions {
  /**
   * The `User-Agent` header, which lists of sessions show as the device.
   *
   * @default no header
   */
  readonly userAgent?: string;
}

/** A signed-in user, and what their browser sends. */
export interface SignedInUser<T extends SessionTypes> {
  /** The headers of a same-site request of this user: the credential, and `Sec-Fetch-Site: same-origin`. */
  readonly headers: Headers;
  /** The session cookie as `name=value`, or `''` if the transport is not a cookie. */
  readonly cookie: string;
  readonly session: SessionSnapshot<Immutable<T['data']>>;
}

/**
 * Signs a user in through the manager, and returns what their browser would send. Schema, store and sealed cookie are
 * the real ones, so that a test can call guarded procedures without mocks.
 *
 * @param sessions What `createSessions` returned.
 * @param data The session data of the user.
 * @param options The lifetimes and the device of this session.
 * @default options `{}`
 * @throws SessionError As `session.start`: `INVALID_DATA`, `LIMIT_REACHED`, `UNAVAILABLE` and so on.
 * @example
 * const { headers } = await signInAs(sessions, { userId: 'ada', role: 'admin' });
 * const caller = appRouter.createCaller(await createContext({ req: { headers, method: 'POST' } }));
 */
export async function signInAs<T extends SessionTypes>(
  sessions: Sessions<T>,
  data: Immutable<SessionInput<T>>,
  { userAgent, ...options }: SignInOptions = {},
): Promise<SignedInUser<T>> {
  const headers = new Headers({ 'sec-fetch-site': 'same-origin' });
  if (userAgent !== undefined) headers.set('user-agent', userAgent);
  const response = new Headers();
  const { session, token } = await sessions.open({ headers }, createHeadersSink(response)).start(data, options);
  const cookie = response.getSetCookie().filter(isKept).map(toCookiePair).join('; ');
  if (cookie !== '') headers.set('cookie', cookie);
  const [carrier] = sessions.facts.carriers;
  if (token !== null && carrier) headers.set(...toCredentialHeader(carrier, token));
  return { headers, cookie, session };
}

/** Other lines expire cookies that earlier versions of the app have set. */
function isKept(line: string): boolean {
  return !/; max-age=0(;|$)/i.test(line);
}

/** Returns the part of a Set-Cookie line that a browser sends back. */
function toCookiePair(line: string): string {
  return line.split(';')[0] ?? '';
}

/** Returns the header in which a carrier finds a token. */
function toCredentialHeader({ scheme }: SessionCarrier, token: string): [name: string, value: string] {
  if (scheme.type === 'http') return ['authorization', `Bearer ${token}`];
  return scheme.in === 'cookie' ? ['cookie', `${scheme.name}=${token}`] : [scheme.name, token];
}
