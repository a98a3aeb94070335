import type { Locator, Page } from '@playwright/test';
import { expect, test } from '../_support/e2e.ts';

/** The message that Chromium itself logs for a refused request. */
const refusalLogged = expect.stringMatching(/status of 401 .*\/api\/trpc\/account\.me$/);

const operation = (page: Page, path: string): Locator =>
  page.locator('.opblock').filter({ has: page.locator(`[data-path="${path}"]`) });
const opener = (page: Page, path: string): Locator => operation(page, path).locator('.opblock-summary-control');
const getResponse = (page: Page, path: string): Locator => operation(page, path).locator('.live-responses-table');

async function open(page: Page, path: string): Promise<void> {
  await opener(page, path).click();
  await operation(page, path).getByRole('button', { name: 'Try it out' }).click();
}

async function execute(page: Page, path: string): Promise<void> {
  await operation(page, path).getByRole('button', { name: 'Execute' }).click();
}

async function signIn(page: Page): Promise<void> {
  await page.goto('/sign-in?next=/docs');
  await page.getByLabel('Username').fill('ada');
  await page.getByLabel('Password').fill('lovelace');
  await page.getByRole('button', { name: 'Sign in with a server action' }).click();
  await expect(page.getByRole('banner')).toContainText('Ada Lovelace');
}

/** Records the page's requests to other origins, and every error that the page or the browser logs. */
function watch(page: Page, origin: string | undefined): { readonly foreign: string[]; readonly errors: string[] } {
  const foreign: string[] = [];
  const errors: string[] = [];
  const record = (url: string): void => {
    if (/^(https?|wss?):/.test(url) && new URL(url).origin !== origin) foreign.push(url);
  };
  page.on('request', (request) => record(request.url()));
  page.on('websocket', (socket) => record(socket.url()));
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`${message.text()} ${message.location().url}`);
  });
  return { foreign, errors };
}

test('a protected procedure refuses a visitor and responds to a signed-in user, without other origins', async ({
  page,
  baseURL,
}) => {
  const { foreign, errors } = watch(page, baseURL);
  await page.goto('/docs');
  await open(page, '/account.me');
  await execute(page, '/account.me');
  await expect(getResponse(page, '/account.me').getByRole('cell', { name: '401', exact: true })).toBeVisible();
  await expect(getResponse(page, '/account.me')).toContainText('"reason": "missing"');
  expect(errors).toEqual([refusalLogged]);

  await signIn(page);
  await open(page, '/account.me');
  await execute(page, '/account.me');
  await expect(getResponse(page, '/account.me').getByRole('cell', { name: '200', exact: true })).toBeVisible();
  await expect(getResponse(page, '/account.me')).toContainText('"name": "Ada Lovelace"');
  expect(foreign).toEqual([]);
  expect(errors).toEqual([refusalLogged]);
});

test('signing in and out on the API page updates the rest of the page', async ({ page, context }) => {
  await page.goto('/docs');
  await open(page, '/auth.signIn');
  await execute(page, '/auth.signIn');
  await expect(page.getByRole('banner')).toContainText('Ada Lovelace');
  await expect(getResponse(page, '/auth.signIn')).toContainText('"role": "admin"');
  await open(page, '/account.me');
  await execute(page, '/account.me');
  await expect(getResponse(page, '/account.me')).toContainText('"name": "Ada Lovelace"');

  await open(page, '/auth.signOut');
  await execute(page, '/auth.signOut');
  await expect(page.getByRole('banner').getByRole('link', { name: 'Sign in' })).toBeVisible();
  await expect(getResponse(page, '/auth.signOut')).toContainText('"cookieCleared": true');
  await expect(page.locator('.live-responses-table')).toHaveCount(1);
  await expect(page.locator('.reference')).not.toContainText('Ada Lovelace');
  expect((await context.cookies()).filter(({ name }) => name.endsWith('ssid'))).toEqual([]);
});

