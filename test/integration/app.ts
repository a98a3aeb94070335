import { createHeadersSink, createSessions, type SessionEvent, type SessionLimit } from 'trpc-session';
import type { SessionStore } from 'trpc-session/stores';
import { type RedisSource, redisStore } from 'trpc-session/stores/redis';
import { bearer } from 'trpc-session/transports/header';
import { z } from 'zod';

const schema = z.object({ userId: z.string(), count: z.number(), marks: z.record(z.string(), z.number()) });

export interface AppOptions {
  readonly store: SessionStore;
  readonly prefix?: string;
  readonly secret?: string | readonly string[];
  readonly limit?: SessionLimit;
  readonly onEvent?: (event: SessionEvent) => void;
  readonly now?: () => number;
  /** @default the user's id */
  readonly subject?: (data: { readonly userId: string }) => string | undefined;
}

/**
 * A Redis store for tests that are not about the deadline. On a busy machine a reply can take longer than the default of
 * one second.
 */
export function createPatientStore(source: RedisSource): SessionStore {
  return redisStore(source, { deadline: '10s' });
}

/** An app whose sessions hold a counter and a set of marks. Sends the token as a bearer token, so that nothing is sealed. */
export function createBearerApp(options: AppOptions) {
  return createSessions({ ...base, secret: undefined, ...options, transport: bearer() });
}

/** The same app with the sealed cookie. */
export function createCookieApp(options: AppOptions) {
  return createSessions({ ...base, secret: undefined, ...options });
}

const base = {
  schema,
  subject: (data: { readonly userId: string }): string | undefined => data.userId,
  view: ({ count }: { readonly count: number }) => ({ count }),
  patch: z.object({ count: z.number() }),
};

export type App = ReturnType<typeof createBearerApp>;
export type AppSession = ReturnType<App['open']>;

/** The data of a new session. */
export function createAccount(userId: string) {
  return { userId, count: 0, marks: {} };
}

/** The session of a request that carries this bearer token. */
export function withToken(app: App, token: string): AppSession {
  return app.open({ headers: { authorization: `Bearer ${token}` }, method: 'POST' });
}

/** Signs in from a new browser. */
export async function signIn(app: App, userId: string): Promise<{ readonly token: string; readonly id: string }> {
  const { token, session } = await app.open({ headers: {}, method: 'POST' }).start(createAccount(userId));
  if (token === null) throw new Error('start() returned no token');
  return { token, id: session.id };
}

export function increment(session: AppSession): ReturnType<AppSession['update']> {
  return session.update((data) => ({ ...data, count: data.count + 1 }));
}

/** Runs every script once. A script that Redis does not have takes a second command, which tests would count. */
export async function loadScripts(app: App): Promise<void> {
  const { token } = await signIn(app, 'rehearsal');
  const session = withToken(app, token);
  await increment(session);
  const { token: next } = await session.regenerate();
  await withToken(app, String(next)).list();
  await withToken(app, String(next)).destroy();
  await app.of('rehearsal').revokeAll();
}

/** Whether a token is valid. Does not record the use of the session. */
export async function isSignedIn(app: App, token: string): Promise<boolean> {
  return (await withToken(app, token).get({ passive: true })) !== null;
}

/** Keeps the cookies that responses set, and sends them with later requests. */
export class Browser {
  readonly #app: App;
  readonly #jar = new Map<string, string>();

  constructor(app: App, cookie?: string) {
    this.#app = app;
    if (cookie !== undefined) this.#jar.set('ssid', cookie);
  }

  /** The sealed value of the session cookie. */
  get seal(): string | undefined {
    return this.#jar.get('ssid');
  }

  /** Sends one request and keeps the cookies that the response sets. */
  async request<Result>(handle: (session: AppSession) => Promise<Result>): Promise<Result> {
    const cookie = [...this.#jar].map((pair) => pair.join('=')).join('; ');
    const response = new Headers();
    const headers = { cookie, 'sec-fetch-site': 'same-origin' };
    try {
      return await handle(this.#app.open({ headers, method: 'POST' }, createHeadersSink(response)));
    } finally {
      this.#keepCookies(response);
    }
  }

  #keepCookies(response: Headers): void {
    for (const line of response.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.#jar.delete(name);
      else this.#jar.set(name, value);
    }
  }

  signIn(userId: string): Promise<unknown> {
    return this.request((session) => session.start(createAccount(userId)));
  }

  isSignedIn(): Promise<boolean> {
    return this.request(async (session) => (await session.get({ passive: true })) !== null);
  }
}
