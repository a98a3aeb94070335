import type { Page } from '@playwright/test';
import type { Redis } from 'ioredis';
import { expect, test as withDemo } from '../_support/e2e.ts';
import { appHost, type Form, type FormSite, places, sendFromApp, serveForms } from '../_support/form-pages.ts';
import { CookieJar, createBrowserFetch } from '../_support/http.ts';

type Forms = Readonly<Record<string, Form>>;

interface Fixtures {
  /** The origin of the demo, under a host name that has sibling subdomains. */
  readonly app: string;
  /** Returns the browser's cookies and the content of Redis. */
  readonly state: () => Promise<State>;
}

interface State {
  readonly cookies: readonly string[];
  readonly stored: Readonly<Record<string, unknown>>;
}

const test = withDemo.extend<Fixtures, { site: FormSite }>({
  site: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of what a fixture needs from a pattern
    async ({}, use) => {
      await using site = await serveForms();
      await use(site);
    },
    { scope: 'worker' },
  ],
  app: async ({ demo }, use) => use(`http://${appHost}:${demo.port}`),
  state: async ({ redis, context }, use) => {
    await redis.client().flushall();
    await use(async () => ({
      cookies: (await context.cookies()).map(({ name, value }) => `${name}=${value}`),
      stored: await readAllKeys(redis.client()),
    }));
  },
});

async function readAllKeys(redis: Redis): Promise<Record<string, unknown>> {
  const keys = (await redis.keys('*')).sort();
  return Object.fromEntries(await Promise.all(keys.map(async (key) => [key, await redis.hgetall(key)])));
}

const urlencoded = 'application/x-www-form-urlencoded';

/** Every kind of form that could sign a user in. */
async function createSignInForms(page: Page, app: string) {
  const grace = '"username":"grace","password":"hopper"';
  const credentials = [['username', 'grace'] as const, ['password', 'hopper'] as const];
  const hidden = [...(await readSignInAction(page, app)), ['next', '/dashboard'] as const, ...credentials];
  const action = `${app}/sign-in`;
  const procedure = `${app}/api/trpc/auth.signIn`;
  return {
    'sign-in action': { action, fields: hidden },
    'sign-in action, urlencoded': { action, enctype: urlencoded, fields: hidden },
    'auth.signIn': { action: procedure, fields: credentials },
    'auth.signIn, urlencoded': { action: procedure, enctype: urlencoded, fields: credentials },
    // A text/plain form sends `name=value`, which is the JSON `{"json":{…,"more":"="}}` here.
    'auth.signIn, text/plain': {
      action: procedure,
      enctype: 'text/plain',
      fields: [[`{"json":{${grace},"more":"`, '"}}']],
    },
    'auth.signIn, GET': { action: procedure, method: 'get', fields: [['input', `{"json":{${grace}}}`]] },
  } satisfies Forms;
}

/** Every kind of form that could end a session. */
async function createSignOutForms(page: Page, app: string): Promise<Forms> {
  const procedure = `${app}/api/trpc/auth.signOut`;
  return {
    'sign-out action': { action: `${app}/`, fields: [[`$ACTION_ID_${await readSignOutAction(page, app)}`, '']] },
    'auth.signOut': { action: procedure },
    'auth.signOut, urlencoded': { action: procedure, enctype: urlencoded },
    'auth.signOut, text/plain': { action: procedure, enctype: 'text/plain' },
    'auth.signOut, GET': { action: procedure, method: 'get' },
    'session.revokeOthers': { action: `${app}/api/trpc/session.revokeOthers` },
  };
}

/** Reads the hidden fields that select the server action. They are in the page, so any site can read them. */
async function readSignInAction(page: Page, app: string): Promise<readonly (readonly [string, string])[]> {
  await page.goto(`${app}/icon.svg`);
  return page.evaluate(async () => {
    const html = await (await fetch('/sign-in')).text();
    const fields = new DOMParser()
      .parseFromString(html, 'text/html')
      .querySelectorAll('.sign-in-form [name^="$ACTION"]');
    return Array.from(
      fields,
      (field) => [field.getAttribute('name') ?? '', field.getAttribute('value') ?? ''] as const,
    );
  });
}

