import { request as sendRequest } from 'node:http';
import { expect, type Page } from '@playwright/test';
import { CookieJar, createBrowserFetch, findRouterPath } from '../_support/http.ts';

/** Signs in, changes the session, reloads and signs out, with the README's own files. */
export async function followReadme(page: Page, url: string): Promise<void> {
  await page.goto(url);
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
}

/** The page that called `updateSession` in a server action shows the new data. */
export async function updateInAction(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/entries/update`);
  await page.getByRole('button', { name: 'Start' }).click();
  await expect(page.getByRole('status')).toHaveText('Action light 1');
  await page.getByRole('button', { name: 'Toggle' }).click();
  await expect(page.getByRole('status')).toHaveText('Action dark 2');
  const cookies = await page.context().cookies();
  expect(cookies.map(({ name }) => name.replace('__Host-', ''))).toEqual(['ssid']);
}

/** After an action that throws, the page and the hook show the session as it is, and other links and actions work. */
export async function throwInActions(page: Page, url: string): Promise<void> {
  await page.context().clearCookies();
  await page.goto(`${url}/entries/throwing`);
  await page.evaluate(() => {
    document.title = '0';
  });
  const expectShown = async (shown: string) => {
    for (const part of ['Page', 'Hook']) await expect(page.getByLabel(part)).toHaveText(shown);
  };
  for (const [index, [name, shown]] of throwingSteps.entries()) {
    await page.getByRole('button', { name, exact: true }).click();
    await expect(page).toHaveTitle(String(index + 1));
    await expectShown(shown);
  }
  // The error of a form is thrown where the form is, so `error.tsx` replaces the page. Another user gets the page at once.
  await page.addLocatorHandler(page.getByRole('button', { name: 'Show the page again' }), (button) =>
    button.click({ timeout: 1_000 }).catch(() => undefined),
  );
  for (const [name, shown] of throwingSteps) {
    await page.getByRole('button', { name: `${name} in a form` }).click();
    await expectShown(shown);
  }
  for (const name of ['Change the theme', 'End the session']) {
    await page.getByRole('button', { name: 'Start for Ada', exact: true }).click();
    await expectShown('Ada light');
    // The page is not told.
    await page.request.post(`${url}/api/trpc/session.destroy`, { data: {}, headers: { origin: url } });
    await page.getByRole('button', { name, exact: true }).click();
    await expectShown('unauthenticated');
  }
  await page.getByRole('link', { name: 'Update' }).click();
  await expect(page.getByText('signed out', { exact: true })).toBeVisible();
}

/** The buttons of a page whose actions throw, and what the page then shows. */
const throwingSteps = [
  ['Throw at once', 'unauthenticated'],
  ['Start for Ada', 'Ada light'],
  ['Throw at once', 'Ada light'],
  ['Change the theme', 'Ada dark'],
  ['Start for Grace', 'Grace light'],
  ['End the session', 'unauthenticated'],
] as const;

/** A guard in a page shows `forbidden.tsx` to a member, and redirects a signed-out visitor. */
export async function visitGuardedPage(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/entries/guard`);
  await expect(page.getByText('Members may not see this.')).toBeVisible();
  await page.context().clearCookies();
  await page.goto(`${url}/entries/guard`);
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  expect(new URL(page.url()).pathname).toBe('/');
}

