// Slow: it starts a Redis server.
import { redisStore } from 'trpc-session/stores/redis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../_support/redis-server.ts';
import { type App, Browser, createCookieApp } from './app.ts';

const [first, second, third] = ['first', 'second', 'third'].map((word) => `${word}-secret-0123456789-abcdefghij`);
const ring = (...secrets: readonly (string | undefined)[]): App =>
  createCookieApp({ store: redisStore(redis.url), secret: secrets.map(String) });

let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(async () => {
  await ring(first).close();
  await redis.stop();
});

beforeEach(async () => {
  await redis.client().flushall();
});

/** The same browser after the app was deployed with another ring. */
const at = (app: App, browser: Browser) => new Browser(app, browser.seal);

async function signedIn(app: App, userId = 'ada'): Promise<Browser> {
  const browser = new Browser(app);
  await browser.signIn(userId);
  return browser;
}

describe('after a secret is added in front', () => {
  test('sessions sealed with the older one live on', async () => {
    const browser = await signedIn(ring(first));
    expect(await at(ring(second, first), browser).isSignedIn()).toBe(true);
    expect(await at(ring(third, second, first), browser).isSignedIn()).toBe(true);
  });

  test('new sessions are sealed with the newest', async () => {
    const browser = await signedIn(ring(second, first));
    expect(await at(ring(second), browser).isSignedIn()).toBe(true);
    expect(await at(ring(first), browser).isSignedIn()).toBe(false);
  });

  test('reading sets no cookie, and regenerating seals the session with the newest', async () => {
    const browser = at(ring(second, first), await signedIn(ring(first)));
    const before = browser.seal;
    expect(await browser.isSignedIn()).toBe(true);
    expect(browser.seal).toBe(before);
    await browser.request((session) => session.regenerate());
    expect(await at(ring(second), browser).isSignedIn()).toBe(true);
  });

  test('a deploy that still runs with the old ring alone opens its own sessions', async () => {
    const browser = await signedIn(ring(first));
    await at(ring(second, first), browser).isSignedIn();
    expect(await at(ring(first), browser).isSignedIn()).toBe(true);
  });

  test('a ring given as one string is the same ring', async () => {
    const browser = await signedIn(ring(first));
    const text = createCookieApp({ store: redisStore(redis.url), secret: `${second}, ${first}` });
    expect(await at(text, browser).isSignedIn()).toBe(true);
  });
});

describe('after the oldest secret is dropped', () => {
  test('sessions sealed with it are signed out, those of the others live on', async () => {
    const oldest = await signedIn(ring(first));
    const middle = await signedIn(ring(second, first));
    const newest = await signedIn(ring(third, second, first));
    const now = ring(third, second);
    expect(await at(now, oldest).isSignedIn()).toBe(false);
    expect(await at(now, middle).isSignedIn()).toBe(true);
    expect(await at(now, newest).isSignedIn()).toBe(true);
  });

  test('being signed out clears no cookie, so that bringing the secret back brings the session back', async () => {
    const browser = at(ring(second), await signedIn(ring(first)));
    const before = browser.seal;
    expect(await browser.isSignedIn()).toBe(false);
    expect(browser.seal).toBe(before);
    expect(await at(ring(second, first), browser).isSignedIn()).toBe(true);
  });

  test('the list still shows every session of the subject', async () => {
    await signedIn(ring(first));
    await signedIn(ring(second, first));
    const browser = await signedIn(ring(second));
    expect(await browser.request((session) => session.list())).toHaveLength(3);
    expect(await ring(third).of('ada').list()).toHaveLength(3);
  });

  test('the limit still counts every session of the subject', async () => {
    const oldest = await signedIn(ring(first));
    const middle = await signedIn(ring(second, first));
    const options = { store: redisStore(redis.url), secret: String(second) };
    const strict = createCookieApp({ ...options, limit: { max: 2, whenFull: 'refuse' } });
    await expect(signedIn(strict)).rejects.toMatchObject({ code: 'LIMIT_REACHED' });
    const evicting = createCookieApp({ ...options, limit: { max: 2, whenFull: 'evict' } });
    await signedIn(evicting);
    expect(await at(ring(second, first), oldest).isSignedIn()).toBe(false);
    expect(await at(ring(second, first), middle).isSignedIn()).toBe(true);
  });

  test('revoke-all still ends every session of the subject, also those that no secret opens', async () => {
    const oldest = await signedIn(ring(first));
    const newest = await signedIn(ring(second));
    const stranger = await signedIn(ring(first), 'bob');
    expect(await ring(third).of('ada').revokeAll()).toBe(2);
    expect(await at(ring(first), oldest).isSignedIn()).toBe(false);
    expect(await at(ring(second), newest).isSignedIn()).toBe(false);
    expect(await at(ring(first), stranger).isSignedIn()).toBe(true);
  });

  test('revoking the others still ends those that no secret opens', async () => {
    const oldest = await signedIn(ring(first));
    const browser = await signedIn(ring(second));
    expect(await browser.request((session) => session.revokeOthers())).toBe(1);
    expect(await at(ring(first), oldest).isSignedIn()).toBe(false);
    expect(await browser.isSignedIn()).toBe(true);
  });
});
