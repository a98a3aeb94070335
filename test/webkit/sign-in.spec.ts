import type { WebDriver } from 'selenium-webdriver';
import { type DemoServer, startDemo, startDev } from '../_support/demo-server.ts';
import { createRandomSecret } from '../_support/e2e.ts';
import { type RedisServer, startRedis } from '../_support/redis-server.ts';
import { By, expect, test } from '../_support/webkit.ts';
import { serveHttps } from './serve-https.ts';

const viaAction = 'Sign in with a server action';
const viaTrpc = 'Sign in with a tRPC mutation';

async function submitSignIn(webkit: WebDriver, url: string, button: string): Promise<void> {
  await webkit.get(`${url}/sign-in`);
  await webkit.findElement(By.id('username')).sendKeys('ada');
  await webkit.findElement(By.id('password')).sendKeys('lovelace');
  await press(webkit, button);
}

async function press(webkit: WebDriver, label: string): Promise<void> {
  await webkit.findElement(By.xpath(`//button[normalize-space()="${label}"]`)).click();
}

/** Returns an empty string while the page loads. */
function readText(webkit: WebDriver, selector: string): Promise<string> {
  return webkit.executeScript((name: string) => document.querySelector(name)?.textContent ?? '', selector);
}

async function readCookieNames(webkit: WebDriver): Promise<readonly string[]> {
  return (await webkit.manage().getCookies()).map(({ name }) => name);
}

test('in development, signs in on http://localhost, stays signed in after a reload, and signs out', async ({
  webkit,
}) => {
  test.setTimeout(240_000);
  await using demo = await startDev();
  await submitSignIn(webkit, demo.url, viaAction);
  await expect.poll(() => webkit.getCurrentUrl(), { timeout: 60_000 }).toBe(`${demo.url}/dashboard`);
  await webkit.navigate().refresh();
  await expect.poll(() => readText(webkit, 'header'), { timeout: 30_000 }).toContain('Sign out');
  expect(await readCookieNames(webkit)).toContain('ssid');
  await press(webkit, 'Sign out');
  await expect.poll(() => readCookieNames(webkit), { timeout: 60_000 }).not.toContain('ssid');
  await expect.poll(() => readText(webkit, 'header')).not.toContain('Sign out');
});

test.describe('in production', () => {
  let redis: RedisServer;
  let demo: DemoServer;

  test.beforeAll(async () => {
    redis = await startRedis();
    demo = await startDemo({ env: { REDIS_URL: redis.url, SESSION_SECRET: createRandomSecret() } });
  });

  test.afterAll(async () => {
    await demo.stop();
    await redis.stop();
  });

  const failures = [
    {
      button: viaTrpc,
      message: 'Browsers drop a Secure cookie that arrives over plain http, and nothing was changed.',
    },
    { button: viaAction, message: 'This browser keeps the session cookie only over https.' },
  ];

  for (const { button, message } of failures) {
    test(`“${button}” on http://localhost fails with the remedy, and changes nothing`, async ({ webkit }) => {
      await submitSignIn(webkit, demo.url, button);
      await expect.poll(() => readText(webkit, '#sign-in-error')).toContain(message);
      expect(await readText(webkit, '#sign-in-error')).toMatch(/https/);
      expect(new URL(await webkit.getCurrentUrl()).pathname).toBe('/sign-in');
      expect(await readText(webkit, 'header')).not.toContain('Sign out');
      expect(await readCookieNames(webkit)).toEqual([]);
      expect(await redis.client().keys('*')).toEqual([]);
      await webkit.get(`${demo.url}/dashboard`);
      expect(new URL(await webkit.getCurrentUrl()).pathname).toBe('/sign-in');
    });
  }

  test('the same build signs in over https', async ({ webkit }) => {
    await using proxy = await serveHttps(demo.port);
    await submitSignIn(webkit, proxy.url, viaAction);
    await expect.poll(() => webkit.getCurrentUrl()).toBe(`${proxy.url}/dashboard`);
    await webkit.navigate().refresh();
    await expect.poll(() => readText(webkit, 'header')).toContain('Sign out');
    expect(await readCookieNames(webkit)).toEqual(['__Host-ssid']);
  });
});
