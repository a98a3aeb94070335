import type { Page, Route } from '@playwright/test';
import { expect, test } from '../_support/e2e.ts';
import { test as signedInTest } from '../_support/signed-in.ts';

/** How long a call takes in these tests, and how soon a link must work meanwhile, in milliseconds. */
const callMs = 3_000;
const linkMs = 500;

/** Lets a call wait: a POST to any address. Those of Next's router and of tRPC queries are GET requests. */
async function delayCalls(page: Page, ms: number = callMs): Promise<void> {
  await page.route('**/*', async (route: Route) => {
    if (route.request().method() === 'POST') await new Promise((resolve) => setTimeout(resolve, ms));
    await route.continue().catch(() => undefined);
  });
}

/** Clicks a link that is prefetched, and expects its page at once. */
async function expectLinkWorks(page: Page): Promise<void> {
  const link = page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'API' });
  await link.click();
  await expect(page).toHaveURL(/\/docs$/, { timeout: linkMs });
  await expect(page.getByRole('heading', { name: 'API', exact: true })).toBeVisible({ timeout: linkMs });
}

for (const method of ['server action', 'tRPC mutation'] as const) {
  test(`a link works while a sign-in by ${method} is pending, and its page stays`, async ({ page }) => {
    await page.goto('/sign-in');
    await page.waitForLoadState('networkidle');
    await page.getByLabel('Username').fill('ada');
    await page.getByLabel('Password').fill('lovelace');
    await delayCalls(page);
    const button = page.getByRole('button', { name: `Sign in with a ${method}` });
    await button.click();
    await expect(button).toBeDisabled();
    await expectLinkWorks(page);
    await expect(page.getByRole('banner')).toContainText('Ada Lovelace');
    await expect(page).toHaveURL(/\/docs$/);
  });
}

const calls = [
  { path: '/account', button: 'Sign out' },
  { path: '/account', button: 'Sign out with a tRPC mutation' },
  { path: '/account', button: 'Delete my account' },
  { path: '/admin', button: 'Sign out everywhere : Ada Lovelace' },
] as const;

for (const { path, button } of calls) {
  signedInTest(`a link works while the button "${button}" waits for the server`, async ({ page }) => {
    await page.goto(path);
    await page.waitForLoadState('networkidle');
    await delayCalls(page);
    await page.getByRole('button', { name: button, exact: true }).click();
    await expect(page.getByRole('button', { name: button, exact: true })).toBeDisabled();
    await expectLinkWorks(page);
  });
}

signedInTest('a link works while a change of the session is pending', async ({ page }) => {
  await page.goto('/account');
  await page.waitForLoadState('networkidle');
  await delayCalls(page);
  await page.getByText('Dark', { exact: true }).click();
  await expect(page.getByText('Saving…')).toBeVisible();
  await expectLinkWorks(page);
});

test('a sign-in whose page and session never arrive leaves the form usable', async ({ page }) => {
  await page.goto('/sign-in');
  await page.waitForLoadState('networkidle');
  await page.getByLabel('Username').fill('ada');
  await page.getByLabel('Password').fill('lovelace');
  await page.route('**/*', (route) => (route.request().method() === 'POST' ? route.continue() : undefined));
  const button = page.getByRole('button', { name: 'Sign in with a tRPC mutation' });
  const response = page.waitForResponse('**/auth.signIn*');
  await button.click();
  await response;
  await expect(button).toBeEnabled();
});

test('a sign-in without a response can be sent again after 15 seconds', async ({ page }) => {
  await page.clock.install();
  await page.goto('/sign-in');
  await page.waitForLoadState('networkidle');
  await page.getByLabel('Username').fill('ada');
  await page.getByLabel('Password').fill('lovelace');
  await page.route('**/*', (route) => (route.request().method() === 'POST' ? undefined : route.continue()));
  const button = page.getByRole('button', { name: 'Sign in with a server action' });
  await button.click();
  await expect(button).toBeDisabled();
  await page.clock.fastForward(14_000);
  await expect(button).toBeDisabled();
  await page.clock.fastForward(2_000);
  await expect(button).toBeEnabled();
  await expect(page.locator('#sign-in-error')).toHaveText('The server did not respond. Try again.');
});
