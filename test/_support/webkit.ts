import { setTimeout as sleep } from 'node:timers/promises';
import { test as base } from '@playwright/test';
import { Builder, Capabilities, type WebDriver } from 'selenium-webdriver';
import { requireTool } from '../../scripts/system-tools.mjs';
import { findFreePort } from './free-port.ts';
import { type OwnedProcess, startProcess } from './owned-process.ts';

export { expect } from '@playwright/test';
export { By } from 'selenium-webdriver';

interface Servers {
  /** The address of a WebKitWebDriver with its own virtual display. */
  readonly webkitDriver: string;
}

interface Browser {
  /** A new window of WebKitGTK, the engine of Safari, with its own cookies. It accepts every certificate. */
  readonly webkit: WebDriver;
}

/** Playwright's `test` with a browser of WebKitGTK. */
export const test = base.extend<Browser, Servers>({
  webkitDriver: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of what a fixture needs from a pattern
    async ({}, use) => {
      const display = await startProcess(requireTool('xvfb'), ['-displayfd', '1', '-nolisten', 'tcp']);
      const port = await findFreePort();
      const env = { ...process.env, DISPLAY: `:${await readDisplay(display)}` };
      const driver = await startProcess(requireTool('webkit'), [`--port=${port}`], { env });
      try {
        await use(await waitForDriver(driver, `http://127.0.0.1:${port}`));
      } finally {
        await driver.kill('SIGKILL');
        await display.kill('SIGKILL');
      }
    },
    { scope: 'worker' },
  ],
  webkit: async ({ webkitDriver }, use) => {
    const capabilities = new Capabilities({ browserName: 'MiniBrowser', acceptInsecureCerts: true });
    const browser = await new Builder().usingServer(webkitDriver).withCapabilities(capabilities).build();
    try {
      await use(browser);
    } finally {
      await browser.quit();
    }
  },
});

/** Returns the number of the display. Xvfb chooses a free one and prints it. */
async function readDisplay(display: OwnedProcess): Promise<number> {
  await display.waitForOutput('\n', 10_000);
  const [, number] = /^(\d+)$/m.exec(display.output()) ?? [];
  if (number === undefined) throw new Error(`Xvfb did not print the number of its display:\n${display.output()}`);
  return Number(number);
}

async function waitForDriver(driver: OwnedProcess, url: string): Promise<string> {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline && !driver.hasEnded()) {
    if (
      await fetch(`${url}/status`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return url;
    await sleep(50);
  }
  throw new Error(`WebKitWebDriver did not start:\n${driver.output()}`);
}