/** Reads the id of the sign-out action from the request that the button sends, and aborts that request. */
async function readSignOutAction(page: Page, app: string): Promise<string> {
  await page.route(`${app}/`, (route) =>
    'next-action' in route.request().headers() ? route.abort() : route.continue(),
  );
  await page.goto(`${app}/`);
  // Waits for the abort, not for the request: once the route is removed, a request that is still pending would be sent.
  const aborted = page.waitForEvent('requestfailed', (request) => 'next-action' in request.headers());
  await page.getByRole('button', { name: 'Sign out' }).click();
  const id = (await aborted).headers()['next-action'];
  await page.unroute(`${app}/`);
  expect(id).toMatch(/^[0-9a-f]{42}$/);
  return id ?? '';
}

const adaSignIn = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: '{"json":{"username":"ada","password":"lovelace"}}',
};

async function signIn(page: Page, app: string): Promise<void> {
  await page.goto(`${app}/icon.svg`);
  const status = page.evaluate(async (init) => (await fetch('/api/trpc/auth.signIn', init)).status, adaSignIn);
  expect(await status).toBe(200);
}

/** Creates another session, which `revokeOthers` could end. */
async function signInElsewhere(origin: string): Promise<void> {
  expect((await createBrowserFetch(new CookieJar(), origin)('/api/trpc/auth.signIn', adaSignIn)).status).toBe(200);
}

const crossSite = { code: 'FORBIDDEN', session: { reason: 'cross-site' } };
const sealedCookie = expect.stringMatching(/^__Host-ssid=Fe26/);

for (const place of places) {
  test(`a form on ${place.name} cannot sign a user in`, async ({ page, app, site, state }) => {
    for (const [name, form] of Object.entries(await createSignInForms(page, app))) {
      const response = await site.send(page, form, place);
      expect(response.headers()['set-cookie'], name).toBeUndefined();
      expect(await state(), name).toEqual({ cookies: [], stored: {} });
    }
  });

  test(`a form on ${place.name} changes nothing for a signed-in user`, async ({ page, demo, app, site, state }) => {
    await signIn(page, app);
    await signInElsewhere(demo.url);
    const { 'sign-in action': asGrace } = await createSignInForms(page, app);
    const forms: Forms = { ...(await createSignOutForms(page, app)), 'sign-in action': asGrace };
    const before = await state();
    expect(before.cookies).toEqual([sealedCookie]);
    for (const [name, form] of Object.entries(forms)) {
      const response = await site.send(page, form, place);
      // The browser sends the cookie with forms of a sibling. With SameSite=Lax, another site gets it only with a GET.
      const sendsCookie = place.site === 'same-site' || form.method === 'get';
      expect(await response.request().headerValue('cookie'), name).toEqual(sendsCookie ? sealedCookie : null);
      if (name === 'auth.signOut')
        expect(await response.json()).toMatchObject({ error: { json: { data: crossSite } } });
      expect(await state(), name).toEqual(before);
    }
    await page.goto(`${app}/account`);
    await expect(page.getByRole('banner')).toContainText('Ada Lovelace');
  });
}

test('the same forms on a page of the app sign in and out', async ({ page, context, demo, app, state }) => {
  const signIns = await createSignInForms(page, app);
  await signIn(page, app);
  const signOuts = await createSignOutForms(page, app);
  await signInElsewhere(demo.url);
  const effective: string[] = [];
  for (const [name, form] of Object.entries({ ...signIns, ...signOuts })) {
    await context.clearCookies();
    if (name in signOuts) await signIn(page, app);
    const before = await state();
    await sendFromApp(page, form);
    if (JSON.stringify((await state()).stored) !== JSON.stringify(before.stored)) effective.push(name);
  }
  expect(effective).toEqual(['sign-in action', 'sign-out action', 'auth.signOut', 'session.revokeOthers']);
});