/** An action, its render and `after()` see one headers object. Only a render has a cookie store with `clear`. */
export async function compareRequestStores(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/entries/identity`);
  await page.getByRole('button', { name: 'Act' }).click();
  await expect(page.getByRole('status')).toHaveText('Identity');
  const response = await page.request.get(`${url}/entries/identity-log`);
  const seen: readonly { place: string; request: number; hasClear: boolean }[] = await response.json();
  const action = seen.find(({ place }) => place === 'action');
  const ofAction = seen.filter(({ request }) => request === action?.request);
  expect(ofAction.map(({ place }) => place).sort()).toEqual(['action', 'after', 'render']);
  expect(action?.hasClear).toBe(false);
  for (const { place, hasClear } of seen) {
    if (place !== 'after') expect({ place, hasClear }).toEqual({ place, hasClear: place === 'render' });
  }
}

/** A route handler's GET with a content type is a read. A POST without Origin and Sec-Fetch-Site is refused. */
export async function sendPlainRequests(url: string): Promise<void> {
  const jar = new CookieJar();
  const visit = createBrowserFetch(jar, url);
  const signedIn = await visit('/entries/handler', { method: 'POST', body: '{"name":"Grace"}' });
  expect(await signedIn.json()).toMatchObject({ name: 'Grace', theme: 'dark' });
  const target = `${url}/entries/handler`;
  const headers = { cookie: jar.header, 'content-type': 'application/json' };
  expect(await sendPlainly(target, 'GET', { headers })).toBe(200);
  expect(await sendPlainly(target, 'POST', { headers, body: '{"name":"Eve"}' })).toBe(403);
  expect(
    await sendPlainly(target, 'POST', {
      headers: { ...headers, 'transfer-encoding': 'chunked' },
      body: '{"name":"Eve"}',
    }),
  ).toBe(403);
  expect(await sendPlainly(target, 'POST', { headers: { cookie: jar.header, 'content-length': '0' } })).not.toBe(200);
  expect(await sendPlainly(target, 'DELETE', { headers: { ...headers, 'content-length': '0' } })).toBe(403);
  expect(await sendPlainly(target, 'GET', { headers })).toBe(200);
}

interface PlainRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Sends only these headers, unlike `fetch`, which adds `Sec-Fetch-Mode` and others. Resolves to the status. */
function sendPlainly(url: string, method: string, { headers, body = '' }: PlainRequest): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = sendRequest(url, { method, headers, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/**
 * One visitor's name is in no response to another, and in no prefetch of a page that is rendered for prefetches. With
 * Cache Components a prefetch has the cookies of the visitor, so this proves that opening a session ends it.
 */
export async function compareVisitors(url: string, cacheComponents: boolean): Promise<void> {
  const jar = new CookieJar();
  const visit = createBrowserFetch(jar, url);
  jar.set('marker', 'visible');
  await visit('/entries/handler', { method: 'POST', body: '{"name":"Zenobia"}' });
  const variants: readonly Readonly<Record<string, string>>[] = [
    {},
    { rsc: '1' },
    { rsc: '1', 'next-router-prefetch': '1' },
    { rsc: '1', 'next-router-prefetch': '2' },
    { rsc: '1', 'next-router-prefetch': '1', 'next-router-segment-prefetch': '/_tree' },
  ];
  for (const path of ['/', '/entries/component', '/entries/prefetch']) {
    for (const headers of variants) {
      const address = await findRouterPath(visit, path, headers);
      const mine = await visit(address, { headers });
      const text = await mine.text();
      // The body of a redirect is empty, and would prove nothing.
      expect(mine.headers.get('location'), address).toBeNull();
      const isPrefetch = 'next-router-prefetch' in headers;
      if (isPrefetch && cacheComponents) expect(text, `${path} ${JSON.stringify(headers)}`).not.toContain('Zenobia');
      if (!isPrefetch) expect(text).toContain('Zenobia');
      if (text.includes('Zenobia')) expect(mine.headers.get('cache-control')).toMatch(/private|no-store/);
      const theirs = await fetch(new URL(address, url), { headers });
      expect(await theirs.text()).not.toContain('Zenobia');
    }
  }
  if (!cacheComponents) return;
  // The proof that this prefetch is rendered with the cookies of the visitor.
  const headers = { rsc: '1', 'next-router-prefetch': '2' };
  const rendered = await visit(await findRouterPath(visit, '/entries/prefetch', headers), { headers });
  expect(await rendered.text()).toContain('visible');
}

/** `hasToken` in proxy.ts, or in the middleware of Next 15.5. */
export async function readTokenInProxy(url: string): Promise<void> {
  const visit = createBrowserFetch(new CookieJar(), url);
  expect((await visit('/entries/handler')).headers.get('x-has-token')).toBe('false');
  await visit('/entries/handler', { method: 'POST', body: '{"name":"Grace"}' });
  expect((await visit('/entries/handler')).headers.get('x-has-token')).toBe('true');
}
