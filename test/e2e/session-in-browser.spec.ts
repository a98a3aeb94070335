import type { Page } from '@playwright/test';
import { expect } from '../_support/e2e.ts';
import { test } from '../_support/signed-in.ts';

const sessionCalls = '**/api/trpc/session.get*';

/** Makes the page read the session at once. */
const readSession = (page: Page) => page.evaluate(() => window.dispatchEvent(new Event('online')));

test('warns before the session ends, and one click keeps it', async ({ page }) => {
  await page.goto('/dashboard');
  const card = page.getByRole('region', { name: 'Your session' });
  await expect(card).toContainText('5:59:');
  // The server's own answer, with less time left.
  let idleExpiresAt: number | null = null;
  await page.route(sessionCalls, async (route) => {
    const response = await route.fetch();
    const body = await response.json();
    const view = (Array.isArray(body) ? body[0] : body).result.data.json;
    idleExpiresAt ??= view.at + 50_000;
    view.idleExpiresAt = idleExpiresAt;
    await route.fulfill({ response, json: body });
  });
  await readSession(page);
  const dialog = page.getByRole('dialog', { name: 'Are you still there?' });
  await expect(dialog).toContainText(/You will be signed out in 0:00:(4\d|50)\./);
  await expect(card).toContainText('0:00:4');

  await page.unroute(sessionCalls);
  await dialog.getByRole('button', { name: 'Stay signed in' }).click();
  await expect(dialog).toBeHidden();
  await expect(card).toContainText('5:59:');
  await expect(page.getByRole('banner')).toContainText('Ada Lovelace');
});

/** How Playwright can make a request fail, and two responses of a proxy. */
const faults = [
  'aborted',
  'accessdenied',
  'addressunreachable',
  'connectionaborted',
  'connectionclosed',
  'connectionfailed',
  'connectionrefused',
  'connectionreset',
  'internetdisconnected',
  'namenotresolved',
  'timedout',
  '502 with HTML',
  '429 without a body',
] as const;

async function expectControls(page: Page): Promise<void> {
  await expect(page.getByRole('banner')).toContainText('Ada Lovelace');
  await expect(page.getByRole('button', { name: 'Sign out', exact: true })).toBeVisible();
  await expect(page.getByRole('radio')).toHaveCount(2);
}

test('no network fault signs the user out or removes a control, and the page recovers within 2 seconds', async ({
  page,
}) => {
  await page.goto('/account');
  await expectControls(page);
  const banner = page.getByRole('banner');
  for (const fault of faults) {
    await page.route(sessionCalls, async (route) => {
      if (fault === '502 with HTML') await route.fulfill({ status: 502, body: '<h1>Bad gateway</h1>' });
      else if (fault === '429 without a body') await route.fulfill({ status: 429 });
      else await route.abort(fault);
    });
    await readSession(page);
    await expect(banner, fault).toContainText('Reconnecting');
    await expectControls(page);
    await page.unroute(sessionCalls);
    await expect(async () => {
      await page.keyboard.press('Shift');
      await expect(banner, fault).not.toContainText('Reconnecting', { timeout: 100 });
    }).toPass({ timeout: 2_000 });
    await expectControls(page);
  }
});

test('a page that was offline for 30 seconds keeps the user and its error message, and recovers at once', async ({
  page,
  context,
}) => {
  await page.goto('/account');
  await expectControls(page);
  await context.setOffline(true);
  await page.getByText('Dark', { exact: true }).click();
  await expect(page.getByText('The server did not respond. Try again.')).toBeVisible();
  await page.waitForTimeout(30_000);
  await expectControls(page);
  await context.setOffline(false);
  await expect(page.getByRole('banner')).not.toContainText('Reconnecting', { timeout: 2_000 });
  await expect(page.getByText('The server did not respond. Try again.')).toBeVisible();
  await expectControls(page);
});
