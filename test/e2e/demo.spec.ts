import type { BrowserContext, Page } from '@playwright/test';
import { expect, test } from '../_support/e2e.ts';

async function signIn(page: Page, who: 'ada' | 'grace', how: 'server action' | 'tRPC mutation' = 'server action') {
  await page.getByLabel('Username').fill(who);
  await page.getByLabel('Password').fill(who === 'ada' ? 'lovelace' : 'hopper');
  await page.getByRole('button', { name: `Sign in with a ${how}` }).click();
}

async function sessionCookie(context: BrowserContext) {
  return (await context.cookies()).find(({ name }) => name.endsWith('ssid'));
}

const theme = (page: Page) => page.locator('html').getAttribute('data-theme');

for (const how of ['server action', 'tRPC mutation'] as const) {
  test(`somebody signs in by ${how}, changes the theme, reloads and signs out`, async ({ page, context, baseURL }) => {
    await page.goto('/sign-in');
    await signIn(page, 'ada', how);
    await expect(page).toHaveURL(`${baseURL}/dashboard`);
    await expect(page.getByRole('banner')).toContainText('Ada Lovelace');
    expect(await sessionCookie(context)).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Lax', path: '/' });
    await page.getByRole('link', { name: 'Account' }).click();
    await page.getByText('Dark', { exact: true }).click();
    await expect(page.getByText('Saved in your session.')).toBeVisible();
    expect(await theme(page)).toBe('dark');
    await page.reload();
    await expect(page.getByRole('radio', { name: 'Dark' })).toBeChecked();
    expect(await theme(page)).toBe('dark');
    const signOut = how === 'server action' ? 'Sign out' : 'Sign out with a tRPC mutation';
    await page.getByRole('button', { name: signOut, exact: true }).click();
    await expect(page).toHaveURL(`${baseURL}/`);
    await expect(page.getByRole('banner').getByRole('link', { name: 'Sign in' })).toBeVisible();
    expect(await sessionCookie(context)).toBeUndefined();
  });
}

test('signing in and out works without JavaScript', async ({ browser, baseURL }) => {
  const context = await browser.newContext({ javaScriptEnabled: false, ...(baseURL && { baseURL }) });
  const page = await context.newPage();
  await page.goto('/sign-in?next=/devices');
  await signIn(page, 'grace');
  await expect(page).toHaveURL(`${baseURL}/devices`);
  expect(await sessionCookie(context)).toBeDefined();
  await context.close();
});

test('a wrong password is said, and nobody is signed in', async ({ page, context }) => {
  await page.goto('/sign-in');
  await page.getByLabel('Username').fill('ada');
  await page.getByLabel('Password').fill('hopper');
  await page.getByRole('button', { name: 'Sign in with a server action' }).click();
  await expect(page.locator('#sign-in-error')).toContainText('do not go together');
  await page.getByLabel('Password').fill('hopper');
  await page.getByRole('button', { name: 'Sign in with a tRPC mutation' }).click();
  await expect(page.locator('#sign-in-error')).not.toBeEmpty();
  expect(await sessionCookie(context)).toBeUndefined();
});

test('a protected page sends a visitor to sign in, and back afterwards', async ({ page, baseURL }) => {
  await page.goto('/account?from=mail');
  await expect(page).toHaveURL(/\/sign-in\?next=%2Faccount%3Ffrom%3Dmail$/);
  await signIn(page, 'grace');
  await expect(page).toHaveURL(`${baseURL}/account?from=mail`);
});

test('only paths of the app are followed after signing in', async ({ page, baseURL }) => {
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

test('a member is told that the admin page is not for them, and gets nothing of it', async ({ page, request }) => {
  await page.goto('/sign-in?next=/admin');
  await signIn(page, 'grace');
  await expect(page.getByRole('heading', { name: 'This page is not for you.' })).toBeVisible();
  await page.goto('/admin');
  await expect(page.getByRole('heading', { name: 'This page is not for you.' })).toBeVisible();
  const cookie = await sessionCookie(page.context());
  const sent = await (await request.get('/admin', { headers: { cookie: `${cookie?.name}=${cookie?.value}` } })).text();
  expect(sent).not.toContain('Everybody’s sessions');
  expect(sent).not.toContain('Ada Lovelace');
});

test('an admin sees the admin page', async ({ page }) => {
  await page.goto('/sign-in?next=/admin');
  await signIn(page, 'ada');
  await expect(page.getByRole('heading', { name: 'Everybody’s sessions' })).toBeVisible();
});

test('the devices page ends one session, and then the others', async ({ page, browser, baseURL }) => {
  const elsewhere = await Promise.all(
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
  await expect(page.getByText('this browser')).toBeVisible();
  const rows = page.locator('ul.rows > li');
  const before = await rows.count();
  expect(before).toBeGreaterThanOrEqual(4);
  await rows.filter({ hasNotText: 'this browser' }).first().getByRole('button', { name: 'End' }).click();
  await expect(rows).toHaveCount(before - 1);
  await page.getByRole('button', { name: /^End the other/ }).click();
  await expect(rows).toHaveCount(1);
  await expect(page.getByText('This is the only one.')).toBeVisible();
  for (const other of elsewhere) {
    await other.goto('/account');
    await expect(other).toHaveURL(/\/sign-in/);
    await other.context().close();
  }
});

test('every tab of a browser follows a sign-out', async ({ page, context, baseURL }) => {
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

test('the picture of the session counts down and shows what the browser sees', async ({ page }) => {
  await page.goto('/sign-in');
  await signIn(page, 'ada');
  const ticket = page.getByRole('region', { name: 'Your session' });
  await expect(ticket).toContainText('__Host-ssid');
  await expect(ticket).toContainText('Redis');
  await expect(ticket).toContainText('"theme"');
  await expect(ticket).not.toContainText('user-1');
  const clocks = ticket.locator('.ticket-clocks');
  const first = await clocks.textContent();
  await expect.poll(() => clocks.textContent()).not.toBe(first);
});
