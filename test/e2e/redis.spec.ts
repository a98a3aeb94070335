import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { unsealData } from 'iron-session';
import { startRefused } from '../_support/demo-server.ts';
import { createRandomSecret, expect, test } from '../_support/e2e.ts';
import { CookieJar, createBrowserFetch } from '../_support/http.ts';
import { countCommands, resetCounts } from '../_support/redis-server.ts';

type Visit = ReturnType<typeof createBrowserFetch>;

async function mutate(visit: Visit, path: string, input: unknown) {
  const headers = { 'content-type': 'application/json' };
  const response = await visit(`/api/trpc/${path}`, { method: 'POST', headers, body: JSON.stringify({ json: input }) });
  return (await response.json()).result?.data.json;
}

const signIn = (visit: Visit) => mutate(visit, 'auth.signIn', { username: 'ada', password: 'lovelace' });
const readUser = async (visit: Visit) => (await visit('/api/trpc/account.me')).json();

async function dumpRedis(redis: Redis): Promise<string> {
  const keys = await redis.keys('*');
  const values = await Promise.all(keys.map((key) => redis.hgetall(key)));
  return JSON.stringify([keys, values]);
}

test('Redis stores the session under the hash of its token, and no token, cookie or password', async ({
  demo,
  redis,
}) => {
  await redis.client().flushall();
  const jar = new CookieJar();
  const visit = createBrowserFetch(jar, demo.url);
  await signIn(visit);
  const [key = '', ...others] = await redis.client().keys('*');
  expect(others).toEqual([]);
  expect(await redis.client().pttl(key)).toBeGreaterThan(0);
  const [hash = ''] = (await redis.client().hkeys(key)).filter((field) => !field.endsWith(':body'));
  expect(hash).toMatch(/^[\w-]{22}$/);
  const dump = await dumpRedis(redis.client());
  expect(dump).toContain('Ada Lovelace');
  expect(dump).not.toContain('lovelace');
  expect(dump).not.toContain(jar.value('__Host-ssid'));
  expect(await readUser(visit)).toMatchObject({ result: { data: { json: { userId: 'user-1', role: 'admin' } } } });
});

test('the hash of the token in the cookie is the field in Redis', async ({ demo, redis }) => {
  const { hkdfSync } = await import('node:crypto');
  const secret = createRandomSecret();
  await redis.client().flushall();
  await demo.restart({ REDIS_URL: redis.url, SESSION_SECRET: secret });
  const jar = new CookieJar();
  await signIn(createBrowserFetch(jar, demo.url));
  const seal = jar.value('__Host-ssid') ?? '';
  const purpose = ['trpc-session cookie v1', '__Host-ssid', 'session:']
    .map((part) => `${part.length}:${part}`)
    .join('');
  const password = Buffer.from(hkdfSync('sha256', secret, '', purpose, 32)).toString('base64url');
  const [, passwordId = ''] = seal.split('*');
  const token = await unsealData<string>(seal, { password: { [passwordId]: password }, ttl: 0 });
  expect(token).toMatch(/^[\w-]{72}$/);
  const hash = createHash('sha256').update(token).digest('base64url').slice(0, 22);
  const [key = ''] = await redis.client().keys('*');
  expect(await redis.client().hexists(key, hash)).toBe(1);
  expect(await dumpRedis(redis.client())).not.toContain(token);
});

test('a user stays signed in when the app restarts, and is signed out by FLUSHALL without an error', async ({
  demo,
  redis,
  page,
}) => {
  await page.goto('/sign-in?next=/account');
  await page.getByLabel('Username').fill('ada');
  await page.getByLabel('Password').fill('lovelace');
  await page.getByRole('button', { name: 'Sign in with a server action' }).click();
  await expect(page).toHaveURL(`${demo.url}/account`);
  // Next reloads the page by itself if a request fails during the restart. That would disturb the reload below.
  await page.waitForLoadState('networkidle');
  await demo.restart();
  await page.reload();
  await expect(page).toHaveURL(`${demo.url}/account`);
  await expect(page.getByRole('heading', { name: 'Account', exact: true })).toBeVisible();
  await redis.client().flushall();
  const response = await page.goto('/account');
  expect(response?.status()).toBeLessThan(500);
  await expect(page).toHaveURL(/\/sign-in/);
});

test('a batch of ten calls reads Redis once; a public call and a forged cookie do not read it', async ({
  demo,
  redis,
}) => {
  const jar = new CookieJar();
  const visit = createBrowserFetch(jar, demo.url);
  await signIn(visit);
  const countReads = async (path: string, as = visit): Promise<number> => {
    await resetCounts(redis.client());
    expect((await as(path)).status).toBeLessThan(500);
    const counts = await countCommands(redis.client());
    return (counts.hmget ?? 0) + (counts.evalsha ?? 0) + (counts.eval ?? 0);
  };
  const ten = Array.from({ length: 10 }, () => 'account.me').join(',');
  const input = encodeURIComponent(JSON.stringify(Object.fromEntries(Array.from({ length: 10 }, (_, at) => [at, {}]))));
  expect(await countReads(`/api/trpc/${ten}?batch=1&input=${input}`)).toBe(1);
  expect(await countReads('/api/trpc/public.hello')).toBe(0);
  const forged = new CookieJar();
  forged.set('__Host-ssid', `${jar.value('__Host-ssid')?.slice(0, -10)}AAAAAAAA~2`);
  expect(await countReads('/api/trpc/account.me', createBrowserFetch(forged, demo.url))).toBe(0);
});

test('production does not start without a secret, or without Redis unless SESSION_STORE is set to memory', async () => {
  const withoutSecret = await startRefused({ env: { SESSION_STORE: 'memory' } });
  expect(withoutSecret).toContain('SESSION_SECRET');
  const withoutStore = await startRefused({ env: { SESSION_SECRET: createRandomSecret() } });
  expect(withoutStore).toContain('REDIS_URL');
  expect(withoutStore).toContain('SESSION_STORE=memory');
});
