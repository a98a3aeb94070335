import type { Page } from '@playwright/test';
import { startDemo } from '../_support/demo-server.ts';
import { test as base, createRandomSecret, expect } from '../_support/e2e.ts';
import { findFreePort } from '../_support/free-port.ts';
import { CookieJar, createBrowserFetch } from '../_support/http.ts';
import { type RedisServer, startRedis } from '../_support/redis-server.ts';

/** Each test starts its own Redis and its own demo, because it stops them. */
const test = base.extend({ baseURL: undefined });

/** The default deadline of the store, its possible extension, and the time for the browser and Next. */
const maxResponseMs = 1_000 + 250 + 500;

async function startDemoWith(redis: RedisServer) {
  return startDemo({ env: { REDIS_URL: redis.url, SESSION_SECRET: createRandomSecret() } });
}

async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/sign-in?next=/dashboard`);
  await page.getByLabel('Username').fill('ada');
  await page.getByLabel('Password').fill('lovelace');
  await page.getByRole('button', { name: 'Sign in with a server action' }).click();
  await expect(page).toHaveURL(`${url}/dashboard`);
  await expect(page.getByRole('banner')).toContainText('Ada Lovelace');
}

async function readSessionCookie(page: Page): Promise<string | undefined> {
  return (await page.context().cookies()).find(({ name }) => name.endsWith('ssid'))?.value;
}

test('while Redis hangs, the user stays signed in, sees a message and is not redirected', async ({ page }) => {
  await using redis = await startRedis();
  await using demo = await startDemoWith(redis);
  await signIn(page, demo.url);
  const cookie = await readSessionCookie(page);
  // The response to the sign-in may still arrive. If it arrived after the refetch below, it would count as newer.
  await page.waitForLoadState('networkidle');
  await redis.kill('SIGSTOP');

  // Makes the page refetch at once. A focus event would not: within a second of the last one it is ignored.
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await expect(page.getByRole('banner')).toContainText('Reconnecting');
  await expect(page.getByRole('banner')).toContainText('Ada Lovelace');
  await expect(page.getByRole('button', { name: 'Sign out', exact: true })).toBeVisible();
  await page.getByRole('link', { name: 'Account', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Session unavailable' })).toBeVisible();
  await expect(page.getByText('You are still signed in.').first()).toBeVisible();
  await expect(page).toHaveURL(`${demo.url}/account`);
  await page.reload();
  await expect(page).toHaveURL(`${demo.url}/account`);
  expect(await readSessionCookie(page)).toBe(cookie);

  await redis.kill('SIGCONT');
  await expect(async () => {
    await page.keyboard.press('Shift');
    await expect(page.getByRole('banner')).not.toContainText('Reconnecting', { timeout: 100 });
  }).toPass({ timeout: 2_000 });
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { name: 'Account', exact: true })).toBeVisible();
  await expect(page.getByRole('banner')).toContainText('Ada Lovelace');
  await expect(page.getByRole('banner')).not.toContainText('Reconnecting');
  expect(await readSessionCookie(page)).toBe(cookie);
});

test('while Redis hangs, procedures respond with 503 in time, and public procedures still work', async () => {
  await using redis = await startRedis();
  await using demo = await startDemoWith(redis);
  const jar = new CookieJar();
  const visit = createBrowserFetch(jar, demo.url);
  const headers = { 'content-type': 'application/json' };
  const toBody = (username: string, password: string) => JSON.stringify({ json: { username, password } });
  const signInAgain = () =>
    visit('/api/trpc/auth.signIn', { method: 'POST', headers, body: toBody('ada', 'lovelace') });
  const signOut = () => visit('/api/trpc/auth.signOut', { method: 'POST', headers, body: '{}' });
  expect((await signInAgain()).status).toBe(200);
  // Grace only reads. Ada's writes below fail while Redis hangs, but they may still take effect afterwards.
  const visitAsGrace = createBrowserFetch(new CookieJar(), demo.url);
  const graceSignIn = { method: 'POST', headers, body: toBody('grace', 'hopper') };
  expect((await visitAsGrace('/api/trpc/auth.signIn', graceSignIn)).status).toBe(200);
  expect(await (await visit('/api/health')).json()).toEqual({ latencyMs: expect.any(Number) });
  const before = jar.header;
  await redis.kill('SIGSTOP');

  for (const call of [
    () => visitAsGrace('/api/trpc/account.me'),
    () => visit('/api/trpc/account.me'),
    signInAgain,
    signOut,
  ]) {
    const startedAt = performance.now();
    const response = await call();
    expect(performance.now() - startedAt).toBeLessThan(maxResponseMs);
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
  await expect(async () => expect((await visitAsGrace('/api/trpc/account.me')).status).toBe(200)).toPass({
    timeout: 2_000,
  });
  expect((await signOut()).status).toBe(200);
  expect((await visit('/api/trpc/account.me')).status).toBe(401);
});

test('the demo starts and serves public pages without Redis, and needs no restart when Redis starts', async ({
  page,
}) => {
  const port = await findFreePort();
  const url = `redis://127.0.0.1:${port}`;
  await using demo = await startDemo({ env: { REDIS_URL: url, SESSION_SECRET: createRandomSecret() } });
  expect(demo.output()).toContain('Redis is not available yet: connect ECONNREFUSED');
  expect((await page.goto(`${demo.url}/`))?.status()).toBe(200);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  expect((await page.request.get(`${demo.url}/api/trpc/public.hello`)).status()).toBe(200);
  expect((await page.request.get(`${demo.url}/api/trpc/account.me`)).status()).toBe(401);
  await page.goto(`${demo.url}/account`);
  await expect(page).toHaveURL(/\/sign-in/);
  await page.getByLabel('Username').fill('ada');
  await page.getByLabel('Password').fill('lovelace');
  await page.getByRole('button', { name: 'Sign in with a server action' }).click();
  await expect(page.locator('#sign-in-error')).toContainText('Sign-in is unavailable right now');
  expect(await readSessionCookie(page)).toBeUndefined();
  await using _redis = await startRedis({ port });
  await expect(async () => signIn(page, demo.url)).toPass({ timeout: 10_000 });
});
