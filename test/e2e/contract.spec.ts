import { createTRPCClient, httpBatchLink, TRPCClientError } from '@trpc/client';
import superjson from 'superjson';
import type { AppRouter } from '../../app/server/router.ts';
import { expect, test } from '../_support/e2e.ts';
import { CookieJar, createBrowserFetch } from '../_support/http.ts';

/** The demo over tRPC, as any client may use it. */
function clientOf(origin: string, jar = new CookieJar()) {
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

async function refusal(call: Promise<unknown>) {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof TRPCClientError)) throw new Error('The call was expected to be refused.');
  const { code, session } = error.data;
  return { code, reason: session?.reason ?? null };
}

test('signing in, who I am, changing the theme, signing out twice', async ({ demo }) => {
  const api = clientOf(demo.url);
  expect(await api.session.get.query()).toEqual({ status: 'unauthenticated', at: expect.any(Number) });
  expect(await refusal(api.account.me.query())).toEqual({ code: 'UNAUTHORIZED', reason: 'missing' });
  expect(await refusal(api.auth.signIn.mutate({ username: 'ada', password: 'wrong' }))).toEqual({
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

test('a member is refused what is an admin’s', async ({ demo }) => {
  const [ada, grace] = [clientOf(demo.url), clientOf(demo.url)];
  await ada.auth.signIn.mutate({ username: 'ada', password: 'lovelace' });
  await grace.auth.signIn.mutate({ username: 'grace', password: 'hopper' });
  expect(await ada.admin.overview.query()).toBeTruthy();
  expect(await refusal(grace.admin.overview.query())).toEqual({ code: 'FORBIDDEN', reason: 'refused' });
});

test('a session is listed once, and one that is revoked has expired', async ({ demo }) => {
  const [here, there] = [clientOf(demo.url), clientOf(demo.url)];
  await here.auth.signIn.mutate({ username: 'grace', password: 'hopper' });
  await here.session.revokeOthers.mutate();
  await there.auth.signIn.mutate({ username: 'grace', password: 'hopper' });
  const list = await here.session.list.query();
  expect(list).toHaveLength(2);
  const keys = ['createdAt', 'current', 'device', 'id', 'lastSeenAt'];
  for (const entry of list) expect(Object.keys(entry).sort()).toEqual(keys);
  const other = list.find(({ current }) => !current);
  await here.session.revoke.mutate({ id: other?.id ?? '' });
  expect(await refusal(there.account.me.query())).toEqual({ code: 'UNAUTHORIZED', reason: 'expired' });
  expect(await here.account.me.query()).toMatchObject({ name: 'Grace Hopper' });
});

test('what needs a fresh password passes after signing in and confirming', async ({ demo }) => {
  const api = clientOf(demo.url);
  await api.auth.signIn.mutate({ username: 'ada', password: 'lovelace' });
  await api.account.deleteAccount.mutate();
  await refusal(api.account.confirmPassword.mutate({ password: 'hopper' }));
  await api.account.confirmPassword.mutate({ password: 'lovelace' });
  await api.account.deleteAccount.mutate();
  expect(await api.session.list.query()).toContainEqual(expect.objectContaining({ current: true }));
});

test('another site can neither sign anybody in nor out', async ({ demo }) => {
  const jar = new CookieJar();
  const visit = createBrowserFetch(jar, demo.url);
  await clientOf(demo.url, jar).auth.signIn.mutate({ username: 'ada', password: 'lovelace' });
  const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://elsewhere.example' };
  const form = new FormData();
  form.set('anything', 'x');
  const answer = await visit('/api/trpc/auth.signOut', { method: 'POST', body: form, headers });
  expect(answer.status).toBe(403);
  expect(answer.headers.getSetCookie()).toEqual([]);
  expect(await clientOf(demo.url, jar).account.me.query()).toMatchObject({ role: 'admin' });
});
