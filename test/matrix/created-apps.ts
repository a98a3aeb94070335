import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, expect, type Page } from '@playwright/test';
import { readmeFiles } from '../_support/readme-app.ts';
import { type AppFolder, createAppFolder } from './app-folder.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Follows the README in an app that is otherwise as the newest create-next-app makes it, with its default answers. */
export async function buildCreatedNextApp(tarball: string): Promise<AppFolder> {
  const app = createAppFolder();
  try {
    await app.run(
      'npx',
      '--yes',
      'create-next-app@latest',
      '.',
      '--yes',
      '--use-npm',
      '--skip-install',
      '--disable-git',
    );
    const [, packages = ''] =
      /^npm install trpc-session (.*)$/m.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
    await app.run('npm', 'install', tarball, ...packages.split(' '), '--no-audit', '--no-fund', '--prefer-offline');
    for (const { path, code } of readmeFiles()) app.write(path, code);
    app.write('app/users.ts', readFileSync(join(root, 'test/fixtures/next-app/app/users.ts'), 'utf8'));
    await app.run('npm', 'run', 'build');
    return app;
  } catch (error) {
    app.remove();
    throw error;
  }
}

/** Signs in, changes the session, reloads and signs out, with the files of docs/add-to-t3.md. */
export async function followT3Guide(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await signIn(page, { Username: 'ada', Password: 'lovelace' });
  await expect(page.getByText('Hello Ada. Only Ada can read this.')).toBeVisible();
  await page.getByRole('button', { name: 'Use the dark theme' }).click();
  await expect(page.getByRole('button', { name: 'Use the light theme' })).toBeEnabled();
  await page.reload();
  await expect(page.getByRole('button', { name: 'Use the light theme' })).toBeVisible();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
}

/** While one visitor is signed in, and again after a reload, the page of another visitor does not show the name. */
export async function compareBrowsers(browser: Browser, url: string, visitor: Visitor): Promise<void> {
  const [mine, theirs] = [await browser.newPage(), await browser.newPage()];
  await mine.goto(url);
  await signIn(mine, visitor.fields);
  await expect(mine.getByText(`Hello ${visitor.name}`)).toBeVisible();
  await theirs.goto(url);
  await expect(theirs.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await mine.reload();
  await expect(mine.getByText(`Hello ${visitor.name}`)).toBeVisible();
  expect(await theirs.content()).not.toContain(visitor.name);
  await Promise.all([mine.close(), theirs.close()]);
}

interface Visitor {
  readonly name: string;
  /** What the visitor types, by the label of the field. */
  readonly fields: Readonly<Record<string, string>>;
}

async function signIn(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label).fill(value);
  await page.getByRole('button', { name: 'Sign in' }).click();
}
