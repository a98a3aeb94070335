import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { buildFixtureMs, buildNextApp } from '../_support/build-next-app.ts';
import { type DemoServer, startDemo } from '../_support/demo-server.ts';
import { test as base, createRandomSecret, expect } from '../_support/e2e.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const basePath = '/shop';
const variables = { NEXT_PUBLIC_BASE_PATH: basePath };

/**
 * Builds the demo below a base path, with a cookie of that path. It is a copy inside the repository, so that it finds its
 * packages and does not replace the build of the demo.
 */
async function buildDemo(): Promise<string> {
  const folder = join(root, 'test/.base-path-app');
  rmSync(folder, { recursive: true, force: true });
  for (const name of ['app', 'proxy.ts', 'next.config.mjs']) {
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  // app/fonts.ts names the files of the fonts by a path.
  symlinkSync('../../node_modules', join(folder, 'node_modules'));
  const session = join(folder, 'app/session.ts');
  const code = readFileSync(session, 'utf8');
  const changed = code.replace('  store,\n', `  store,\n  transport: cookie({ path: '${basePath}' }),\n`);
  expect(changed).not.toBe(code);
  writeFileSync(session, `import { cookie } from 'trpc-session/transports/cookie';\n${changed}`);
  const config = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ ...config, exclude: ['node_modules'] }));
  await buildNextApp(folder, { ...variables, REDIS_URL: 'redis://127.0.0.1:1' });
  return folder;
}

const test = base.extend<object, { readonly demo: DemoServer }>({
  demo: [
    async ({ redis }, use) => {
      const folder = await buildDemo();
      const env = { ...variables, REDIS_URL: redis.url, SESSION_SECRET: createRandomSecret() };
      await using demo = await startDemo({ folder, env, readyPath: `${basePath}/api/trpc/public.hello` });
      await use(demo);
    },
    { scope: 'worker', timeout: buildFixtureMs },
  ],
  baseURL: async ({ demo }, use) => use(`${demo.url}${basePath}/`),
});

async function fillIn(page: Page, button: string, password = 'lovelace'): Promise<void> {
  await page.getByLabel('Username').fill('ada');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: button }).click();
}

/** Returns the path and the query of the page. */
function readAddress(page: Page): string {
  const { pathname, search } = new URL(page.url());
  return pathname + search;
}

const viaAction = 'Sign in with a server action';
const viaTrpc = 'Sign in with a tRPC mutation';

test('below a base path, the proxy, server actions and links keep it', async ({ page, demo, redis }) => {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on(
    'response',
    (response) => response.status() >= 400 && problems.push(`${response.status()} ${response.url()}`),
  );
  await page.goto('dashboard');
  expect(readAddress(page)).toBe('/shop/sign-in?next=%2Fdashboard');
  await fillIn(page, viaAction);
  await expect.poll(() => readAddress(page)).toBe('/shop/dashboard');
  const [cookie] = await page.context().cookies(`${demo.url}/shop`);
  expect(cookie).toMatchObject({ name: '__Secure-ssid', path: '/shop', secure: true, httpOnly: true });
  expect(await page.context().cookies(demo.url)).toEqual([]);

  await page.getByRole('navigation').getByRole('link', { name: 'Account' }).click();
  await expect.poll(() => readAddress(page)).toBe('/shop/account');
  await page.getByText('Dark', { exact: true }).click();
  await expect(page.getByText('Saved in your session.')).toBeVisible();

  // The cookie is still there, so the proxy lets the request pass, and the guard of the page redirects.
  await redis.client().flushall();
  await page.goto('account');
  await expect.poll(() => readAddress(page)).toBe('/shop/sign-in?next=%2Faccount');
  await fillIn(page, viaAction);
  await expect.poll(() => readAddress(page)).toBe('/shop/account');
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect.poll(() => readAddress(page)).toBe('/shop');
  expect(await page.context().cookies(`${demo.url}/shop`)).toEqual([]);
  expect(problems).toEqual([]);
});

test('below a base path, tRPC calls and full page loads keep it', async ({ page, demo }) => {
  await page.goto('account');
  await fillIn(page, viaTrpc);
  await expect.poll(() => readAddress(page)).toBe('/shop/account');
  await expect(page.getByRole('banner')).toContainText('Ada Lovelace');
  await page.goto('docs');
  await expect(page.locator('[data-path="/account.me"]')).toBeVisible();
  const operation = page.locator('.opblock').filter({ has: page.locator('[data-path="/account.me"]') });
  await operation.locator('.opblock-summary-control').click();
  await operation.getByRole('button', { name: 'Try it out' }).click();
  await operation.getByRole('button', { name: 'Execute' }).click();
  await expect(operation.locator('.live-responses-table')).toContainText('"name": "Ada Lovelace"');
  await page.goto('account');
  await page.getByRole('button', { name: 'Sign out with a tRPC mutation' }).click();
  await expect.poll(() => readAddress(page)).toBe('/shop');
  expect(await page.context().cookies(`${demo.url}/shop`)).toEqual([]);
});

test('below a base path, the form works without JavaScript', async ({ browser, baseURL }) => {
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL: baseURL ?? '' });
  const page = await context.newPage();
  await page.goto('account');
  await fillIn(page, viaAction, 'wrong');
  expect(readAddress(page)).toBe('/shop/sign-in?next=%2Faccount&failure=credentials&username=ada');
  await fillIn(page, viaAction);
  expect(readAddress(page)).toBe('/shop/account');
  await context.close();
});
