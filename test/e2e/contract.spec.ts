import { createTRPCClient, httpBatchLink, TRPCClientError } from '@trpc/client';
import superjson from 'superjson';
import type { AppRouter } from '../../app/server/router.ts';
import { expect, test } from '../_support/e2e.ts';
import { CookieJar, createBrowserFetch } from '../_support/http.ts';

/** A tRPC client of the demo, with its own cookies. */
function createClient(origin: string, jar = new CookieJar()) {
  const visit = createBrowserFetch(jar, origin);
  return createTRPCClient<AppRouter>({
    links: [
      httpBatchLink({
        url: `${origin}/api/trpc`,
        transformer: superjson,
        fetch: (url, init) => visit(String(url), init as RequestInit),
      }),
    ],
  });
}

/** Returns the code and the reason with which a call is refused. */
async function getRefusal(call: Promise<unknown>) {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof TRPCClientError)) throw new Error('The call was expected to be refused.');
  const { code, session } = error.data;
  return { code, reason: session?.reason ?? null };
}

test('a client signs in, reads the user, changes the theme and signs out twice', async ({ demo }) => {
  const api = createClient(demo.url);
  expect(await api.session.get.query()).toEqual({ status: 'unauthenticated', at: expect.any(Number) });
  expect(await getRefusal(api.account.me.query())).toEqual({ code: 'UNAUTHORIZED', reason: 'missing' });
  expect(await getRefusal(api.auth.signIn.mutate({ username: 'ada', password: 'wrong' }))).toEqual({
    code: 'UNAUTHORIZED',
    reason: null,
  });
  await api.auth.signIn.mutate({ username: 'ada', password: 'lovelace' });
  expect(await api.account.me.query()).toEqual({ userId: 'user-1', name: 'Ada Lovelace', role: 'admin' });
  const view = await api.session.get.query();
  expect(view).toEqual({
    status: 'authenticated',
    data: { name: 'Ada Lovelace', role: 'admin', theme: expect.any(String) },
    id: expect.any(String),
    revision: 1,
    at: expect.any(Number),
    idleExpiresAt: expect.any(Number),
    expiresAt: expect.any(Number),
  });
  expect(await api.session.set.mutate({ theme: 'dark' })).toMatchObject({ data: { theme: 'dark' }, revision: 2 });
  await api.auth.signOut.mutate();
  await api.auth.signOut.mutate();
  expect(await api.session.get.query()).toMatchObject({ status: 'unauthenticated' });
});

test('a member cannot call an admin procedure', async ({ demo }) => {
  const [ada, grace] = [createClient(demo.url), createClient(demo.url)];
  await ada.auth.signIn.mutate({ username: 'ada', password: 'lovelace' });
  await grace.auth.signIn.mutate({ username: 'grace', password: 'hopper' });
  expect(await ada.admin.overview.query()).toBeTruthy();
  expect(await getRefusal(grace.admin.overview.query())).toEqual({ code: 'FORBIDDEN', reason: 'refused' });
});

test('each session is listed once, and a revoked session has expired', async ({ demo }) => {
  const [here, there] = [createClient(demo.url), createClient(demo.url)];
  await here.auth.signIn.mutate({ username: 'grace', password: 'hopper' });
  await here.session.revokeOthers.mutate();
  await there.auth.signIn.mutate({ username: 'grace', password: 'hopper' });
  const list = await here.session.list.query();
  expect(list).toHaveLength(2);
  const keys = ['createdAt', 'current', 'device', 'id', 'lastSeenAt'];
  for (const entry of list) expect(Object.keys(entry).sort()).toEqual(keys);
  const other = list.find(({ current }) => !current);
  await here.session.revoke.mutate({ id: other?.id ?? '' });
  expect(await getRefusal(there.account.me.query())).toEqual({ code: 'UNAUTHORIZED', reason: 'expired' });
  expect(await here.account.me.query()).toMatchObject({ name: 'Grace Hopper' });
});

test('a procedure that needs a recent password passes after a sign-in and after confirming the password', async ({
  demo,
}) => {
  const api = createClient(demo.url);
  await api.auth.signIn.mutate({ username: 'ada', password: 'lovelace' });
  await api.account.deleteAccount.mutate();
  await getRefusal(api.account.confirmPassword.mutate({ password: 'hopper' }));
  await api.account.confirmPassword.mutate({ password: 'lovelace' });
  await api.account.deleteAccount.mutate();
  expect(await api.session.list.query()).toContainEqual(expect.objectContaining({ current: true }));
});

test('another site cannot sign a user out', async ({ demo }) => {
  const jar = new CookieJar();
  const visit = createBrowserFetch(jar, demo.url);
  await createClient(demo.url, jar).auth.signIn.mutate({ username: 'ada', password: 'lovelace' });
  const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://elsewhere.example' };
  const form = new FormData();
  form.set('anything', 'x');
  const response = await visit('/api/trpc/auth.signOut', { method: 'POST', body: form, headers });
  expect(response.status).toBe(403);
  expect(response.headers.getSetCookie()).toEqual([]);
  expect(await createClient(demo.url, jar).account.me.query()).toMatchObject({ role: 'admin' });
});
