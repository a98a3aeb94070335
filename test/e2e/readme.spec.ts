import { get, type IncomingMessage } from 'node:http';
import { test as base } from '@playwright/test';
import { buildFixtureMs } from '../_support/build-next-app.ts';
import { type DemoServer, startDemo } from '../_support/demo-server.ts';
import { createRandomSecret, expect } from '../_support/e2e.ts';
import { appHost, type Form, otherSite, sendFromApp, serveForms, sibling } from '../_support/form-pages.ts';
import { CookieJar, createBrowserFetch } from '../_support/http.ts';
import { buildReadmeApp } from '../_support/readme-app.ts';
import { type RedisServer, startRedis } from '../_support/redis-server.ts';
import { throwInActions } from '../matrix/next-story.ts';

interface Worker {
  /** The folder of the built app: the README's own files, and a page per kind of entry from test/fixtures/next-app. */
  readonly folder: string;
  readonly redis: RedisServer;
  /** A server of it, with that Redis. */
  readonly app: DemoServer;
}

const test = base.extend<object, Worker>({
  folder: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of what a fixture needs from a pattern
    async ({}, use) => use(await buildReadmeApp()),
    { scope: 'worker', timeout: buildFixtureMs },
  ],
  redis: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of what a fixture needs from a pattern
    async ({}, use) => {
      await using redis = await startRedis();
      await use(redis);
    },
    { scope: 'worker', timeout: 30_000 },
  ],
  app: [
    async ({ folder, redis }, use) => {
      const env = { REDIS_URL: redis.url, SESSION_SECRET: createRandomSecret() };
      await using app = await startDemo({ folder, env, readyPath: '/' });
      await use(app);
    },
    { scope: 'worker', timeout: 30_000 },
  ],
  baseURL: async ({ app }, use) => use(app.url),
});

test.describe.configure({ mode: 'serial' });

test('the files of the README sign in, change the theme and sign out', async ({ page }) => {
  await page.goto('/');
  await page.getByLabel('Name').fill('Ada');
  await page.getByLabel('Password').fill('lovelace');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('Hello Ada')).toBeVisible();
  await page.getByRole('button', { name: 'The theme is light' }).click();
  await expect(page.getByRole('button', { name: 'The theme is dark' })).toBeEnabled();
  await page.reload();
  await expect(page.getByRole('button', { name: 'The theme is dark' })).toBeVisible();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
});

test('a server action and the render that follows it share one session', async ({ page }) => {
  await page.goto('/entries/update');
  await expect(page.getByRole('status')).toHaveText('signed out');
  await page.getByRole('button', { name: 'Start' }).click();
  await expect(page.getByRole('status')).toHaveText('Action light 1');
  await page.getByRole('button', { name: 'Toggle' }).click();
  await expect(page.getByRole('status')).toHaveText('Action dark 2');
});

test('after a server action that throws, the page and the hook show the session as it is', ({ page, app }) =>
  throwInActions(page, app.url));

test('a Server Component reads the session; writing throws and says where to write', async ({ page }) => {
  const facts = async () => JSON.parse((await page.getByRole('status').textContent()) ?? '');
  await page.goto('/entries/component');
  expect(await facts()).toMatchObject({ name: null, sameId: true });
  await page.goto('/entries/update');
  await page.getByRole('button', { name: 'Start' }).click();
  await expect(page.getByRole('status')).toHaveText('Action light 1');
  await page.goto('/entries/component');
  expect(await facts()).toMatchObject({ name: 'Action', sameId: true });
  expect((await facts()).refused).toContain('do this in a server action or a route handler');
});

test('a route handler signs in, responds with 401 and 403, and marks responses as private', async ({ app }) => {
  const jar = new CookieJar();
  const visit = createBrowserFetch(jar, app.url);
  const signedOut = await visit('/entries/handler');
  expect(signedOut.status).toBe(401);
  expect(await signedOut.json()).toMatchObject({ error: { reason: 'missing' } });
  const signedIn = await visit('/entries/handler', { method: 'POST', body: '{"name":"Grace"}' });
  expect(await signedIn.json()).toMatchObject({ name: 'Grace', theme: 'dark' });
  expect(signedIn.headers.getSetCookie()).toHaveLength(1);
  const read = await visit('/entries/handler');
  expect(await read.json()).toMatchObject({ name: 'Grace', theme: 'dark' });
  expect(read.headers.get('cache-control')).toBe('private, no-store');
  expect(read.headers.get('vary')?.toLowerCase()).toContain('cookie');
  expect((await visit('/entries/handler?admin')).status).toBe(403);
  const stolen = jar.header;
  expect(await (await visit('/entries/handler', { method: 'DELETE' })).json()).toEqual({ cookieCleared: true });
  expect(jar.header).toBe('');
  const replayed = await fetch(new URL('/entries/handler', app.url), { headers: { cookie: stolen } });
  expect(await replayed.json()).toMatchObject({ error: { reason: 'expired' } });
});

