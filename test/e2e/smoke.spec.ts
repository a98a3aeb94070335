import { expect, test } from '../_support/e2e.ts';

test('the home page loads without an error', async ({ page }) => {
  const errors: Error[] = [];
  page.on('pageerror', (error) => errors.push(error));
  const response = await page.goto('/');
  expect(response?.status()).toBe(200);
  await expect(page.locator('body')).not.toBeEmpty();
  expect(errors).toEqual([]);
});
