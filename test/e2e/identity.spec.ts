import type { Page } from '@playwright/test';
import { expectSignedOut, expectUser, type Method, signInWith, signOutWith, soon } from '../_support/demo-user.ts';
import { expect, test } from '../_support/e2e.ts';

for (const method of ['server action', 'tRPC mutation'] as const) {
  test(`both tabs show who is signed in, after each change by ${method}`, async ({ context }) => {
    const [tab, other] = [await context.newPage(), await context.newPage()];
    await other.goto('/');
    await expectSignedOut(other);
    await signInWith(tab, 'ada', method);
    await Promise.all([expectUser(tab, 'ada'), expectUser(other, 'ada')]);
    await other.getByRole('link', { name: 'Account', exact: true }).first().click();
    await expect(other).toHaveURL(/\/account$/);
    await signInWith(tab, 'grace', method);
    await Promise.all([expectUser(tab, 'grace'), expectUser(other, 'grace')]);
    await signOutWith(tab, method);
    await Promise.all([expectSignedOut(tab), expectSignedOut(other)]);
    await tab.goBack();
    await expectSignedOut(tab);
    await tab.goForward();
    await expectSignedOut(tab);
  });
}

/** Opens a page with links to protected pages, and waits until the router has prefetched the one to the dashboard. */
async function prefetchDashboard(page: Page, path: string): Promise<void> {
  let count = 0;
  page.on('requestfinished', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname === '/dashboard' && 'next-router-prefetch' in request.headers()) count += 1;
  });
  await page.goto(path);
  await findDashboardLink(page).hover();
  await expect.poll(() => count).toBeGreaterThan(0);
}

const findDashboardLink = (page: Page) =>
  page.getByRole('banner').getByRole('link', { name: 'Dashboard', exact: true });

async function sendForm(page: Page, username: 'ada' | 'grace', method: Method): Promise<void> {
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password').fill(username === 'ada' ? 'lovelace' : 'hopper');
  await page.getByRole('button', { name: `Sign in with a ${method}` }).click();
  await expect(page).toHaveURL(/:\d+\/$/);
}

for (const method of ['server action', 'tRPC mutation'] as const) {
  test(`a link that was prefetched before a sign-in by ${method} leads to the page of the new user`, async ({
    page,
  }) => {
    await prefetchDashboard(page, '/sign-in?next=/');
    await sendForm(page, 'ada', method);
    await expectUser(page, 'ada');
    await findDashboardLink(page).click();
    await expect(page).toHaveURL(/\/dashboard$/);
    await expect(page.getByRole('heading', { name: 'Hello, Ada' })).toBeVisible(soon);
  });

  test(`a link that was prefetched for the former user leads to the page of the next one, by ${method}`, async ({
    page,
  }) => {
    await signInWith(page, 'ada', method);
    await prefetchDashboard(page, '/sign-in?next=/');
    await sendForm(page, 'grace', method);
    await expectUser(page, 'grace');
    await findDashboardLink(page).click();
    await expect(page.getByRole('heading', { name: 'Hello, Grace' })).toBeVisible(soon);
    await expectUser(page, 'grace');
  });
}
