import type { Page } from '@playwright/test';
import { expect, test } from '../_support/e2e.ts';
import { findFlashes, readSeenStates, recordSeenStates } from '../_support/seen-states.ts';
import { test as signedInTest } from '../_support/signed-in.ts';

/** What counts as good is 0.1. */
const allowedShift = 0.01;

/** Loads the pages on a phone. Each must show the right visitor from the first frame on, and stay where it is. */
async function loadPages(page: Page, visitor: 'signed in' | 'signed out', paths: readonly string[]): Promise<void> {
  const messages: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') messages.push(message.text());
  });
  page.on('pageerror', (error) => messages.push(error.message));
  await recordSeenStates(page);
  await page.setViewportSize({ width: 390, height: 800 });
  for (const path of paths) {
    await page.goto(path);
    if (path === '/docs') await expect(page.locator('.opblock').first()).toBeVisible();
    expect.soft(await findFlashes(page, visitor), path).toEqual([]);
    // Effects, fonts and the last streamed parts.
    await page.waitForTimeout(200);
    const { layoutShift } = await readSeenStates(page);
    expect.soft(layoutShift, `layout shift of ${path}`).toBeLessThanOrEqual(allowedShift);
  }
  expect(messages).toEqual([]);
}

signedInTest('a signed-in user never sees a signed-out page, and no page moves', async ({ page }) => {
  await loadPages(page, 'signed in', ['/', '/dashboard', '/account', '/devices', '/docs']);
});

test('a signed-out visitor never sees a signed-in page, and no page moves', async ({ page }) => {
  await loadPages(page, 'signed out', ['/', '/sign-in']);
});

async function signIn(page: Page, password = 'lovelace'): Promise<void> {
  await page.getByLabel('Username').fill('ada');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in with a server action' }).click();
}

test('without JavaScript a user signs in, reads every guarded page and signs out', async ({ browser, baseURL }) => {
  const context = await browser.newContext({ javaScriptEnabled: false, ...(baseURL && { baseURL }) });
  const page = await context.newPage();
  await page.goto('/devices');
  await expect(page).toHaveURL(/\/sign-in\?next=%2Fdevices$/);
  await signIn(page, 'wrong');
  await expect(page.getByText('Incorrect username or password.')).toBeVisible();
  await expect(page.getByLabel('Username')).toHaveValue('ada');
  await expect(page.getByLabel('Password')).toHaveValue('');
  await signIn(page);
  await expect(page).toHaveURL(`${baseURL}/devices`);
  await expect(page.getByText('This device')).toBeVisible();
  for (const [path, heading] of [
    ['/dashboard', 'Hello, Ada'],
    ['/account', 'Theme'],
    ['/admin', 'All accounts'],
  ] as const) {
    await page.goto(path);
    await expect(page.getByRole('heading', { name: heading })).toBeVisible();
    await expect(page.getByRole('banner')).toContainText('Ada Lovelace');
  }
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(page).toHaveURL(`${baseURL}/`);
  await page.goto('/sign-in');
  await expect(page.getByRole('banner').getByRole('link', { name: 'Sign in' })).toBeVisible();
  await context.close();
});

test('a cookie whose session has ended leads to the sign-in page, and from there to the page', async ({
  page,
  context,
  baseURL,
}) => {
  await page.goto('/sign-in');
  await signIn(page);
  await expect(page).toHaveURL(`${baseURL}/dashboard`);
  const cookies = await context.cookies();
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(page).toHaveURL(`${baseURL}/`);
  await context.addCookies(cookies);
  const response = await page.goto('/devices?from=mail');
  expect((await response?.request().redirectedFrom()?.response())?.status()).toBe(307);
  await expect(page).toHaveURL(`${baseURL}/sign-in?next=%2Fdevices%3Ffrom%3Dmail`);
  await signIn(page);
  await expect(page).toHaveURL(`${baseURL}/devices?from=mail`);
});

test('going back and forward over a redirected page leaves no parameter of the router in the address', async ({
  page,
}) => {
  const addresses: string[] = [];
  page.on('framenavigated', (frame) => addresses.push(frame.url()));
  await page.goto('/');
  await page.getByRole('link', { name: 'Account', exact: true }).first().click();
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  for (const move of ['goBack', 'goForward', 'goBack', 'goForward', 'reload', 'goBack'] as const) {
    await page[move]();
    await expect(page.getByRole('heading', { level: 1 }).filter({ visible: true })).toBeVisible();
  }
  expect(addresses.length).toBeGreaterThan(5);
  expect(addresses.filter((address) => address.includes('_rsc'))).toEqual([]);
});
