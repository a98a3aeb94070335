import { readFileSync, writeFileSync } from 'node:fs';
import { startDev } from '../_support/demo-server.ts';
import { test as base, expect } from '../_support/e2e.ts';

/** Runs `npm run dev` without Redis and without a secret, as after a fresh clone. */
const test = base.extend({ baseURL: undefined });

test('in development, without Redis, signs in, changes the theme, survives a hot reload and signs out', async ({
  page,
}) => {
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
  touchFile('app/session.ts');
  await page.reload();
  await expect(page.getByRole('radio', { name: 'Dark' })).toBeChecked({ timeout: 60_000 });
  await expect(page.getByRole('contentinfo')).toContainText('memory of this process');
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(page).toHaveURL(`${demo.url}/`, { timeout: 60_000 });
  await expect(page.getByRole('banner').getByRole('link', { name: 'Sign in' })).toBeVisible({ timeout: 60_000 });
  expect(demo.output().split('Sessions are stored in the memory of this process')).toHaveLength(2);
  expect(demo.output()).not.toContain('Error');
  expect(problems).toEqual([]);
});

/** Makes the development server load a module again, as an edit does. */
function touchFile(path: string): void {
  writeFileSync(path, readFileSync(path));
}
