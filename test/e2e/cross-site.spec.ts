import type { Page } from '@playwright/test';
import type { Redis } from 'ioredis';
import { expect, test as withDemo } from '../_support/e2e.ts';
import { appHost, type Form, type FormSite, places, sendFromApp, serveForms } from '../_support/form-pages.ts';
import { CookieJar, createBrowserFetch } from '../_support/http.ts';

type Forms = Readonly<Record<string, Form>>;

interface Scene {
  /** The demo, under a name that has siblings. */
  readonly app: string;
  /** The browser's cookies and all that Redis holds. */
  readonly state: () => Promise<State>;
}

interface State {
  readonly cookies: readonly string[];
  readonly held: Readonly<Record<string, unknown>>;
}

const test = withDemo.extend<Scene, { site: FormSite }>({
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
      held: await everything(redis.client()),
    }));
  },
});

async function everything(redis: Redis): Promise<Record<string, unknown>> {
  const keys = (await redis.keys('*')).sort();
  return Object.fromEntries(await Promise.all(keys.map(async (key) => [key, await redis.hgetall(key)])));
}

const urlencoded = 'application/x-www-form-urlencoded';

/** All that a form can send to what signs people in. */
async function signInForms(page: Page, app: string) {
  const grace = '"username":"grace","password":"hopper"';
  const who = [['username', 'grace'] as const, ['password', 'hopper'] as const];
  const hidden = [...(await signInAction(page, app)), ['next', '/dashboard'] as const, ...who];
  const action = `${app}/sign-in`;
  const procedure = `${app}/api/trpc/auth.signIn`;
  return {
    'sign-in action': { action, fields: hidden },
    'sign-in action, urlencoded': { action, enctype: urlencoded, fields: hidden },
    'auth.signIn': { action: procedure, fields: who },
    'auth.signIn, urlencoded': { action: procedure, enctype: urlencoded, fields: who },
    // Name, equals sign and value together make `{"json":{…,"more":"="}}`.
    'auth.signIn, text/plain': {
      action: procedure,
      enctype: 'text/plain',
      fields: [[`{"json":{${grace},"more":"`, '"}}']],
    },
    'auth.signIn, GET': { action: procedure, method: 'get', fields: [['input', `{"json":{${grace}}}`]] },
  } satisfies Forms;
}

/** All that a form can send to what ends sessions. */
async function signOutForms(page: Page, app: string): Promise<Forms> {
  const procedure = `${app}/api/trpc/auth.signOut`;
  return {
    'sign-out action': { action: `${app}/`, fields: [[`$ACTION_ID_${await signOutAction(page, app)}`, '']] },
    'auth.signOut': { action: procedure },
    'auth.signOut, urlencoded': { action: procedure, enctype: urlencoded },
    'auth.signOut, text/plain': { action: procedure, enctype: 'text/plain' },
    'auth.signOut, GET': { action: procedure, method: 'get' },
    'session.revokeOthers': { action: `${app}/api/trpc/session.revokeOthers` },
  };
}

/** The fields that say which action a form calls. They stand in the page, for anybody to read. */
async function signInAction(page: Page, app: string): Promise<readonly (readonly [string, string])[]> {
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

/** Which action signs out: the same for all visitors. The browser of any of them names it, here in a request held back. */
async function signOutAction(page: Page, app: string): Promise<string> {
  await page.route(`${app}/`, (route) =>
    'next-action' in route.request().headers() ? route.abort() : route.continue(),
  );
  await page.goto(`${app}/`);
  // Waits for the abort, not for the request: a request that is not handled yet would pass once the route is removed.
  const aborted = page.waitForEvent('requestfailed', (request) => 'next-action' in request.headers());
  await page.getByRole('button', { name: 'Sign out' }).click();
  const id = (await aborted).headers()['next-action'];
  await page.unroute(`${app}/`);
  expect(id).toMatch(/^[0-9a-f]{42}$/);
  return id ?? '';
}

const adaSignsIn = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: '{"json":{"username":"ada","password":"lovelace"}}',
};

async function signIn(page: Page, app: string): Promise<void> {
  await page.goto(`${app}/icon.svg`);
  const status = page.evaluate(async (init) => (await fetch('/api/trpc/auth.signIn', init)).status, adaSignsIn);
  expect(await status).toBe(200);
}

/** So that there is another session to end. */
async function signInElsewhere(origin: string): Promise<void> {
  expect((await createBrowserFetch(new CookieJar(), origin)('/api/trpc/auth.signIn', adaSignsIn)).status).toBe(200);
}

const crossSite = { code: 'FORBIDDEN', session: { reason: 'cross-site' } };
const seal = expect.stringMatching(/^__Host-ssid=Fe26/);

for (const place of places) {
  test(`a form on ${place.name} signs nobody in`, async ({ page, app, site, state }) => {
    for (const [name, form] of Object.entries(await signInForms(page, app))) {
      const answer = await site.send(page, form, place);
      expect(answer.headers()['set-cookie'], name).toBeUndefined();
      expect(await state(), name).toEqual({ cookies: [], held: {} });
    }
  });

  test(`a form on ${place.name} does nothing for somebody signed in`, async ({ page, demo, app, site, state }) => {
    await signIn(page, app);
    await signInElsewhere(demo.url);
    const { 'sign-in action': asGrace } = await signInForms(page, app);
    const forms: Forms = { ...(await signOutForms(page, app)), 'sign-in action': asGrace };
    const before = await state();
    expect(before.cookies).toEqual([seal]);
    for (const [name, form] of Object.entries(forms)) {
      const answer = await site.send(page, form, place);
      // A sibling's form takes the cookie along; of another site, SameSite lets no more than a GET have it.
      const comesAlong = place.site === 'same-site' || form.method === 'get';
      expect(await answer.request().headerValue('cookie'), name).toEqual(comesAlong ? seal : null);
      if (name === 'auth.signOut') expect(await answer.json()).toMatchObject({ error: { json: { data: crossSite } } });
      expect(await state(), name).toEqual(before);
    }
    await page.goto(`${app}/account`);
    await expect(page.getByRole('banner')).toContainText('Ada Lovelace');
  });
}

test('the same forms on a page of the app itself sign in and out', async ({ page, context, demo, app, state }) => {
  const signIns = await signInForms(page, app);
  await signIn(page, app);
  const signOuts = await signOutForms(page, app);
  await signInElsewhere(demo.url);
  const effective: string[] = [];
  for (const [name, form] of Object.entries({ ...signIns, ...signOuts })) {
    await context.clearCookies();
    if (name in signOuts) await signIn(page, app);
    const before = await state();
    await sendFromApp(page, form);
    if (JSON.stringify((await state()).held) !== JSON.stringify(before.held)) effective.push(name);
  }
  expect(effective).toEqual(['sign-in action', 'sign-out action', 'auth.signOut', 'session.revokeOthers']);
});
