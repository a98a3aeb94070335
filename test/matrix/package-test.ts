import { test as base } from '@playwright/test';
import { packAndInstall } from '../_support/installed-package.ts';

/** Playwright's `test` with the library as npm would publish it. All cases of a run share one tarball. */
export const test = base.extend<object, { readonly tarball: string }>({
  tarball: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of what a fixture needs from a pattern
    async ({}, use) => {
      const { tarball, remove } = await packAndInstall();
      await use(tarball);
      await remove();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
});

/** Gives a test a row in the second table of docs/compatibility.md: `test(title, tableRow, …)`. */
export const tableRow = { annotation: { type: 'row', description: 'case' } } as const;

/** Gives a test a row in the table of apps with Next. */
export const nextRow = { annotation: { type: 'row', description: 'app with Next' } } as const;

/** Gives a test a row in the table of runtimes. */
export const runtimeRow = { annotation: { type: 'row', description: 'runtime' } } as const;
