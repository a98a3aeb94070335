import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test as base, expect } from '@playwright/test';
import { createHeadersSink, createSessions, isSessionError } from 'trpc-session';
import { memoryStore } from 'trpc-session/stores/memory';
import { cookie } from 'trpc-session/transports/cookie';
import { z } from 'zod';
import { appHost, type FormSite, otherSite, type Place, serveForms } from '../_support/form-pages.ts';

function createManager(sameSite: 'lax' | 'strict', secure = false) {
  return createSessions({
    schema: z.object({ userId: z.string(), cart: z.array(z.string()) }),
    subject: (data) => data.userId,
    view: () => ({}),
    store: memoryStore({ name: `provider-callbacks ${sameSite} ${secure}` }),
    secret: undefined,
    transport: cookie({ sameSite, secure, name: sameSite }),
  });
}

const sessions = createManager('lax');
const strictSessions = createManager('strict');
const secureSessions = createManager('lax', true);

type Route = (session: ReturnType<typeof sessions.open>, provider: string) => Promise<string | null>;

/** Each route returns where to go next, a page with a link to go next, or null to show the session. */
const routes: Readonly<Record<string, Route>> = {
  '/guest': async (session) => {
    await session.start({ userId: 'guest', cart: ['tea'] });
    return null;
  },
  '/callback': async (session, provider) => {
    await session.start((former) => ({ userId: 'ada', cart: former?.cart ?? [] }), { origins: [provider, 'null'] });
    return '/';
  },
  '/callback-by-get': async () => '/finish?code=4711',
  '/finish': async (session) => {
    await session.start((former) => ({ userId: 'ada', cart: former?.cart ?? [] }));
    return '/';
  },
  '/sign-in': async (session) => {
    await session.start({ userId: 'eve', cart: [] });
    return '/';
  },
  '/sign-out': async (session) => {
    await session.destroy();
    return '/';
  },
  '/': async () => null,
  '/callback-with-link': async (session, provider) => {
    await session.start({ userId: 'ada', cart: [] }, { origins: [provider] });
    return '<a href="/strict/">Continue</a>';
  },
};

const managers = { '': sessions, '/strict': strictSessions, '/secure': secureSessions };

/** An app without a framework. Its provider is the other site. Below /strict and /secure it has such cookies. */
async function serve(req: IncomingMessage, res: ServerResponse, provider: string): Promise<void> {
  const [, base = '', path = ''] = /^(\/strict|\/secure)?(\/[^?]*)/.exec(req.url ?? '') ?? [];
  const headers = new Headers({ 'content-type': 'text/html' });
  const session = managers[base as keyof typeof managers].open(req, createHeadersSink(headers));
  try {
    const next = await routes[path]?.(session, provider);
    const isPath = next?.startsWith('/') === true;
    if (isPath) headers.set('location', base + next);
    const body = next ?? JSON.stringify((await session.get())?.data ?? null);
    res
      .setHeaders(headers)
      .writeHead(isPath ? 303 : 200)
      .end(body);
  } catch (error) {
    res.writeHead(403).end(isSessionError(error) ? error.code : 'failed');
  }
}

interface Worker {
  readonly site: FormSite;
  readonly app: string;
}

const test = base.extend<object, Worker>({
  site: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of what a fixture needs from a pattern
    async ({}, use) => {
      await using site = await serveForms();
      await use(site);
    },
    { scope: 'worker' },
  ],
  app: [
    async ({ site }, use) => {
      const server = createServer((req, res) => void serve(req, res, site.originAt(otherSite)));
      await use(await listen(server));
      server.closeAllConnections();
      server.close();
    },
    { scope: 'worker' },
  ],
});

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://${appHost}:${(server.address() as AddressInfo).port}`;
}

const forms: readonly Place[] = [
  otherSite,
  { ...otherSite, name: 'another origin that hides its own', silent: true },
  { ...otherSite, name: 'a sandboxed frame of another origin', sandboxed: true },
];

for (const place of forms) {
  test(`a form on ${place.name} signs in at the callback and writes nowhere else`, async ({ page, app, site }) => {
    await page.goto(`${app}/guest`);
    for (const path of ['/sign-in', '/sign-out']) {
      expect((await site.send(page, { action: `${app}${path}` }, place)).status()).toBe(403);
    }
    await page.goto(app);
    await expect(page.locator('body')).toHaveText('{"userId":"guest","cart":["tea"]}');
    const response = await site.send(page, { action: `${app}/callback` }, place);
    expect(response.status()).toBe(303);
    expect(await response.request().headerValue('cookie')).toBeNull();
    await expect(page.locator('body')).toHaveText('{"userId":"ada","cart":[]}');
    await page.reload();
    await expect(page.locator('body')).toHaveText('{"userId":"ada","cart":[]}');
    expect(await page.context().cookies()).toHaveLength(1);
  });
}

test('a callback that redirects to a GET of the own site carries over the former session and ends it', async ({
  page,
  app,
  site,
}) => {
  await sessions.of('guest').revokeAll();
  await page.goto(`${app}/guest`);
  await site.send(page, { action: `${app}/callback-by-get` }, otherSite);
  await expect(page.locator('body')).toHaveText('{"userId":"ada","cart":["tea"]}');
  expect(await sessions.of('guest').list()).toEqual([]);
});

test('a strict cookie is not sent along the redirect of a callback, and is sent after a link', async ({
  page,
  app,
  site,
}) => {
  await site.send(page, { action: `${app}/strict/callback` }, otherSite);
  await expect(page.locator('body')).toHaveText('null');
  await site.send(page, { action: `${app}/strict/callback-with-link` }, otherSite);
  await page.getByRole('link').click();
  await expect(page.locator('body')).toHaveText('{"userId":"ada","cart":[]}');
});

test.describe('a callback by GET, with a Secure cookie', () => {
  test('signs in over plain http on localhost, where the browser keeps the cookie', async ({ page, app }) => {
    await page.goto(`${app}/secure/finish?code=4711`);
    await expect(page.locator('body')).toHaveText('{"userId":"ada","cart":[]}');
  });

  test('fails on another host, where the browser would drop the cookie, and changes nothing', async ({
    app,
    launchOptions,
    playwright,
  }) => {
    await secureSessions.of('ada').revokeAll();
    const args = [...(launchOptions.args ?? []), '--host-resolver-rules=MAP nas.lan 127.0.0.1'];
    const browser = await playwright.chromium.launch({ ...launchOptions, args });
    try {
      const page = await browser.newPage();
      await page.goto(`${app.replace(appHost, 'nas.lan')}/secure/finish?code=4711`);
      await expect(page.locator('body')).toHaveText('INSECURE_COOKIE');
      expect(await page.context().cookies()).toEqual([]);
      expect(await secureSessions.of('ada').list()).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});
