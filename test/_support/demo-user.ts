import type { Page } from '@playwright/test';
import { expect } from './e2e.ts';

/** The two ways to sign in and out that the demo has. */
export type Method = 'server action' | 'tRPC mutation';

const passwords = { ada: 'lovelace', grace: 'hopper' } as const;
const names = { ada: 'Ada Lovelace', grace: 'Grace Hopper' } as const;
type Username = keyof typeof names;

/** A second is the promise; a busy machine gets some more. */
export const soon = { timeout: 3_000 } as const;

export async function signInWith(page: Page, username: Username, method: Method): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password').fill(passwords[username]);
  await page.getByRole('button', { name: `Sign in with a ${method}` }).click();
  await expect(page).toHaveURL(/\/dashboard$/);
}

export async function signOutWith(page: Page, method: Method): Promise<void> {
  await page.goto('/account');
  const name = method === 'server action' ? 'Sign out' : 'Sign out with a tRPC mutation';
  await page.getByRole('button', { name, exact: true }).click();
}

/** Signs in without the form and without a response that the page sees, as in another browser or another app. */
export async function signInUnseen(page: Page, username: Username): Promise<void> {
  const { origin } = new URL(page.url());
  const json = { username, password: passwords[username] };
  const response = await page.request.post('/api/trpc/auth.signIn', { data: { json }, headers: { origin } });
  expect(response.status()).toBe(200);
}

/** What a person sees: Next keeps former pages in the document, hidden. */
const findVisible = (page: Page, text: string | RegExp) => page.getByText(text).filter({ visible: true });

export async function expectUser(page: Page, username: Username): Promise<void> {
  await expect(page.getByRole('banner')).toContainText(names[username], soon);
  const other = username === 'ada' ? 'grace' : 'ada';
  await expect(findVisible(page, names[other])).toHaveCount(0, soon);
}

/** The page shows nothing that belongs to a user. */
export async function expectSignedOut(page: Page): Promise<void> {
  await expect(page.getByRole('banner').getByRole('link', { name: 'Sign in' })).toBeVisible(soon);
  await expect(findVisible(page, /Public session id|Signed in as|You are signed in as|Hello, /)).toHaveCount(0, soon);
  for (const name of Object.values(names)) await expect(page.getByRole('banner')).not.toContainText(name);
}
