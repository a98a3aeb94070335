import type { BrowserContext, Page } from '@playwright/test';
import { redisStore } from 'trpc-session/stores/redis';
import { computeSlot } from '../../src/core/record/token.ts';
import { expect, test } from '../_support/e2e.ts';

type Method = 'server action' | 'tRPC mutation';

async function signIn(page: Page, username: 'ada' | 'grace', method: Method = 'server action') {
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password').fill(username === 'ada' ? 'lovelace' : 'hopper');
  await page.getByRole('button', { name: `Sign in with a ${method}` }).click();
}

async function findSessionCookie(context: BrowserContext) {
  return (await context.cookies()).find(({ name }) => name.endsWith('ssid'));
}

const readTheme = (page: Page) => page.locator('html').getAttribute('data-theme');

for (const method of ['server action', 'tRPC mutation'] as const) {
  test(`signs in by ${method}, changes the theme, reloads and signs out`, async ({ page, context, baseURL }) => {
    await page.goto('/sign-in');
    await signIn(page, 'ada', method);
    await expect(page).toHaveURL(`${baseURL}/dashboard`);
    await expect(page.getByRole('banner')).toContainText('Ada Lovelace');
    expect(await findSessionCookie(context)).toMatchObject({
      httpOnly: true,
      secure: true,
      sameSite: 'Lax',
      path: '/',
    });
    await page.getByRole('link', { name: 'Account' }).click();
    await page.getByText('Dark', { exact: true }).click();
    await expect(page.getByText('Saved in your session.')).toBeVisible();
    expect(await readTheme(page)).toBe('dark');
    await page.reload();
    await expect(page.getByRole('radio', { name: 'Dark' })).toBeChecked();
    expect(await readTheme(page)).toBe('dark');
    const signOut = method === 'server action' ? 'Sign out' : 'Sign out with a tRPC mutation';
    await page.getByRole('button', { name: signOut, exact: true }).click();
    await expect(page).toHaveURL(`${baseURL}/`);
    await expect(page.getByRole('banner').getByRole('link', { name: 'Sign in' })).toBeVisible();
    expect(await findSessionCookie(context)).toBeUndefined();
  });
}

test('signs in without JavaScript', async ({ browser, baseURL }) => {
  const context = await browser.newContext({ javaScriptEnabled: false, ...(baseURL && { baseURL }) });
  const page = await context.newPage();
  await page.goto('/sign-in?next=/devices');
  await signIn(page, 'grace');
  await expect(page).toHaveURL(`${baseURL}/devices`);
  expect(await findSessionCookie(context)).toBeDefined();
  await context.close();
});

test('shows an error for a wrong password and sets no cookie', async ({ page, context }) => {
  await page.goto('/sign-in');
  await page.getByLabel('Username').fill('ada');
  await page.getByLabel('Password').fill('hopper');
  await page.getByRole('button', { name: 'Sign in with a server action' }).click();
  await expect(page.locator('#sign-in-error')).toContainText('Incorrect username or password.');
  await page.getByLabel('Password').fill('hopper');
  await page.getByRole('button', { name: 'Sign in with a tRPC mutation' }).click();
  await expect(page.locator('#sign-in-error')).not.toBeEmpty();
  expect(await findSessionCookie(context)).toBeUndefined();
});

test('a protected page redirects a signed-out visitor to the sign-in page, and back after the sign-in', async ({
  page,
  baseURL,
}) => {
  await page.goto('/account?from=mail');
  await expect(page).toHaveURL(/\/sign-in\?next=%2Faccount%3Ffrom%3Dmail$/);
  await signIn(page, 'grace');
  await expect(page).toHaveURL(`${baseURL}/account?from=mail`);
});

test('after a sign-in only paths of the app are followed', async ({ page, baseURL }) => {
  for (const next of [
    'https://elsewhere.example/',
    '//elsewhere.example',
    '/\\elsewhere.example',
    'javascript:alert(1)',
  ]) {
    await page.context().clearCookies();
    await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
    await signIn(page, 'grace');
    await expect(page).toHaveURL(`${baseURL}/dashboard`);
  }
});

