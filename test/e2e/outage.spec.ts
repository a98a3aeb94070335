import type { Page } from '@playwright/test';
import { startDemo } from '../_support/demo-server.ts';
import { test as base, expect, randomSecret } from '../_support/e2e.ts';
import { findFreePort } from '../_support/free-port.ts';
import { CookieJar, createBrowserFetch } from '../_support/http.ts';
import { type RedisServer, startRedis } from '../_support/redis-server.ts';

/** A Redis and a demo of each test's own: these go down. */
const test = base.extend({ baseURL: undefined });

/** The default deadline, what may be added to it, and what a browser and Next need. */
const promptMs = 1_000 + 250 + 500;

async function startOver(redis: RedisServer) {
  return startDemo({ env: { REDIS_URL: redis.url, SESSION_SECRET: randomSecret() } });
}

async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/sign-in?next=/dashboard`);
  await page.getByLabel('Username').fill('ada');
  await page.getByLabel('Password').fill('lovelace');
  await page.getByRole('button', { name: 'Sign in with a server action' }).click();
  await expect(page).toHaveURL(`${url}/dashboard`);
  await expect(page.getByRole('banner')).toContainText('Ada Lovelace');
}

async function sessionCookie(page: Page): Promise<string | undefined> {
  return (await page.context().cookies()).find(({ name }) => name.endsWith('ssid'))?.value;
}

test('while Redis hangs a browser stays signed in: told so, sent nowhere, and on as before when it is back', async ({
  page,
}) => {
  await using redis = await startRedis();
  await using demo = await startOver(redis);
  await signIn(page, demo.url);
  const cookie = await sessionCookie(page);
  // What the server drew for the new person is still on its way: an answer to it that comes after the look would count as newer.
  await page.waitForLoadState('networkidle');
  await redis.kill('SIGSTOP');

  // Has the page look at once. A focus would not, within five seconds of the one that the browser itself gave the page.
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await expect(page.getByRole('banner')).toContainText('Sessions cannot be reached');
  await expect(page.getByRole('banner')).toContainText('Ada Lovelace');
  await page.getByRole('link', { name: 'Account', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Sessions cannot be reached.' })).toBeVisible();
  await expect(page.getByText('Nobody was signed out.').first()).toBeVisible();
  await expect(page).toHaveURL(`${demo.url}/account`);
  await page.reload();
  await expect(page).toHaveURL(`${demo.url}/account`);
  expect(await sessionCookie(page)).toBe(cookie);

  await redis.kill('SIGCONT');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { name: 'Account', exact: true })).toBeVisible();
  await expect(page.getByRole('banner')).toContainText('Ada Lovelace');
  await expect(page.getByRole('banner')).not.toContainText('cannot be reached');
  expect(await sessionCookie(page)).toBe(cookie);
});

test('while Redis hangs procedures, handlers and the health check say so in time, and public ones answer', async () => {
  await using redis = await startRedis();
  await using demo = await startOver(redis);
  const jar = new CookieJar();
  const visit = createBrowserFetch(jar, demo.url);
  const headers = { 'content-type': 'application/json' };
  const credentialsOf = (username: string, password: string) => JSON.stringify({ json: { username, password } });
  const signInAgain = () =>
    visit('/api/trpc/auth.signIn', { method: 'POST', headers, body: credentialsOf('ada', 'lovelace') });
  const signOut = () => visit('/api/trpc/auth.signOut', { method: 'POST', headers, body: '{}' });
  expect((await signInAgain()).status).toBe(200);
  // Somebody who asks and changes nothing: what Ada asks to be changed may yet happen, after she was told that nobody knows.
  const onlooker = createBrowserFetch(new CookieJar(), demo.url);
  const asGrace = { method: 'POST', headers, body: credentialsOf('grace', 'hopper') };
  expect((await onlooker('/api/trpc/auth.signIn', asGrace)).status).toBe(200);
  expect(await (await visit('/api/health')).json()).toEqual({ latencyMs: expect.any(Number) });
  const before = jar.header;
  await redis.kill('SIGSTOP');

  for (const call of [
    () => onlooker('/api/trpc/account.me'),
    () => visit('/api/trpc/account.me'),
    signInAgain,
    signOut,
  ]) {
    const startedAt = performance.now();
    const response = await call();
    expect(performance.now() - startedAt).toBeLessThan(promptMs);
    expect(response.status).toBe(503);
    expect(response.headers.getSetCookie()).toEqual([]);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({
      error: { json: { data: { code: 'SERVICE_UNAVAILABLE', session: { reason: 'unavailable' } } } },
    });
    expect(text).not.toMatch(/redis|127\.0\.0\.1|session:|stack|node_modules/i);
  }
  const health = await visit('/api/health');
  expect(health.status).toBe(503);
  expect(await health.json()).toMatchObject({ error: { reason: 'unavailable' } });
  expect((await visit('/api/trpc/public.hello')).status).toBe(200);
  expect(jar.header).toBe(before);

  await redis.kill('SIGCONT');
  await expect(async () => expect((await onlooker('/api/trpc/account.me')).status).toBe(200)).toPass({
    timeout: 2_000,
  });
  expect((await signOut()).status).toBe(200);
  expect((await visit('/api/trpc/account.me')).status).toBe(401);
});

test('the demo starts, renders and answers strangers while there is no Redis, and needs no restart when it comes', async ({
  page,
}) => {
  const port = await findFreePort();
  const url = `redis://127.0.0.1:${port}`;
  await using demo = await startDemo({ env: { REDIS_URL: url, SESSION_SECRET: randomSecret() } });
  expect(demo.output()).toContain('Redis cannot be used yet: connect ECONNREFUSED');
  expect((await page.goto(`${demo.url}/`))?.status()).toBe(200);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  expect((await page.request.get(`${demo.url}/api/trpc/public.hello`)).status()).toBe(200);
  expect((await page.request.get(`${demo.url}/api/trpc/account.me`)).status()).toBe(401);
  await page.goto(`${demo.url}/account`);
  await expect(page).toHaveURL(/\/sign-in/);
  await page.getByLabel('Username').fill('ada');
  await page.getByLabel('Password').fill('lovelace');
  await page.getByRole('button', { name: 'Sign in with a server action' }).click();
  await expect(page.locator('#sign-in-error')).toContainText('Nobody can sign in right now');
  expect(await sessionCookie(page)).toBeUndefined();
  await using _redis = await startRedis({ port });
  await expect(async () => signIn(page, demo.url)).toPass({ timeout: 10_000 });
});
