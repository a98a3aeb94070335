import { test as base } from './e2e.ts';

/** Playwright's `test`, with a `page` that is signed in. */
export const test = base.extend({
  page: async ({ page, baseURL }, use) => {
    // Without the form. The page and its requests share their cookies.
    await page.request.post('/api/trpc/auth.signIn', {
      data: { json: { username: 'ada', password: 'lovelace' } },
      headers: { origin: baseURL ?? '' },
    });
    await use(page);
  },
});
