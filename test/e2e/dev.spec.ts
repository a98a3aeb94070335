import { readFileSync, writeFileSync } from 'node:fs';
import { startDev } from '../_support/demo-server.ts';
import { test as base, expect } from '../_support/e2e.ts';

/** What `npm run dev` serves on a bare machine: no Redis, no secret. */
const test = base.extend({ baseURL: undefined });

test('the first command serves the demo: signing in, changing the theme, hot reload, signing out', async ({ page }) => {
  test.setTimeout(180_000);
  await using demo = await startDev();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  await page.goto(`${demo.url}/sign-in`);
  await page.getByLabel('Username').fill('ada');
  await page.getByLabel('Password').fill('lovelace');
  await page.getByRole('button', { name: 'Sign in with a server action' }).click();
  await expect(page).toHaveURL(`${demo.url}/dashboard`, { timeout: 60_000 });
  expect((await page.context().cookies()).map(({ name }) => name)).toContain('ssid');
  await page.goto(`${demo.url}/account`);
  await page.getByText('Dark', { exact: true }).click();
  await expect(page.getByText('Saved in your session.')).toBeVisible({ timeout: 60_000 });
  touch('app/session.ts');
  await page.reload();
  await expect(page.getByRole('radio', { name: 'Dark' })).toBeChecked({ timeout: 60_000 });
  await expect(page.getByRole('contentinfo')).toContainText('memory of this process');
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(page).toHaveURL(`${demo.url}/`, { timeout: 60_000 });
  await expect(page.getByRole('banner').getByRole('link', { name: 'Sign in' })).toBeVisible({ timeout: 60_000 });
  expect(demo.output().split('Sessions are kept in the memory of this process')).toHaveLength(2);
  expect(demo.output()).not.toContain('Error');
  expect(problems).toEqual([]);
});

/** Has the development server evaluate a module anew, as an edit does. */
function touch(path: string): void {
  writeFileSync(path, readFileSync(path));
}
