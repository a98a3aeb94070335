import type { BrowserContext, Page, Response } from '@playwright/test';
import type { Redis } from 'ioredis';
import { expect, test as withDemo } from '../_support/e2e.ts';
import { type Form, type FormPage, type FormSite, formHtml, serveForms } from '../_support/form-pages.ts';

/**
 * Names below `localhost` lead to the loopback address without any DNS, keep Secure cookies over http, and are sites and
 * siblings as names elsewhere are: `app.shop.localhost` and `blog.shop.localhost` are one site, `elsewhere.localhost` another.
 */
const appHost = 'app.shop.localhost';

interface Place extends FormPage {
  readonly name: string;
  readonly host: string;
  /** What the browser says of a form that comes from there. */
  readonly origin: 'its own' | 'null';
  readonly site: 'cross-site' | 'same-site';
}

const noReferrer = { 'referrer-policy': 'no-referrer' };
const places: readonly Place[] = [
  { name: 'another origin', host: 'elsewhere.localhost', origin: 'its own', site: 'cross-site' },
  { name: 'a sibling subdomain', host: 'blog.shop.localhost', origin: 'its own', site: 'same-site' },
  {
    name: 'a sibling that hides its name',
    host: 'blog.shop.localhost',
    origin: 'null',
    site: 'same-site',
    headers: noReferrer,
  },
  { name: 'another port of the same host', host: appHost, origin: 'its own', site: 'same-site' },
  { name: 'a sandboxed frame', host: 'elsewhere.localhost', origin: 'null', site: 'cross-site', sandboxed: true },
];

const test = withDemo.extend<{ app: string; redisHolds: () => Promise<unknown> }, { forms: FormSite }>({
  forms: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of what a fixture needs from a pattern
    async ({}, use) => {
      await using forms = await serveForms();
      await use(forms);
    },
    { scope: 'worker' },
  ],
  app: async ({ demo }, use) => use(`http://${appHost}:${demo.port}`),
  redisHolds: async ({ redis }, use) => {
    await redis.client().flushall();
    await use(() => everything(redis.client()));
  },
});

/** Every key and field, the times that a session was last seen among them. */
async function everything(redis: Redis): Promise<Record<string, unknown>> {
  const keys = (await redis.keys('*')).sort();
  return Object.fromEntries(await Promise.all(keys.map(async (key) => [key, await redis.hgetall(key)])));
}

/** Forms that a browser can send without any script, to whatever might sign somebody in. */
async function signInForms(page: Page, app: string): Promise<Readonly<Record<string, Form>>> {
  const who = [
    ['username', 'grace'],
    ['password', 'hopper'],
  ] as const;
  const json: Form['fields'] = [['{"json":{"username":"grace","password":"hopper","x":"', '"}}']];
  const action = [...(await signInActionFields(page, app)), ['next', '/dashboard'], ...who] as const;
  const trpc = `${app}/api/trpc/auth.signIn`;
  return {
    'the server action': { action: `${app}/sign-in`, fields: action },
    'the server action, at another page': { action: `${app}/`, fields: action },
    'the server action, urlencoded': {
      action: `${app}/sign-in`,
      enctype: 'application/x-www-form-urlencoded',
      fields: action,
    },
    'the procedure': { action: trpc, fields: who },
    'the procedure, urlencoded': { action: trpc, enctype: 'application/x-www-form-urlencoded', fields: who },
    'the procedure, JSON as text/plain': { action: trpc, enctype: 'text/plain', fields: json },
    'the procedure, by GET': {
      action: trpc,
      method: 'get',
      fields: [['input', '{"json":{"username":"grace","password":"hopper"}}']],
    },
  };
}

/** Forms that would end sessions of whoever is signed in, or change them. */
async function mutationForms(page: Page, app: string): Promise<Readonly<Record<string, Form>>> {
  const trpc = `${app}/api/trpc`;
  return {
    'the sign-out action': {
      action: `${app}/account`,
      fields: [[`$ACTION_ID_${await signOutActionId(page, app)}`, '']],
    },
    'auth.signOut': { action: `${trpc}/auth.signOut` },
    'auth.signOut, urlencoded': { action: `${trpc}/auth.signOut`, enctype: 'application/x-www-form-urlencoded' },
    'auth.signOut, text/plain': { action: `${trpc}/auth.signOut`, enctype: 'text/plain' },
    'auth.signOut, by GET': { action: `${trpc}/auth.signOut`, method: 'get' },
    'session.destroy': { action: `${trpc}/session.destroy` },
    'session.revokeOthers': { action: `${trpc}/session.revokeOthers` },
    'session.set': { action: `${trpc}/session.set`, fields: [['theme', 'dark']] },
    'account.deleteAccount': { action: `${trpc}/account.deleteAccount` },
  };
}

