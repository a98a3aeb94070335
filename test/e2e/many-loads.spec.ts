import type { Browser, Page } from '@playwright/test';
import { expect, test } from '../_support/e2e.ts';
import { findFlashes, readSeenStates, recordSeenStates, slowDown } from '../_support/seen-states.ts';

const loads = 50;
/** Each starts with an empty cache, as on a first visit. The other loads find the scripts in the cache. */
const contexts = 5;

const pages = {
  'signed in': ['/', '/account', '/dashboard', '/devices', '/admin', '/docs', '/sign-in'],
  'signed out': ['/', '/sign-in', '/docs'],
} as const;
/** What counts as good is 0.1. */
const allowedShift = 0.01;
type Visitor = keyof typeof pages;

async function openPage(browser: Browser, baseURL: string | undefined, visitor: Visitor): Promise<Page> {
  const context = await browser.newContext(baseURL ? { baseURL } : {});
  const page = await context.newPage();
  if (visitor === 'signed in') {
    const data = { json: { username: 'ada', password: 'lovelace' } };
    await page.request.post('/api/trpc/auth.signIn', { data, headers: { origin: baseURL ?? '' } });
  }
  await recordSeenStates(page);
  return page;
}

for (const visitor of ['signed in', 'signed out'] as const) {
  for (const speed of ['on a fast machine', 'on a slow machine with slow 3G'] as const) {
    test(`in ${loads} loads a ${visitor} visitor sees no wrong frame ${speed}`, async ({ browser, baseURL }) => {
      test.setTimeout(600_000);
      const found: string[] = [];
      for (let round = 0; round < contexts; round++) {
        const page = await openPage(browser, baseURL, visitor);
        if (speed !== 'on a fast machine') await slowDown(page);
        for (let load = 0; load < loads / contexts; load++) {
          const path = pages[visitor][load % pages[visitor].length] ?? '/';
          await page.setViewportSize({ width: load % 2 === 0 ? 390 : 1_280, height: 800 });
          await page.goto(path, { timeout: 60_000 });
          found.push(...(await findFlashes(page, visitor)).map((text) => `${path}: ${text}`));
          const { layoutShift } = await readSeenStates(page);
          // On a slow network the fonts arrive after the text, which moves it. That is not the session.
          if (speed === 'on a fast machine' && layoutShift > allowedShift)
            found.push(`${path} moves by ${layoutShift}`);
        }
        await page.context().close();
      }
      expect(found).toEqual([]);
    });
  }
}