test('a member sees that they have no access to the admin page, and receives none of its content', async ({
  page,
  request,
}) => {
  await page.goto('/sign-in?next=/admin');
  await signIn(page, 'grace');
  await expect(page.getByRole('heading', { name: 'You do not have access to this page' })).toBeVisible();
  await page.goto('/admin');
  await expect(page.getByRole('heading', { name: 'You do not have access to this page' })).toBeVisible();
  const cookie = await findSessionCookie(page.context());
  const html = await (await request.get('/admin', { headers: { cookie: `${cookie?.name}=${cookie?.value}` } })).text();
  expect(html).not.toContain('All accounts');
  expect(html).not.toContain('Ada Lovelace');
});

test('an admin sees the admin page', async ({ page }) => {
  await page.goto('/sign-in?next=/admin');
  await signIn(page, 'ada');
  await expect(page.getByRole('heading', { name: 'All accounts' })).toBeVisible();
});

test('the devices page signs out one device, and then everywhere else', async ({ page, browser, baseURL }) => {
  const otherPages = await Promise.all(
    [1, 2, 3].map(async () => {
      const context = await browser.newContext(baseURL ? { baseURL } : {});
      const other = await context.newPage();
      await other.goto('/sign-in');
      await signIn(other, 'grace');
      await expect(other).toHaveURL(`${baseURL}/dashboard`);
      return other;
    }),
  );
  await page.goto('/sign-in?next=/devices');
  await signIn(page, 'grace');
  await expect(page.getByText('This device')).toBeVisible();
  // Next keeps the page that was left in the document, hidden.
  const rows = page.locator('ul.rows > li').filter({ visible: true });
  const before = await rows.count();
  expect(before).toBeGreaterThanOrEqual(4);
  await rows.filter({ hasNotText: 'This device' }).first().getByRole('button', { name: 'Sign out' }).click();
  await expect(rows).toHaveCount(before - 1);
  await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await expect(rows).toHaveCount(1);
  await expect(page.getByText('No other device is signed in.')).toBeVisible();
  for (const other of otherPages) {
    await other.goto('/account');
    await expect(other).toHaveURL(/\/sign-in/);
    await expect(other.getByText('You were signed out from another device.')).toBeVisible();
    await other.context().close();
  }
});

test('a sign-in on another device above the limit tells the user why this one is signed out', async ({
  page,
  redis,
  baseURL,
}) => {
  await page.goto('/sign-in');
  await signIn(page, 'ada');
  await expect(page).toHaveURL(`${baseURL}/dashboard`);
  const store = redisStore(redis.url);
  const key = `session:{${computeSlot('session:', 'user-1')}}`;
  const session = { id: 'another-device', summary: '', body: '{}', idleMs: 60_000, lifetimeMs: 60_000 };
  const limit = { max: 1, whenFull: 'evict' } as const;
  expect(await store.start({ key, hash: 'another-device', nonce: 'once', ...session, limit })).toMatchObject({
    status: 'done',
  });
  await store.close();
  const explanation = page.getByText('You were signed out because you signed in on another device.');
  await page.goto('/devices');
  await expect(page).toHaveURL(/\/sign-in/);
  await expect(explanation).toBeVisible();
  await signIn(page, 'ada');
  await expect(page).toHaveURL(`${baseURL}/devices`);
  await page.goto('/sign-in');
  await expect(explanation).toBeHidden();
});

test('a sign-out in one tab signs out the other tabs', async ({ page, context, baseURL }) => {
  await page.goto('/sign-in');
  await signIn(page, 'ada');
  await expect(page).toHaveURL(`${baseURL}/dashboard`);
  const second = await context.newPage();
  await second.goto('/');
  await expect(second.getByRole('banner')).toContainText('Ada Lovelace');
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(page).toHaveURL(`${baseURL}/`);
  await expect(second.getByRole('banner').getByRole('link', { name: 'Sign in' })).toBeVisible();
});

test('the session card counts down and shows what the browser can see', async ({ page }) => {
  await page.goto('/sign-in');
  await signIn(page, 'ada');
  const card = page.getByRole('region', { name: 'Your session' });
  await expect(card).toContainText('__Host-ssid');
  await expect(card).toContainText('Redis');
  await expect(card).toContainText('"theme"');
  await expect(card).not.toContainText('user-1');
  const timeouts = card.locator('.session-card-timeouts');
  const first = await timeouts.textContent();
  await expect.poll(() => timeouts.textContent()).not.toBe(first);
});
