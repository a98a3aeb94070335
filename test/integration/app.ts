import {
  createHeadersSink,
  createSessions,
  type SessionEvent,
  type SessionLimit,
  type SessionStore,
} from 'trpc-session';
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
  /** Default: the user. */
  readonly subject?: (data: { readonly userId: string }) => string | undefined;
}

/** An app whose sessions hold what these tests count. Tokens travel as bearer tokens: nothing is sealed. */
export function bearerApp(options: AppOptions) {
  return createSessions({ ...base, secret: undefined, ...options, transport: bearer() });
}

/** The same app with the cookie. */
export function cookieApp(options: AppOptions) {
  return createSessions({ ...base, secret: undefined, ...options });
}

const base = {
  schema,
  subject: (data: { readonly userId: string }): string | undefined => data.userId,
  view: ({ count }: { readonly count: number }) => ({ count }),
  patch: z.object({ count: z.number() }),
};

export type App = ReturnType<typeof bearerApp>;
export type AppSession = ReturnType<App['open']>;

/** What a sign-in writes. */
export function beginning(userId: string) {
  return { userId, count: 0, marks: {} };
}

/** The session of one request that carries this bearer token. */
export function withToken(app: App, token: string): AppSession {
  return app.open({ headers: { authorization: `Bearer ${token}` }, method: 'POST' });
}

/** Signs in without a token before; answers the new one. */
export async function signIn(app: App, userId: string): Promise<{ readonly token: string; readonly id: string }> {
  const { token, session } = await app.open({ headers: {}, method: 'POST' }).start(beginning(userId));
  if (token === null) throw new Error('No token was handed over');
  return { token, id: session.id };
}

export function increment(session: AppSession): ReturnType<AppSession['update']> {
  return session.update((data) => ({ ...data, count: data.count + 1 }));
}

/** Has the server learn every script, so that later calls meet none that it does not know. */
export async function teachScripts(app: App): Promise<void> {
  const { token } = await signIn(app, 'teacher');
  const session = withToken(app, token);
  await increment(session);
  const { token: next } = await session.regenerate();
  await withToken(app, String(next)).list();
  await withToken(app, String(next)).destroy();
  await app.of('teacher').revokeAll();
}

/** Whether a token opens a session. Looks without touching. */
export async function opens(app: App, token: string): Promise<boolean> {
  return (await withToken(app, token).get({ passive: true })) !== null;
}

/** A browser of one user: keeps the cookies that responses set, and sends them. */
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

  /** One request; the cookies that it sets are kept. */
  async request<Answer>(handle: (session: AppSession) => Promise<Answer>): Promise<Answer> {
    const cookie = [...this.#jar].map((pair) => pair.join('=')).join('; ');
    const response = new Headers();
    const headers = { cookie, 'sec-fetch-site': 'same-origin' };
    try {
      return await handle(this.#app.open({ headers, method: 'POST' }, createHeadersSink(response)));
    } finally {
      this.keep(response);
    }
  }

  keep(response: Headers): void {
    for (const line of response.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.#jar.delete(name);
      else this.#jar.set(name, value);
    }
  }

  signIn(userId: string): Promise<unknown> {
    return this.request((session) => session.start(beginning(userId)));
  }

  isSignedIn(): Promise<boolean> {
    return this.request(async (session) => (await session.get({ passive: true })) !== null);
  }
}
