import { expectSignedOut, expectUser, signInWith, signOutWith } from '../_support/demo-user.ts';
import { expect, test } from '../_support/e2e.ts';

for (const method of ['server action', 'tRPC mutation'] as const) {
  test(`both tabs show who is signed in, after each change by ${method}`, async ({ context }) => {
    const [tab, other] = [await context.newPage(), await context.newPage()];
    await other.goto('/');
    await expectSignedOut(other);
    await signInWith(tab, 'ada', method);
    await Promise.all([expectUser(tab, 'ada'), expectUser(other, 'ada')]);
    await other.getByRole('link', { name: 'Account', exact: true }).first().click();
    await expect(other).toHaveURL(/\/account$/);
    await signInWith(tab, 'grace', method);
    await Promise.all([expectUser(tab, 'grace'), expectUser(other, 'grace')]);
    await signOutWith(tab, method);
    await Promise.all([expectSignedOut(tab), expectSignedOut(other)]);
    await tab.goBack();
    await expectSignedOut(tab);
    await tab.goForward();
    await expectSignedOut(tab);
  });
}

test('a link that was prefetched while signed out leads to its page after a sign-in', async ({ page }) => {
  await page.goto('/sign-in?next=/');
  await page.getByRole('banner').getByRole('link').last().hover();
  await page.waitForLoadState('networkidle');
  await page.getByLabel('Username').fill('ada');
  await page.getByLabel('Password').fill('lovelace');
  await page.getByRole('button', { name: 'Sign in with a tRPC mutation' }).click();
  await expectUser(page, 'ada');
  await page.getByRole('banner').getByRole('link', { name: 'Account', exact: true }).click();
  await expect(page).toHaveURL(/\/account$/);
});