test('responses to a user disappear when the user signs out', async ({ page }) => {
  await signIn(page);
  await open(page, '/account.me');
  await execute(page, '/account.me');
  await open(page, '/session.set');
  await execute(page, '/session.set');
  await expect(getResponse(page, '/session.set')).toContainText('"revision": 2');
  await expect(getResponse(page, '/account.me')).toContainText('"name": "Ada Lovelace"');
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(page.getByRole('banner').getByRole('link', { name: 'Sign in' })).toBeVisible();
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'API' }).click();
  await expect(operation(page, '/account.me').getByRole('button', { name: 'Execute' })).toBeVisible();
  await expect(page.locator('.live-responses-table')).toHaveCount(0);
  await expect(page.locator('.reference')).not.toContainText('Ada Lovelace');
});

test('each operation shows whether it needs a session, as in the document', async ({ page, request }) => {
  const { paths } = await (await request.get('/api/openapi.json')).json();
  await page.goto('/docs');
  await expect(page.locator('.opblock')).toHaveCount(Object.keys(paths).length);
  for (const [path, { get, post }] of Object.entries<Record<string, { security: object[] }>>(paths)) {
    const isProtected = ((get ?? post)?.security.length ?? 0) > 0;
    await expect(operation(page, path).getByText('needs a session'), path).toHaveCount(isProtected ? 1 : 0);
  }
  await expect(page.getByRole('button', { name: 'Authorize' })).toHaveCount(0);
});

test('the page can be used by keyboard alone and shows the focus', async ({ page }) => {
  await page.goto('/docs');
  await expect(opener(page, '/account.me')).toBeVisible();
  const isFocused = () => opener(page, '/account.me').evaluate((element) => element === document.activeElement);
  for (let steps = 0; steps < 60 && !(await isFocused()); steps++) await page.keyboard.press('Tab');
  await expect(opener(page, '/account.me')).toBeFocused();
  await expect(opener(page, '/account.me')).toHaveCSS('outline-style', 'solid');
  await page.keyboard.press('Enter');
  await expect(operation(page, '/account.me').getByRole('button', { name: 'Try it out' })).toBeVisible();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(operation(page, '/account.me').getByRole('button', { name: 'Execute' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(getResponse(page, '/account.me')).toContainText('"reason": "missing"');
});

test('nothing overflows on a phone, in either theme', async ({ browser, baseURL }) => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({ colorScheme, viewport: { width: 320, height: 700 } });
    const page = await context.newPage();
    await page.goto(`${baseURL}/docs`);
    await open(page, '/session.set');
    await execute(page, '/session.set');
    await expect(getResponse(page, '/session.set')).toContainText('"reason": "missing"');
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
    expect(await isDark(getResponse(page, '/session.set').locator('pre').first())).toBe(colorScheme === 'dark');
    await context.close();
  }
});

/** Returns whether the background of an element is dark. Painting it handles every CSS notation of a colour. */
function isDark(element: Locator): Promise<boolean> {
  return element.evaluate((node) => {
    const pixel = document.createElement('canvas').getContext('2d');
    if (!pixel) throw new Error('There is no canvas');
    pixel.fillStyle = getComputedStyle(node).backgroundColor;
    pixel.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0, opacity] = pixel.getImageData(0, 0, 1, 1).data;
    if (opacity !== 255) throw new Error('The background is not opaque');
    return red + green + blue < 384;
  });
}

test('no other page loads Swagger UI', async ({ page }) => {
  const loaded: Promise<string>[] = [];
  page.on('response', (response) => {
    if (/\.(js|css)/.test(response.url())) loaded.push(response.text().catch(() => ''));
  });
  const countMentions = async () =>
    (await Promise.all(loaded)).filter((text) => text.includes('opblock-summary')).length;
  await signIn(page);
  await page.goto('/dashboard');
  await expect(page.getByRole('heading', { name: 'Call the API' })).toBeVisible();
  await page.waitForLoadState('networkidle');
  loaded.length = 0;
  await page.goto('/');
  await page.waitForLoadState('networkidle');
  expect(loaded.length).toBeGreaterThan(0);
  expect(await countMentions()).toBe(0);
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'API' }).click();
  await expect(opener(page, '/account.me')).toBeVisible();
  expect(await countMentions()).toBeGreaterThan(0);
});
