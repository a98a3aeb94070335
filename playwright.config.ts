import { defineConfig, devices } from '@playwright/test';
import { requireTool } from './scripts/system-tools.mjs';

const quiet = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The servers are fixtures (test/_support/e2e.ts): a Redis and a production demo per worker, so files do not share. */
export default defineConfig({
  testDir: 'test/e2e',
  workers: 2,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  // Generous, for a machine that does other things besides: a passing test does not wait for them.
  timeout: 60_000,
  expect: { timeout: 10_000 },
  globalTimeout: 480_000,
  reporter: 'list',
  use: {
    ...devices['Desktop Chrome'],
    launchOptions: { executablePath: requireTool('chromium'), args: quiet },
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
  },
});
