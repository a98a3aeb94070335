// Slow: it starts two servers, and compiles the code of the page.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Sessions } from 'trpc-session';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { CookieJar } from '../_support/http.ts';
import { createRouteListener } from '../_support/next-routes.ts';
import { findBrokenLinks, readMarkdown, root } from './markdown.ts';

const page = 'docs/provider-callbacks.md';

/** What the page leaves to the app. The checks of a provider's form compare `state` with a cookie. */
const ownFiles: Readonly<Record<string, string>> = {
  'session.ts': `
    import { createSessions } from 'trpc-session';
    import { memoryStore } from 'trpc-session/stores/memory';
    import { z } from 'zod';
    export const sessions = createSessions({
      schema: z.object({ userId: z.string(), cart: z.array(z.string()).default([]) }),
      subject: (data) => data.userId,
      view: () => ({}),
      store: memoryStore({ name: 'provider-callbacks' }),
      secret: undefined,
    });`,
  'session-server.ts': `
    import { createNextSession } from 'trpc-session/next';
    import { sessions } from './session';
    export const { setSession, updateSession, deleteSession, requireSession, privateResponse } =
      createNextSession(sessions);`,
  'apple.ts': `
    export async function verifyAppleForm(form: FormData, headers: Headers): Promise<{ readonly id: string }> {
      if (headers.get('cookie')?.includes(\`state=\${form.get('state')}\`)) return { id: String(form.get('user')) };
      throw new Error('The state belongs to another browser.');
    }`,
  'saml.ts': `
    import type { IncomingHttpHeaders } from 'node:http';
    export async function verifySamlForm(
      form: Readonly<Record<string, string>>,
      headers: IncomingHttpHeaders,
    ): Promise<{ readonly id: string }> {
      if (headers.cookie?.includes(\`state=\${form.state}\`)) return { id: String(form.user) };
      throw new Error('InResponseTo belongs to another browser.');
    }`,
  // The other routes of the app. Each throws CROSS_SITE, or does its write.
  'other-routes.ts': `
    import { deleteSession, privateResponse, requireSession, setSession, updateSession } from './session-server';
    const run = (work: () => Promise<unknown>) => ({
      POST: () => privateResponse(async () => Response.json((await work()) !== undefined)),
    });
    export const routes = {
      '/sign-in': run(() => setSession({ userId: 'eve' })),
      '/update': run(() => updateSession({ cart: ['eve'] })),
      '/delete': run(() => deleteSession()),
      '/guarded': run(() => requireSession()),
      '/finish': {
        GET: async () => {
          await setSession((guest) => ({ userId: 'ada', cart: guest?.cart ?? [] }));
          return new Response(null, { status: 303, headers: { location: '/dashboard' } });
        },
      },
    };`,
  'other-handlers.ts': `
    import type { SessionError } from 'trpc-session';
    import { createTrpcSession } from 'trpc-session/trpc';
    import { app } from './server';
    import { sessions } from './session';
    const { createContext } = createTrpcSession(sessions);
    type OpenSession = ReturnType<typeof createContext>['session'];
    const serve = (path: string, work: (session: OpenSession) => Promise<unknown>) =>
      app.post(path, (req, res) => {
        work(createContext({ req, res }).session).then(
          () => res.json(true),
          (error: SessionError) => res.status(403).json({ error: { reason: error.reason } }),
        );
      });
    serve('/sign-in', (session) => session.start({ userId: 'eve' }));
    serve('/update', (session) => session.update({ cart: ['eve'] }));
    serve('/delete', (session) => session.destroy());
    serve('/guarded', (session) => session.require());
    app.get('/finish', async (req, res) => {
      const { session } = createContext({ req, res });
      await session.start((guest) => ({ userId: 'ada', cart: guest?.cart ?? [] }));
      res.redirect(303, '/dashboard');
    });
    export { app };`,
};

interface Data {
  readonly userId: string;
  readonly cart: readonly string[];
}

const folder = mkdtempSync(join(root, 'test/.docs-app-'));
const servers: Server[] = [];
const urls: { Next?: string; Express?: string } = {};
let sessions: Sessions<{ readonly data: Data; readonly view: object }, never, string>;

/** Writes the code of the page, and what it leaves to the app, into a folder of this repository. */
function writeApp(): void {
  const blocks = readMarkdown(page).matchAll(/^```ts\n\/\/ (\S+)\n([\s\S]*?)^```$/gm);
  const files = {
    ...ownFiles,
    ...Object.fromEntries(Array.from(blocks, ([, name = '', code = '']) => [name, code] as const)),
  };
  for (const [name, code] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), code);
  }
  const config = { extends: '../../tsconfig.json', include: ['**/*.ts'], exclude: [] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
}

