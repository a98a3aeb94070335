import type { Page } from '@playwright/test';
import { expect, test } from '../_support/e2e.ts';

type Method = 'server action' | 'tRPC mutation';

const passwords = { ada: 'lovelace', grace: 'hopper' } as const;
const names = { ada: 'Ada Lovelace', grace: 'Grace Hopper' } as const;
type Username = keyof typeof names;

/** A second is the promise; a busy machine gets some more. */
const soon = { timeout: 3_000 };

async function signIn(page: Page, username: Username, method: Method) {
  await page.goto('/sign-in');
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password').fill(passwords[username]);
  await page.getByRole('button', { name: `Sign in with a ${method}` }).click();
  await expect(page).toHaveURL(/\/dashboard$/);
}

async function signOut(page: Page, method: Method) {
  await page.goto('/account');
  const name = method === 'server action' ? 'Sign out' : 'Sign out with a tRPC mutation';
  await page.getByRole('button', { name, exact: true }).click();
}

/** What a person sees: Next keeps former pages in the document, hidden. */
const findVisible = (page: Page, text: string) => page.getByText(text).filter({ visible: true });

async function expectUser(page: Page, username: Username) {
  await expect(page.getByRole('banner')).toContainText(names[username], soon);
  const other = username === 'ada' ? 'grace' : 'ada';
  await expect(findVisible(page, names[other])).toHaveCount(0, soon);
}

async function expectSignedOut(page: Page) {
  await expect(page.getByRole('banner').getByRole('link', { name: 'Sign in' })).toBeVisible(soon);
  await expect(findVisible(page, 'Public session id')).toHaveCount(0, soon);
  for (const name of Object.values(names)) await expect(page.getByRole('banner')).not.toContainText(name);
}

for (const method of ['server action', 'tRPC mutation'] as const) {
  test(`both tabs show who is signed in, after each change by ${method}`, async ({ context }) => {
    const [tab, other] = [await context.newPage(), await context.newPage()];
    await other.goto('/');
    await expectSignedOut(other);
    await signIn(tab, 'ada', method);
    await Promise.all([expectUser(tab, 'ada'), expectUser(other, 'ada')]);
    await other.getByRole('link', { name: 'Account', exact: true }).first().click();
    await expect(other).toHaveURL(/\/account$/);
    await signIn(tab, 'grace', method);
    await Promise.all([expectUser(tab, 'grace'), expectUser(other, 'grace')]);
    await signOut(tab, method);
    await Promise.all([expectSignedOut(tab), expectSignedOut(other)]);
    await tab.goBack();
    await expectSignedOut(tab);
    await tab.goForward();
    await expectSignedOut(tab);
  });
}

test('a link that was prefetched while signed out leads to its page after a sign-in', async ({ page }) => {
  await page.goto('/sign-in?next=/');
  await page.getByRole('banner').getByRole('link').last().hover();
  await page.waitForLoadState('networkidle');
  await page.getByLabel('Username').fill('ada');
  await page.getByLabel('Password').fill('lovelace');
  await page.getByRole('button', { name: 'Sign in with a tRPC mutation' }).click();
  await expectUser(page, 'ada');
  await page.getByRole('banner').getByRole('link', { name: 'Account', exact: true }).click();
  await expect(page).toHaveURL(/\/account$/);
});
