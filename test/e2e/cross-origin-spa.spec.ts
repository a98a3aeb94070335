import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from '@playwright/test';
import { type CrossOriginApp, type CrossOriginOptions, serveCrossOriginApp } from '../_support/cross-origin-app.ts';
import { createRandomSecret, expect, test as withServers } from '../_support/e2e.ts';
import type { RedisServer } from '../_support/redis-server.ts';

interface Fixtures {
  /** Serves the code of docs/cross-origin.md. Resolves to a function that opens a page in a new browser. */
  readonly serve: (replaced?: CrossOriginOptions['replaced']) => Promise<OpenPage>;
}

type OpenPage = (origin: string, cookies?: keyof typeof cookieSettings) => Promise<Page>;

/** Chrome's setting for third-party cookies. Safari blocks them, and so do some builds of Chromium. */
const cookieSettings = { allowed: 0, blocked: 1 } as const;

/** Creates a browser profile with this setting. */
async function createProfile(cookies: keyof typeof cookieSettings): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'trpc-session-profile-'));
  await mkdir(join(folder, 'Default'));
  const preferences = { profile: { cookie_controls_mode: cookieSettings[cookies] } };
  await writeFile(join(folder, 'Default/Preferences'), JSON.stringify(preferences));
  return folder;
}

const test = withServers.extend<Fixtures>({
  // The demo is not needed.
  baseURL: undefined,
  serve: async ({ redis, playwright, launchOptions }, use) => {
    await redis.client().flushall();
    const apps: CrossOriginApp[] = [];
    const contexts: BrowserContext[] = [];
    const profiles: string[] = [];
    await use(async (replaced = {}) => {
      const env = { REDIS_URL: redis.url, SESSION_SECRET: createRandomSecret() };
      const app = await serveCrossOriginApp({ replaced, env });
      apps.push(app);
      return async (origin, cookies = 'blocked') => {
        const profile = await createProfile(cookies);
        const context = await playwright.chromium.launchPersistentContext(profile, {
          ...launchOptions,
          args: [...(launchOptions.args ?? []), `--host-resolver-rules=${app.resolverRules}`],
          ignoreHTTPSErrors: true, // the certificate is for localhost
        });
        profiles.push(profile);
        contexts.push(context);
        const page = await context.newPage();
        await page.goto(origin);
        return page;
      };
    });
    for (const context of contexts) await context.close();
    for (const profile of profiles) await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    for (const app of apps) await app[Symbol.asyncDispose]();
  },
});

const subdomain = 'https://app.shop.example';
const otherSite = 'https://shop-app.example';
/** An origin that neither CORS nor `origins` names. It is of the same site, so the browser sends it the cookie. */
const unlisted = 'https://blog.shop.example';
const crossSite = { './same-site': './cross-site' };
const acceptsTokens = { "from './same-site'": "from './cookie-or-token'" };
const unpartitioned = { "from './same-site'": "from './unpartitioned'" };

const getButton = (page: Page, name: RegExp | string) => page.getByRole('button', { name });

const waitForMutation = (page: Page, path: string) =>
  page.waitForResponse((response) => {
    return response.url().includes(`/${path}?`) && response.request().method() === 'POST' && response.ok();
  });

async function signIn(page: Page): Promise<void> {
  await Promise.all([waitForMutation(page, 'signIn'), getButton(page, 'Sign in').click()]);
}

async function readSessionCookie(page: Page) {
  const [{ name, domain, sameSite, partitionKey, secure, httpOnly } = {}] = await page.context().cookies();
  return { name, domain, sameSite, partitionKey, secure, httpOnly };
}

const cookieOfApi = { name: '__Host-ssid', domain: 'api.shop.example', secure: true, httpOnly: true };

for (const { name, origin, replaced, cookie } of [
  { name: 'a subdomain', origin: subdomain, replaced: {}, cookie: { sameSite: 'Lax' } },
  {
    name: 'another site',
    origin: otherSite,
    replaced: crossSite,
    cookie: { sameSite: 'None', partitionKey: otherSite },
  },
]) {
  test(`an app on ${name} signs in, changes its session and signs out, with third-party cookies blocked`, async ({
    serve,
  }) => {
    const openPage = await serve(replaced);
    const page = await openPage(origin);
    await signIn(page);
    await expect(page.getByRole('main')).toContainText('Hello Ada');
    expect(await readSessionCookie(page)).toMatchObject({ ...cookieOfApi, ...cookie });
    // The page shows the change before the server has it, and a reload would abort the request.
    await Promise.all([waitForMutation(page, 'session.set'), getButton(page, 'The theme is light').click()]);
    await page.reload();
    await expect(getButton(page, 'The theme is dark')).toBeVisible();
    await getButton(page, 'Sign out').click();
    await expect(getButton(page, 'Sign in')).toBeVisible();
    expect(await page.context().cookies()).toEqual([]);
    await page.reload();
    await expect(getButton(page, 'Sign in')).toBeVisible();
  });
}

