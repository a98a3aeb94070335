import shared from '../../playwright.config.ts';

/** Runs all cases, one after the other, and writes the results to docs/compatibility.md. */
// biome-ignore lint/style/noDefaultExport: Playwright reads the default export
export default {
  ...shared,
  testDir: '.',
  outputDir: 'test-results',
  workers: 1,
  globalTimeout: 0,
  reporter: [['list'], ['./table-reporter.ts']],
};