test('a route handler refuses requests from another site', async ({ app }) => {
  const visit = createBrowserFetch(new CookieJar(), app.url);
  for (const site of ['cross-site', 'same-site', 'nonsense']) {
    const headers = { 'sec-fetch-site': site, origin: 'https://elsewhere.example' };
    const response = await visit('/entries/handler', { method: 'POST', body: '{"name":"Eve"}', headers });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ error: { reason: 'cross-site' } });
    expect(response.headers.getSetCookie()).toEqual([]);
  }
});

test('a GET callback over plain http fails before anything is stored, and on localhost it signs in', async ({
  app,
  redis,
}) => {
  const visit = (host: string, headers: Readonly<Record<string, string>> = {}) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const url = `http://127.0.0.1:${app.port}/entries/callback`;
      get(url, { headers: { host, ...headers } }, (response) => resolve(response.resume())).on('error', reject);
    });
  await redis.client().flushall();
  const refused = await visit('nas.lan');
  expect(refused.statusCode).toBe(400);
  expect(refused.headers['set-cookie']).toBeUndefined();
  expect(await redis.client().keys('*')).toEqual([]);
  for (const response of [
    await visit(`localhost:${app.port}`),
    // TLS ends at a proxy that forwards http. Browsers send this header only over https.
    await visit('shop.example', { 'sec-fetch-site': 'cross-site' }),
  ]) {
    expect(response.statusCode).toBe(303);
    expect(response.headers['set-cookie']).toEqual([expect.stringMatching(/^__Host-ssid=Fe26/)]);
  }
});

test('a form on another origin or a sibling subdomain cannot start a session, through a handler or a procedure', async ({
  page,
  app,
}) => {
  const origin = `http://${appHost}:${app.port}`;
  const fields = [['{"name":"Eve","more":"', '"}'] as const];
  const forms: readonly Form[] = [
    { action: `${origin}/entries/handler`, enctype: 'text/plain', fields },
    { action: `${origin}/entries/mixed/both` },
  ];
  await using site = await serveForms();
  for (const form of forms) {
    for (const place of [otherSite, sibling]) {
      expect((await site.send(page, form, place)).status()).toBe(403);
      expect(await page.context().cookies()).toEqual([]);
    }
    expect((await sendFromApp(page, form)).status()).toBe(200);
    expect(await page.context().cookies()).toHaveLength(1);
    await page.context().clearCookies();
  }
});

test('the app and the session set cookies in the same response', async ({ app }) => {
  const listCookieNames = (response: Response) =>
    response.headers
      .getSetCookie()
      .map((line) => line.split('=')[0])
      .sort();
  const visit = createBrowserFetch(new CookieJar(), app.url);
  const all = ['__Host-ssid', 'header-one', 'header-two', 'next-after', 'next-before'];
  expect(listCookieNames(await visit('/entries/cookies', { method: 'POST' }))).toEqual(all);
  expect(listCookieNames(await visit('/entries/cookies', { method: 'DELETE' }))).toEqual(all);
  const headers = { 'content-type': 'application/json' };
  const response = await visit('/entries/mixed/beside', { method: 'POST', headers });
  expect(listCookieNames(response)).toEqual(['__Host-ssid', 'header-one', 'header-two']);
});

test('procedures and the functions of createNextSession share one session per request', async ({ app }) => {
  const visit = createBrowserFetch(new CookieJar(), app.url);
  const written = await visit('/entries/mixed/both', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  });
  expect(await written.json()).toEqual({ result: { data: { throughContext: 'light', throughNext: 'dark' } } });
  expect(written.headers.getSetCookie()).toHaveLength(1);
  const read = await visit('/entries/mixed/who');
  expect(await read.json()).toEqual({ result: { data: { same: true, name: 'Mixed' } } });
  expect(read.headers.get('cache-control')).toBe('private, no-store');
});

test('hasToken in the proxy is true for a valid seal only', async ({ app }) => {
  const jar = new CookieJar();
  const visit = createBrowserFetch(jar, app.url);
  expect((await visit('/entries/handler')).headers.get('x-has-token')).toBe('false');
  await visit('/entries/handler', { method: 'POST', body: '{"name":"Grace"}' });
  expect((await visit('/entries/handler')).headers.get('x-has-token')).toBe('true');
  const [name = '', seal = ''] = jar.header.split('=');
  jar.set(name, `${seal.slice(0, -8)}AAAAAA~2`);
  expect((await visit('/entries/handler')).headers.get('x-has-token')).toBe('false');
});