test('an app on another site stays signed out with a Lax cookie, although its sign-in succeeds', async ({ serve }) => {
  const openPage = await serve();
  const page = await openPage(otherSite, 'allowed');
  const read = page.waitForResponse(/session\.get/);
  await signIn(page);
  await read;
  await expect(getButton(page, 'Sign in')).toBeVisible();
  expect(await page.context().cookies()).toEqual([]);
});

test('an app on another site needs `partitioned` where third-party cookies are blocked', async ({ serve }) => {
  const openPage = await serve(unpartitioned);
  const allowed = await openPage(otherSite, 'allowed');
  await signIn(allowed);
  await expect(allowed.getByRole('main')).toContainText('Hello Ada');
  const blocked = await openPage(otherSite);
  await signIn(blocked);
  await expect(getButton(blocked, 'Sign in')).toBeVisible();
  expect(await blocked.context().cookies()).toEqual([]);
});

/** Calls a mutation as a script on the page can. Resolves to the status and the reason, or to the browser's refusal. */
function callFrom(page: Page, path: string, input?: object, ask: Readonly<Record<string, string>> = {}) {
  return page.evaluate(
    async ([url, body, added]) => {
      try {
        const headers = { 'content-type': 'application/json', ...added };
        const response = await fetch(url, { method: 'POST', credentials: 'include', headers, ...(body && { body }) });
        return { status: response.status, reason: (await response.json()).error?.data.session?.reason };
      } catch (error) {
        return String(error);
      }
    },
    [`https://api.shop.example/${path}`, input && JSON.stringify(input), ask] as const,
  );
}

async function readStored(redis: RedisServer): Promise<unknown> {
  const keys = (await redis.client().keys('*')).sort();
  return Promise.all(keys.map(async (key) => [key, await redis.client().hgetall(key)]));
}

const ada = { name: 'Ada', password: 'lovelace' };
const blockedByBrowser = 'TypeError: Failed to fetch';

test('an origin that is not in the lists is refused by the browser, and nothing is stored', async ({
  serve,
  redis,
}) => {
  const openPage = await serve();
  const page = await openPage(unlisted);
  for (const [path, input] of [['signIn', ada], ['session.destroy']] as const) {
    expect(await callFrom(page, path, input)).toBe(blockedByBrowser);
  }
  expect(await readStored(redis)).toEqual([]);
});

test('an origin that only CORS allows is refused as cross-site, and nothing is changed', async ({ serve, redis }) => {
  const openPage = await serve({ 'origin: origins': 'origin: true' });
  const page = await openPage(unlisted);
  const refused = { status: 403, reason: 'cross-site' };
  expect(await callFrom(page, 'signIn', ada)).toEqual(refused);
  expect(await readStored(redis)).toEqual([]);
  await page.goto(subdomain);
  await signIn(page);
  await expect(page.getByRole('main')).toContainText('Hello Ada');
  const before = await readStored(redis);
  await page.goto(unlisted);
  for (const [path, input] of [
    ['signIn', ada],
    ['session.set', { theme: 'dark' }],
    ['session.destroy'],
    ['session.revokeOthers'],
  ] as const) {
    expect(await callFrom(page, path, input), path).toEqual(refused);
  }
  expect(await readStored(redis)).toEqual(before);
});

test('a script that asks for a token instead of using the cookie is signed out, on every origin', async ({
  serve,
  redis,
}) => {
  const openPage = await serve({ 'origin: origins': 'origin: true', ...acceptsTokens });
  const page = await openPage(subdomain);
  await signIn(page);
  await expect(page.getByRole('main')).toContainText('Hello Ada');
  const before = await readStored(redis);
  for (const origin of [subdomain, unlisted]) {
    await page.goto(origin);
    for (const [path, input] of [['session.set', { theme: 'dark' }], ['session.revokeOthers']] as const) {
      const refused = { status: 401, reason: 'missing' };
      expect(await callFrom(page, path, input, { 'session-transport': 'bearer' }), path).toEqual(refused);
    }
    const signedOut = await callFrom(page, 'session.destroy', undefined, { 'session-transport': 'bearer' });
    expect(signedOut).toMatchObject({ status: 200 });
  }
  expect(await readStored(redis)).toEqual(before);
});
