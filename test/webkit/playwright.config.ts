/** Runs the tests in WebKitGTK. Playwright is only the runner: it starts no browser here. */
// biome-ignore lint/style/noDefaultExport: Playwright reads the default export
export default {
  testDir: '.',
  outputDir: 'test-results',
  workers: 1,
  forbidOnly: Boolean(process.env.CI),
  timeout: 120_000,
  expect: { timeout: 15_000 },
  globalTimeout: 900_000,
  reporter: 'list',
};