/** What stands hidden in the sign-in form, for anybody to read: which action it is. */
async function signInActionFields(page: Page, app: string): Promise<readonly (readonly [string, string])[]> {
  await page.goto(app);
  const fields = await page.evaluate(async () => {
    const html = await (await fetch('/sign-in')).text();
    const document = new DOMParser().parseFromString(html, 'text/html');
    const inputs = document.querySelectorAll<HTMLInputElement>('.sign-in-form [name^="$ACTION"]');
    return Array.from(inputs, ({ name, value }) => [name, value] as const);
  });
  expect(fields.length).toBeGreaterThan(0);
  return fields;
}

/** The same for all visitors: the browser of any of them says it when it signs out. */
async function signOutActionId(page: Page, app: string): Promise<string> {
  await page.goto(`${app}/account`);
  const asked = page.waitForRequest((request) => 'next-action' in request.headers());
  await page.route('**/*', (route) => (route.request().method() === 'POST' ? route.abort() : route.continue()));
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  const id = (await asked).headers()['next-action'];
  await page.unroute('**/*');
  expect(id).toMatch(/^[0-9a-f]{20,}$/);
  return id ?? '';
}

async function signIn(page: Page, app: string): Promise<void> {
  await page.goto(`${app}/sign-in`);
  await page.getByLabel('Username').fill('ada');
  await page.getByLabel('Password').fill('lovelace');
  await page.getByRole('button', { name: 'Sign in with a server action' }).click();
  await expect(page).toHaveURL(`${app}/dashboard`);
}

/** Opens the page and presses its button. Answers with what the app said to the form. */
async function send(page: Page, url: string, { sandboxed }: FormPage = {}): Promise<Response> {
  await page.goto(url);
  const action = await (sandboxed ? page.frameLocator('iframe') : page).locator('form').getAttribute('action');
  const answer = page.waitForResponse(
    (response) => response.url().split('?')[0] === action && response.request().isNavigationRequest(),
  );
  await (sandboxed ? page.frameLocator('iframe') : page).getByRole('button', { name: 'Send' }).click();
  const response = await answer;
  await response.finished();
  return response;
}

async function sendFrom(place: Place, { page, forms, form }: { page: Page; forms: FormSite; form: Form }) {
  const from = `http://${place.host}:${forms.port}`;
  const response = await send(page, from + forms.put(form, place), place);
  const headers = await response.request().allHeaders();
  expect(headers['sec-fetch-site']).toBe(place.site);
  if (form.method !== 'get') expect(headers.origin).toBe(place.origin === 'null' ? 'null' : from);
  return { response, headers };
}

const sealOf = async (context: BrowserContext) =>
  (await context.cookies()).map(({ name, value }) => `${name}=${value}`);

for (const place of places) {
  test(`a form on ${place.name} signs nobody in`, async ({ page, context, app, forms, redisHolds }) => {
    for (const [name, form] of Object.entries(await signInForms(page, app))) {
      const { response } = await sendFrom(place, { page, forms, form });
      console.log(place.name, '|', name, response.status());
      expect(await context.cookies(), name).toEqual([]);
      expect(await redisHolds(), name).toEqual({});
    }
    await page.goto(app);
    await expect(page.getByRole('banner').getByRole('link', { name: 'Sign in' })).toBeVisible();
  });

  test(`a form on ${place.name} changes nothing for somebody who is signed in`, async ({
    page,
    context,
    app,
    forms,
    redisHolds,
  }) => {
    await signIn(page, app);
    const all = { ...(await mutationForms(page, app)), ...(await signInForms(page, app)) };
    const before = { cookies: await sealOf(context), held: await redisHolds() };
    expect(before.cookies).toEqual([expect.stringMatching(/^__Host-ssid=./)]);
    for (const [name, form] of Object.entries(all)) {
      const { response, headers } = await sendFrom(place, { page, forms, form });
      console.log(place.name, '|', name, response.status(), headers.cookie?.length);
      expect({ cookies: await sealOf(context), held: await redisHolds() }, name).toEqual(before);
    }
    await page.goto(`${app}/account`);
    await expect(page.getByRole('banner')).toContainText('Ada Lovelace');
  });
}

test('the same forms on a page of the app itself sign in and out', async ({
  page,
  context,
  app,
  forms,
  redisHolds,
}) => {
  const signIns = await signInForms(page, app);
  await signIn(page, app);
  const all = { ...signIns, ...(await mutationForms(page, app)) };
  const effects: Record<string, string> = {};
  for (const [name, form] of Object.entries(all)) {
    await context.clearCookies();
    if (!(name in signIns)) await signIn(page, app);
    const before = [await sealOf(context), await redisHolds()];
    await page.route(`${app}/form`, (route) => route.fulfill({ contentType: 'text/html', body: formHtml(form) }));
    const response = await send(page, `${app}/form`);
    await page.unroute(`${app}/form`);
    const after = [await sealOf(context), await redisHolds()];
    console.log('own |', name, response.status(), JSON.stringify(before) === JSON.stringify(after), after[0]?.length);
  }
});
