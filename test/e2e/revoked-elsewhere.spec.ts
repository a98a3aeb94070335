import type { Browser, Page } from '@playwright/test';
import { expectSignedOut, expectUser, signInUnseen, signInWith, soon } from '../_support/demo-user.ts';
import { expect, test } from '../_support/e2e.ts';

/** Signs in as Ada in another browser. Returns a function that ends her sessions in all other browsers. */
async function openElsewhere(browser: Browser, baseURL: string): Promise<() => Promise<void>> {
  const context = await browser.newContext({ baseURL });
  const page = await context.newPage();
  await page.goto('/sign-in');
  await signInUnseen(page, 'ada');
  const { origin } = new URL(page.url());
  return async () => {
    const response = await page.request.post('/api/trpc/session.revokeOthers', { data: {}, headers: { origin } });
    expect(response.status()).toBe(200);
    await context.close();
  };
}

/** Ends the sessions of Ada in all other browsers. */
async function revokeElsewhere(browser: Browser, baseURL: string): Promise<void> {
  const revoke = await openElsewhere(browser, baseURL);
  await revoke();
}

const clickLink = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name, exact: true }).click();

/** What a person does next in the tab. */
const nextSteps: Readonly<Record<string, (page: Page) => Promise<unknown>>> = {
  'a click on a link': (page) => clickLink(page, 'Devices'),
  'a call of a guarded procedure': (page) => page.getByRole('button', { name: 'account.me' }).click(),
  Back: (page) => page.goBack(),
  focus: (page) => page.evaluate(() => window.dispatchEvent(new Event('focus'))),
};

for (const [name, takeStep] of Object.entries(nextSteps)) {
  test(`after a revocation elsewhere, ${name} shows every tab that the user is signed out`, async ({
    browser,
    context,
    demo,
  }) => {
    const [tab, other] = [await context.newPage(), await context.newPage()];
    await signInWith(tab, 'ada', 'tRPC mutation');
    await clickLink(tab, 'Account');
    await expect(tab.getByRole('heading', { name: 'Account', exact: true })).toBeVisible();
    await clickLink(tab, 'Dashboard');
    await expect(tab.getByRole('heading', { name: 'Hello, Ada' })).toBeVisible();
    await other.goto('/devices');
    await expectUser(other, 'ada');
    await revokeElsewhere(browser, demo.url);

    await takeStep(tab);
    await Promise.all([expectSignedOut(tab), expectSignedOut(other)]);
    for (const page of [tab, other]) await expect(page).toHaveURL(/\/sign-in/, soon);
    await tab.goBack();
    await expectSignedOut(tab);
    await tab.goForward();
    await expectSignedOut(tab);
    await clickLink(tab, 'Admin');
    await expect(tab).toHaveURL(/\/sign-in\?next=%2Fadmin/);
    await expectSignedOut(tab);
  });
}

test('a visitor whose session was revoked elsewhere is not shown as signed in on the page they are sent to', async ({
  browser,
  page,
  demo,
}) => {
  await page.addInitScript(() => {
    const seen = { frames: 0, since: 0, shownMs: 0 };
    Object.assign(window, { seen });
    const look = () => {
      requestAnimationFrame(look);
      if (location.pathname !== '/sign-in') return;
      seen.frames += 1;
      seen.since ||= performance.now();
      const text = `${document.querySelector('header')?.textContent}${document.querySelector('main')?.textContent}`;
      if (/Sign out|signed in as/.test(text)) seen.shownMs = performance.now() - seen.since;
    };
    look();
  });
  await signInWith(page, 'ada', 'server action');
  await page.goto('/dashboard');
  await expectUser(page, 'ada');
  await revokeElsewhere(browser, demo.url);
  await clickLink(page, 'Account');
  await expect(page).toHaveURL(/\/sign-in/, soon);
  await expectSignedOut(page);
  const { frames, shownMs } = await page.evaluate(
    () => (window as unknown as { seen: { frames: number; shownMs: number } }).seen,
  );
  expect(frames).toBeGreaterThan(0);
  // The header belongs to the browser, which reads the session while the page arrives. Most often it is first.
  expect(shownMs).toBeLessThan(1_000);
});

for (const method of ['server action', 'tRPC mutation'] as const) {
  for (const pauseMs of [0, 300, 1_500]) {
    test(`a redirect ${pauseMs} ms after a sign-in by ${method} leaves no former user in the header`, async ({
      browser,
      page,
      demo,
    }) => {
      const revoke = await openElsewhere(browser, demo.url);
      await signInWith(page, 'ada', method);
      await page.waitForTimeout(pauseMs);
      await revoke();
      await clickLink(page, 'Account');
      await expect(page).toHaveURL(/\/sign-in\?next=%2Faccount/, soon);
      await expectSignedOut(page);
    });
  }
}

test('after the cookie became that of another user, a soft navigation shows the same user everywhere', async ({
  page,
}) => {
  await signInWith(page, 'ada', 'tRPC mutation');
  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  await expectUser(page, 'ada');
  await signInUnseen(page, 'grace');
  await clickLink(page, 'Account');
  await expect(page.getByRole('heading', { name: 'Account', exact: true })).toBeVisible();
  await expectUser(page, 'grace');
  await page.goBack();
  await expectUser(page, 'grace');
});
