import type { Page } from '@playwright/test';
import { expect } from '../_support/e2e.ts';
import { startRedis } from '../_support/redis-server.ts';
import { buildT3App, type T3App } from '../_support/t3-app.ts';
import { readGuideFiles, readGuideOverview } from '../_support/t3-guide.ts';
import { test as base } from '../matrix/package-test.ts';
import { type ServedApp, serveNextApp } from '../matrix/serve-next-app.ts';

interface Worker {
  /** An app of create-t3-app with the guide's edits. */
  readonly edited: T3App;
  /** A server of it. */
  readonly served: ServedApp;
}

const buildLimitMs = 300_000;

const test = base.extend<object, Worker>({
  edited: [
    async ({ tarball }, use) => {
      const edited = await buildT3App(tarball, { version: '7.40.0', router: 'app' });
      await use(edited);
      edited.app.remove();
    },
    { scope: 'worker', timeout: buildLimitMs },
  ],
  served: [
    async ({ edited }, use) => {
      await using redis = await startRedis();
      await using served = await serveNextApp(edited.app, { REDIS_URL: redis.url });
      await use(served);
    },
    { scope: 'worker', timeout: 30_000 },
  ],
  baseURL: async ({ served }, use) => use(served.url),
});

test.describe.configure({ mode: 'serial' });

test('the guide says to create or to change each file, and no other file is edited', ({ edited }) => {
  const files = readGuideFiles();
  const list = (kind: string) => files.filter(({ edit }) => edit === kind).map(({ path }) => path);
  expect(files).not.toEqual([]);
  expect(edited.listCreated().toSorted()).toEqual(list('create').toSorted());
  expect(edited.listChanged().toSorted()).toEqual(['.env', 'package.json', ...list('change')].toSorted());
});

test('the overview of the guide lists its steps in order', () => {
  const steps = readGuideFiles().map(({ path, edit }, at) => ({ step: at + 1, path, edit }));
  expect(readGuideOverview()).toEqual(steps);
});

test('a mutation signs in and out, while queries stream', async ({ page }) => {
  const calls = recordCalls(page);
  await page.goto('/');
  await signIn(page, 'ada', 'lovelace');
  await expect(page.getByText('Hello Ada. Only Ada can read this.')).toBeVisible();
  expect(await page.context().cookies()).toMatchObject([{ name: '__Host-ssid', httpOnly: true, sameSite: 'Lax' }]);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  expect(await page.context().cookies()).toEqual([]);
  const signIns = calls.filter(({ names }) => names.includes('auth.signIn'));
  const reads = calls.filter(({ names }) => names.includes('auth.secret'));
  expect(signIns).toEqual([{ names: ['auth.signIn'], streams: false }]);
  expect(reads).not.toEqual([]);
  expect(reads.filter(({ streams }) => !streams)).toEqual([]);
});

test('a reload shows the change that the browser made and the data that the server prefetched', async ({ page }) => {
  await page.goto('/');
  await signIn(page, 'ada', 'lovelace');
  await page.getByRole('button', { name: 'Use the dark theme' }).click();
  await expect(page.getByRole('button', { name: 'Use the light theme' })).toBeEnabled();
  const calls = recordCalls(page);
  await page.reload();
  await expect(page.getByRole('button', { name: 'Use the light theme' })).toBeVisible();
  await expect(page.getByText('Only Ada can read this.')).toBeVisible();
  expect(calls).toEqual([]);
});

test('after another user signs in, no tab shows the data of the previous user', async ({ page, context }) => {
  await page.goto('/');
  await signIn(page, 'ada', 'lovelace');
  await expect(page.getByText('Hello Ada.')).toBeVisible();
  const other = await context.newPage();
  await other.goto('/');
  await expect(other.getByText('Hello Ada. Only Ada can read this.')).toBeVisible();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(other.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await signIn(page, 'grace', 'hopper');
  for (const tab of [page, other]) {
    await expect(tab.getByText('Hello Grace. Only Grace can read this.')).toBeVisible();
    await expect(tab.getByText('Only Ada')).toBeHidden();
  }
});

test("the app's own zodError and messages reach the form", async ({ page }) => {
  await page.goto('/');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('Enter your username.')).toBeVisible();
  await expect(page.getByText('Enter your password.')).toBeVisible();
  await signIn(page, 'ada', 'hopper');
  await expect(page.getByText('Incorrect username or password.')).toBeVisible();
  expect(await page.context().cookies()).toEqual([]);
});

test('a protected procedure responds with the reason of its refusal', async ({ served }) => {
  const response = await fetch(`${served.url}/api/trpc/auth.secret`);
  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject({
    error: { json: { data: { code: 'UNAUTHORIZED', session: { reason: 'missing' }, zodError: null } } },
  });
});

test('a sign-in through the original link of T3 is refused before anything is changed', async ({ served }) => {
  const response = await fetch(`${served.url}/api/trpc/auth.signIn?batch=1`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'trpc-accept': 'application/jsonl',
      'sec-fetch-site': 'same-origin',
    },
    body: JSON.stringify({ 0: { json: { username: 'ada', password: 'lovelace' } } }),
  });
  expect(response.headers.getSetCookie()).toEqual([]);
  expect(await response.text()).toContain('nothing was changed');
});

async function signIn(page: Page, username: string, password: string): Promise<void> {
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

interface Call {
  readonly names: readonly string[];
  readonly streams: boolean;
}

/** Records the requests that a page sends to the tRPC handler from now on. */
function recordCalls(page: Page): readonly Call[] {
  const calls: Call[] = [];
  page.on('request', (request) => {
    const [, path] = new URL(request.url()).pathname.split('/api/trpc/');
    const streams = request.headers()['trpc-accept'] === 'application/jsonl';
    if (path !== undefined) calls.push({ names: path.split(','), streams });
  });
  return calls;
}
