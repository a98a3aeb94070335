// Slow: it starts a Redis server.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../_support/redis-server.ts';
import { type App, Browser, createCookieApp, createPatientStore } from './app.ts';

const [first, second, third] = ['first', 'second', 'third'].map((word) => `${word}-secret-0123456789-abcdefghij`);
const createApp = (...secrets: readonly (string | undefined)[]): App =>
  createCookieApp({ store: createPatientStore(redis.url), secret: secrets.map(String) });

let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(async () => {
  await createApp(first).close();
  await redis.stop();
});

beforeEach(async () => {
  await redis.client().flushall();
});

/** The same browser after the app was deployed with other secrets. */
const switchTo = (app: App, browser: Browser) => new Browser(app, browser.seal);

async function signInBrowser(app: App, userId = 'ada'): Promise<Browser> {
  const browser = new Browser(app);
  await browser.signIn(userId);
  return browser;
}

describe('after a secret is added in front', () => {
  test('sessions sealed with the older secret remain valid', async () => {
    const browser = await signInBrowser(createApp(first));
    expect(await switchTo(createApp(second, first), browser).isSignedIn()).toBe(true);
    expect(await switchTo(createApp(third, second, first), browser).isSignedIn()).toBe(true);
  });

  test('new sessions are sealed with the newest secret', async () => {
    const browser = await signInBrowser(createApp(second, first));
    expect(await switchTo(createApp(second), browser).isSignedIn()).toBe(true);
    expect(await switchTo(createApp(first), browser).isSignedIn()).toBe(false);
  });

  test('reading sets no cookie, and regenerating seals the token with the newest secret', async () => {
    const browser = switchTo(createApp(second, first), await signInBrowser(createApp(first)));
    const before = browser.seal;
    expect(await browser.isSignedIn()).toBe(true);
    expect(browser.seal).toBe(before);
    await browser.request((session) => session.regenerate());
    expect(await switchTo(createApp(second), browser).isSignedIn()).toBe(true);
  });

  test('an app server that still has only the old secret accepts its own sessions', async () => {
    const browser = await signInBrowser(createApp(first));
    await switchTo(createApp(second, first), browser).isSignedIn();
    expect(await switchTo(createApp(first), browser).isSignedIn()).toBe(true);
  });

  test('secrets in one string work like a list', async () => {
    const browser = await signInBrowser(createApp(first));
    const text = createCookieApp({ store: createPatientStore(redis.url), secret: `${second}, ${first}` });
    expect(await switchTo(text, browser).isSignedIn()).toBe(true);
  });
});

describe('after the oldest secret is dropped', () => {
  test('sessions sealed with it are signed out, and all others remain valid', async () => {
    const oldest = await signInBrowser(createApp(first));
    const middle = await signInBrowser(createApp(second, first));
    const newest = await signInBrowser(createApp(third, second, first));
    const now = createApp(third, second);
    expect(await switchTo(now, oldest).isSignedIn()).toBe(false);
    expect(await switchTo(now, middle).isSignedIn()).toBe(true);
    expect(await switchTo(now, newest).isSignedIn()).toBe(true);
  });

  test('the cookie is not cleared, so that adding the secret again restores the session', async () => {
    const browser = switchTo(createApp(second), await signInBrowser(createApp(first)));
    const before = browser.seal;
    expect(await browser.isSignedIn()).toBe(false);
    expect(browser.seal).toBe(before);
    expect(await switchTo(createApp(second, first), browser).isSignedIn()).toBe(true);
  });

  test('the list still contains every session of the user', async () => {
    await signInBrowser(createApp(first));
    await signInBrowser(createApp(second, first));
    const browser = await signInBrowser(createApp(second));
    expect(await browser.request((session) => session.list())).toHaveLength(3);
    expect(await createApp(third).of('ada').list()).toHaveLength(3);
  });

  test('the limit still counts every session of the user', async () => {
    const oldest = await signInBrowser(createApp(first));
    const middle = await signInBrowser(createApp(second, first));
    const options = { store: createPatientStore(redis.url), secret: String(second) };
    const strict = createCookieApp({ ...options, limit: { max: 2, whenFull: 'refuse' } });
    await expect(signInBrowser(strict)).rejects.toMatchObject({ code: 'LIMIT_REACHED' });
    const evicting = createCookieApp({ ...options, limit: { max: 2, whenFull: 'evict' } });
    await signInBrowser(evicting);
    expect(await switchTo(createApp(second, first), oldest).isSignedIn()).toBe(false);
    expect(await switchTo(createApp(second, first), middle).isSignedIn()).toBe(true);
  });

  test('revokeAll still ends every session of the user, also those that no secret can open', async () => {
    const oldest = await signInBrowser(createApp(first));
    const newest = await signInBrowser(createApp(second));
    const otherUser = await signInBrowser(createApp(first), 'bob');
    expect(await createApp(third).of('ada').revokeAll()).toBe(2);
    expect(await switchTo(createApp(first), oldest).isSignedIn()).toBe(false);
    expect(await switchTo(createApp(second), newest).isSignedIn()).toBe(false);
    expect(await switchTo(createApp(first), otherUser).isSignedIn()).toBe(true);
  });

  test('revokeOthers still ends those that no secret can open', async () => {
    const oldest = await signInBrowser(createApp(first));
    const browser = await signInBrowser(createApp(second));
    expect(await browser.request((session) => session.revokeOthers())).toBe(1);
    expect(await switchTo(createApp(first), oldest).isSignedIn()).toBe(false);
    expect(await browser.isSignedIn()).toBe(true);
  });
});
