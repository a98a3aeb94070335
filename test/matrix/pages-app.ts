import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, type Page } from '@playwright/test';
import { CookieJar, createBrowserFetch } from '../_support/http.ts';
import { readmeFiles } from '../_support/readme-app.ts';
import type { AppFolder } from './app-folder.ts';
import { installNext, useMiddleware } from './installed-next-app.ts';
import { isBefore } from './next-cases.ts';

const page = fileURLToPath(new URL('../../docs/pages-router.md', import.meta.url));

/** Stands in for the app's own user table. */
const users = `
export async function checkPassword(name: string, password: string) {
  if (password !== 'lovelace') throw new Error('Incorrect username or password.');
  return { id: name.toLowerCase(), name, role: 'member' as const };
}
`;

/** Installs a version of Next, and writes the files of docs/pages-router.md as they are printed there. */
export async function installPagesApp(next: string, tarball: string): Promise<AppFolder> {
  const app = await installNext(next, tarball);
  const blocks = readFileSync(page, 'utf8').matchAll(/^```tsx?\n\/\/ (?!src\/)(\S+)\n([\s\S]*?)^```$/gm);
  for (const [, path = '', code = ''] of blocks) app.write(path, code);
  const session = readmeFiles().find(({ path }) => path === 'app/session.ts');
  app.write('server/session.ts', session?.code ?? '');
  app.write('server/users.ts', users);
  const version = app.readVersion('next');
  if (isBefore(version, [16, 0])) useMiddleware(app.folder, version);
  return app;
}

/** Signs in with the form, changes the session, reads it in every kind of entry, and signs out. */
export async function followPagesGuide(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/account`);
  await page.getByLabel('Name').fill('Ada');
  await page.getByLabel('Password').fill('lovelace');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('Hello Ada')).toBeVisible();
  await page.getByRole('button', { name: 'The theme is light' }).click();
  await expect(page.getByRole('button', { name: 'The theme is dark' })).toBeEnabled();
  await page.reload();
  await expect(page.getByRole('button', { name: 'The theme is dark' })).toBeVisible();
  expect(await (await page.request.get(`${url}/api/me`)).json()).toEqual({ name: 'Ada' });
  await page.goto(`${url}/account`);
  await expect(page.getByRole('heading', { name: 'The account of Ada' })).toBeVisible();
  await page.goto(url);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  expect((await page.request.get(`${url}/api/me`)).status()).toBe(401);
}

/** One visitor's name is in no response to another, and no shared cache keeps it. Another site cannot sign in. */
export async function comparePagesVisitors(url: string): Promise<void> {
  const visit = createBrowserFetch(new CookieJar(), url);
  const form = { method: 'POST', body: new URLSearchParams({ name: 'Zenobia', password: 'lovelace' }) };
  const refused = await visit('/api/sign-in', { ...form, headers: { 'sec-fetch-site': 'cross-site' } });
  expect([refused.status, refused.headers.getSetCookie()]).toEqual([403, []]);
  expect((await visit('/api/sign-in', form)).status).toBe(303);
  for (const path of ['/', '/account', '/api/me', '/api/trpc/greet']) {
    const mine = await visit(path);
    expect(await mine.text()).toContain('Zenobia');
    expect(mine.headers.get('cache-control')).toMatch(/private.*no-store/);
    const theirs = await fetch(new URL(path, url));
    expect(await theirs.text()).not.toContain('Zenobia');
  }
}
