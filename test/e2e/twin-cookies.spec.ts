import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { BrowserContext, Page } from '@playwright/test';
import { createNodeSink, createSessions, isSessionError } from 'trpc-session';
import { memoryStore } from 'trpc-session/stores/memory';
import { type CookieOptions, cookie } from 'trpc-session/transports/cookie';
import { z } from 'zod';
import { startDemo } from '../_support/demo-server.ts';
import { test as base, createRandomSecret, expect } from '../_support/e2e.ts';

/** Most of these tests have servers of their own, so they do not need the demo. */
const test = base.extend({ baseURL: undefined });

type AppSessions = ReturnType<typeof createAppSessions>;

interface AppOptions extends CookieOptions {
  /** @default a random one */
  readonly secret?: string;
  /** @default an empty one */
  readonly store?: ReturnType<typeof memoryStore>;
}

function createAppSessions({ secret = createRandomSecret(), store, ...options }: AppOptions) {
  return createSessions({
    schema: z.object({ userId: z.string() }),
    view: ({ userId }) => ({ userId }),
    store: store ?? memoryStore({ name: randomUUID() }),
    secret,
    transport: cookie(options),
  });
}

/** An app on a port of its own. Its only page shows the user, or why the sign-in failed. */
async function serveApp(options: AppOptions = {}) {
  let handle = createHandler(createAppSessions(options));
  const server = createServer((request, response) => handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    at: (host: string) => `http://${host}:${port}/`,
    /** Replaces the app, as a deployment does. */
    deploy(next: AppOptions) {
      handle = createHandler(createAppSessions(next));
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function createHandler(sessions: AppSessions): RequestListener {
  return (request, response) => {
    respond(sessions, request, response).catch((error: unknown) => {
      const message = isSessionError(error) ? error.code : String(error);
      response.writeHead(500, { 'content-type': 'text/html' }).end(renderPage(message));
    });
  };
}

async function respond(sessions: AppSessions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const session = sessions.open(request, createNodeSink(response));
  if (request.url === '/sign-in') await session.start({ userId: 'ada' });
  if (request.url === '/sign-out') await session.destroy();
  if (request.method === 'POST') {
    response.writeHead(303, { location: '/' }).end();
    return;
  }
  const user = (await session.get())?.data.userId;
  response.setHeader('content-type', 'text/html');
  response.end(renderPage(user ? `signed in as ${user}` : 'signed out'));
}

function renderPage(state: string): string {
  const buttons = ['sign-in', 'sign-out'].map((action) => `<button formaction="/${action}">${action}</button>`);
  return `<!doctype html><h1>${state}</h1><form method="post">${buttons.join('')}</form>`;
}

async function press(page: Page, button: 'sign-in' | 'sign-out'): Promise<void> {
  await page.getByRole('button', { name: button }).click();
}

async function expectState(page: Page, url: string, state: string): Promise<void> {
  await page.goto(url);
  await expect(page.getByRole('heading')).toHaveText(state);
}

async function listDomains(context: BrowserContext): Promise<readonly string[]> {
  const cookies = await context.cookies();
  return cookies.filter(({ name }) => name.endsWith('ssid')).map(({ domain }) => domain);
}

test('two apps on ports of localhost keep their users signed in, and each signs out alone', async ({ page }) => {
  await using shop = await serveApp();
  await using blog = await serveApp();
  for (const app of [shop, blog]) {
    await page.goto(app.at('localhost'));
    await press(page, 'sign-in');
    await expectState(page, app.at('localhost'), 'signed in as ada');
  }
  await expectState(page, shop.at('localhost'), 'signed in as ada');
  await press(page, 'sign-out');
  await expectState(page, shop.at('localhost'), 'signed out');
  await expectState(page, blog.at('localhost'), 'signed in as ada');
  await press(page, 'sign-in');
  await press(page, 'sign-out');
  await expectState(page, blog.at('localhost'), 'signed out');
});

test('an app on two ports of localhost that share a secret signs in and out on both', async ({ page }) => {
  const shared = { secret: createRandomSecret(), store: memoryStore({ name: randomUUID() }) };
  await using other = await serveApp();
  await using pages = await serveApp(shared);
  await using api = await serveApp(shared);
  await page.goto(other.at('localhost'));
  await press(page, 'sign-in');
  await page.goto(api.at('localhost'));
  await press(page, 'sign-in');
  await expectState(page, pages.at('localhost'), 'signed in as ada');
  await press(page, 'sign-out');
  await expectState(page, api.at('localhost'), 'signed out');
  await expectState(page, other.at('localhost'), 'signed in as ada');
});

const [production, staging] = ['shop.localhost', 'staging.shop.localhost'];
/** The name that an app with a domain has in production. */
const name = '__Secure-ssid';

test('staging below the domain of production signs in and out, beside production', async ({ page, context }) => {
  await using live = await serveApp({ name, domain: production });
  await using trial = await serveApp({ name, domain: staging });
  await page.goto(live.at(production));
  await press(page, 'sign-in');
  await expectState(page, trial.at(staging), 'signed out');
  await press(page, 'sign-in');
  await expectState(page, trial.at(staging), 'signed in as ada');
  await expectState(page, live.at(production), 'signed in as ada');
  expect(await listDomains(context)).toEqual([`.${production}`, `.${staging}`]);
  await page.goto(trial.at(staging));
  await press(page, 'sign-out');
  await expectState(page, trial.at(staging), 'signed out');
  await expectState(page, live.at(production), 'signed in as ada');
});

test('staging that shares the secret of production refuses the sign-in, and production stays signed in', async ({
  page,
}) => {
  const secret = createRandomSecret();
  await using live = await serveApp({ name, domain: production, secret });
  await using trial = await serveApp({ name, secret });
  await page.goto(live.at(production));
  await press(page, 'sign-in');
  await page.goto(trial.at(staging));
  await press(page, 'sign-in');
  await expect(page.getByRole('heading')).toHaveText('COOKIE_SHADOWED');
  await expectState(page, live.at(production), 'signed in as ada');
});

for (const [title, before, after] of [
  ['a domain added in a deployment', {}, { domain: production }],
  ['a domain removed in a deployment', { domain: production }, { formerDomains: [production] }],
] as const) {
  test(`${title} keeps users signed in, and they can sign out and in`, async ({ page, context }) => {
    const shared = { name, secret: createRandomSecret(), store: memoryStore({ name: randomUUID() }) };
    await using app = await serveApp({ ...shared, ...before });
    const url = app.at(production);
    await page.goto(url);
    await press(page, 'sign-in');
    await expectState(page, url, 'signed in as ada');
    app.deploy({ ...shared, ...after });
    await expectState(page, url, 'signed in as ada');
    await press(page, 'sign-in');
    expect(await listDomains(context)).toHaveLength(1);
    await expectState(page, url, 'signed in as ada');
    await press(page, 'sign-out');
    await expectState(page, url, 'signed out');
    expect(await listDomains(context)).toEqual([]);
    await press(page, 'sign-in');
    await expectState(page, url, 'signed in as ada');
  });
}

test('a server action expires a twin of the session cookie', async ({ page, context, redis }) => {
  const secret = createRandomSecret();
  await using demo = await startDemo({ env: { REDIS_URL: redis.url, SESSION_SECRET: secret } });
  // Ports of one host share cookies, so this app stands for an earlier version of the demo.
  await using earlier = await serveApp({ secret, secure: true, partitioned: true });
  const readCookies = async () => (await context.cookies()).map((kept) => [kept.name, kept.partitionKey ?? null]);
  await page.goto(earlier.at('localhost'));
  await press(page, 'sign-in');
  expect(await readCookies()).toEqual([['__Host-ssid', 'http://localhost']]);
  await page.goto(`${demo.url}/sign-in`);
  await page.getByLabel('Username').fill('ada');
  await page.getByLabel('Password').fill('lovelace');
  await page.getByRole('button', { name: 'Sign in with a server action' }).click();
  await expect(page).toHaveURL(`${demo.url}/dashboard`);
  expect(await readCookies()).toEqual([['__Host-ssid', null]]);
  await page.reload();
  await expect(page.getByRole('banner')).toContainText('Ada Lovelace');
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(page.getByRole('banner').getByRole('link', { name: 'Sign in' })).toBeVisible();
  expect(await readCookies()).toEqual([]);
});