const load = (name: string) => import(/* @vite-ignore */ join(folder, name));

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  writeApp();
  ({ sessions } = await load('session.ts'));
  urls.Express = await listen((await load('other-handlers.ts')).app);
  urls.Next = await listen(
    await createRouteListener(async () => ({
      '/apple/callback': await load('app/api/apple/callback/route.ts'),
      ...(await load('other-routes.ts')).routes,
    })),
  );
});

afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true });
});

beforeEach(async () => {
  await sessions.of('ada').revokeAll();
  await sessions.of('guest').revokeAll();
});

describe(page, () => {
  test('has code that compiles in strict mode', async () => {
    const tsc = promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['--noEmit', '-p', folder]);
    expect(
      await tsc.then(
        () => '',
        ({ stdout }: { stdout: string }) => stdout,
      ),
    ).toBe('');
  }, 120_000);

  test('links only to files and headings that exist', () => {
    expect(findBrokenLinks(page)).toEqual([]);
  });
});

const apps = [
  { name: 'Next', path: '/apple/callback', provider: 'https://appleid.apple.com' },
  { name: 'Express', path: '/saml/callback', provider: 'https://idp.example.com' },
] as const;

describe.each(apps)('the callback in $name', ({ name, path, provider }) => {
  /** A browser with a session, which sends no Lax cookie with a form of another site. */
  async function createVisitor() {
    const jar = new CookieJar();
    const headers = new Headers();
    const { createHeadersSink } = await import('trpc-session');
    await sessions.open({ headers: {} }, createHeadersSink(headers)).start({ userId: 'guest', cart: ['tea'] });
    jar.keep(headers);
    const send = async (to: string, init: RequestInit) => {
      const response = await fetch(new URL(to, urls[name]), { redirect: 'manual', ...init });
      jar.keep(response.headers);
      return response;
    };
    return {
      read: () => sessions.open({ headers: { cookie: jar.header } }).get(),
      follow: (to: string) =>
        send(to, { headers: { cookie: jar.header, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' } }),
      sendForm: (to: string, origin: string, sent: { readonly state?: string; readonly cookie?: string } = {}) =>
        send(to, {
          method: 'POST',
          headers: {
            origin,
            'sec-fetch-site': 'cross-site',
            'content-type': 'application/x-www-form-urlencoded',
            cookie: ['state=4711', ...(sent.cookie ? [jar.header] : [])].join('; '),
          },
          body: new URLSearchParams({ user: 'ada', state: sent.state ?? '4711' }).toString(),
        }),
    };
  }

  test('signs the user in, and the next request has the session', async () => {
    const visitor = await createVisitor();
    const response = await visitor.sendForm(path, provider);
    expect(response.status).toBe(303);
    expect(response.headers.getSetCookie()).toEqual([expect.stringMatching(/^ssid=Fe26.*; SameSite=Lax/i)]);
    expect((await visitor.read())?.data).toEqual({ userId: 'ada', cart: [] });
  });

  test('neither carries over nor ends the former session, whose cookie it does not receive', async () => {
    const visitor = await createVisitor();
    const former = await visitor.read();
    await visitor.sendForm(path, provider);
    expect((await sessions.of('guest').list()).map(({ id }) => id)).toEqual([former?.id]);
  });

  test.each(['https://evil.example', 'null', 'https://appleid.apple.com.evil.example', 'http://idp.example.com'])(
    'refuses the form from %s',
    async (origin) => {
      const visitor = await createVisitor();
      const response = await visitor.sendForm(path, origin);
      expect(response.status).toBe(403);
      expect(response.headers.getSetCookie()).toEqual([]);
      expect((await visitor.read())?.data.userId).toBe('guest');
      expect(await sessions.of('ada').list()).toEqual([]);
    },
  );

  test('refuses a form with the state of another browser, because the app checks it', async () => {
    const visitor = await createVisitor();
    vi.spyOn(console, 'error').mockImplementation(() => {});
    expect((await visitor.sendForm(path, provider, { state: '0815' })).status).toBe(500);
    expect((await visitor.read())?.data.userId).toBe('guest');
  });

  test.each(['/sign-in', '/update', '/delete', '/guarded'])(
    'does not let the provider send a write to the route %s',
    async (route) => {
      const visitor = await createVisitor();
      const response = await visitor.sendForm(route, provider, { cookie: 'sent' });
      expect(response.status).toBe(403);
      expect(await response.json()).toMatchObject({ error: { reason: 'cross-site' } });
      expect(response.headers.getSetCookie()).toEqual([]);
      expect((await visitor.read())?.data).toEqual({ userId: 'guest', cart: ['tea'] });
    },
  );

  test('a GET of the own site that the callback redirects to carries over the former session and ends it', async () => {
    const visitor = await createVisitor();
    expect((await visitor.follow('/finish')).status).toBe(303);
    expect((await visitor.read())?.data).toEqual({ userId: 'ada', cart: ['tea'] });
    expect(await sessions.of('guest').list()).toEqual([]);
  });
});
