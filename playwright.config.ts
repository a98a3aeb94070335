import { defineConfig, devices } from '@playwright/test';
import { requireTool } from './scripts/system-tools.mjs';

/** Chromium without a window, a sandbox or background traffic. */
const chromiumArgs = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Stories whose parts have tests of their own in `npm test`. `npm run test:stories` runs them. */
export const longStories: readonly string[] = [
  '**/cross-origin-spa.spec.ts',
  '**/many-loads.spec.ts',
  '**/pending-calls.spec.ts',
  '**/provider-callbacks.spec.ts',
  '**/revoked-elsewhere.spec.ts',
  '**/session-in-browser.spec.ts',
  '**/twin-cookies.spec.ts',
];

/** The servers are fixtures of test/_support/e2e.ts. Each worker starts its own Redis and its own demo. */
export default defineConfig({
  testDir: 'test/e2e',
  testIgnore: [...longStories],
  workers: 2,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  // Long enough for a busy machine. A passing test does not wait for them.
  timeout: 60_000,
  expect: { timeout: 10_000 },
  globalTimeout: 480_000,
  reporter: 'list',
  use: {
    ...devices['Desktop Chrome'],
    launchOptions: { executablePath: requireTool('chromium'), args: chromiumArgs },
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
  },
});
