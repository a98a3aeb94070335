import { randomUUID } from 'node:crypto';
import { NextRequest } from 'next/server.js';
import { createSessions } from 'trpc-session';
import { createNextSession, type PagePath, type SessionProxyOptions } from 'trpc-session/next';
import { memoryStore } from 'trpc-session/stores/memory';
import { type Fault, faultyStore, signInAs } from 'trpc-session/testing';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

const faults: Fault[] = [];
const sessions = createSessions({
  schema: z.object({ userId: z.string() }),
  subject: (data) => data.userId,
  view: () => ({}),
  store: faultyStore(memoryStore({ name: randomUUID() }), faults),
  secret: 'a secret of at least thirty-two characters',
});

interface Visit extends SessionProxyOptions {
  readonly signIn?: PagePath;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly base?: string;
}

async function visit(
  path: string,
  { signIn = '/sign-in', method = 'GET', headers = {}, base = '', ...options }: Visit = {},
) {
  const { sessionProxy } = createNextSession(sessions, { signIn });
  const url = `https://shop.example${base}${path}`;
  const response = await sessionProxy(options)(
    new NextRequest(url, { method, headers, nextConfig: { basePath: base } }),
  );
  return {
    location: response.headers.get('location'),
    path: response.headers.get('x-middleware-request-trpc-session-path'),
    response,
  };
}

/** Signs a user in, and returns the headers of the browser's next request. */
async function signIn() {
  return Object.fromEntries((await signInAs(sessions, { userId: 'ada' })).headers);
}

test('redirects a visitor without a cookie to the sign-in page, with the path to return to', async () => {
  expect((await visit('/account?tab=1')).location).toBe('https://shop.example/sign-in?next=%2Faccount%3Ftab%3D1');
});

test('no cache keeps the redirect for other visitors', async () => {
  const { headers } = (await visit('/account')).response;
  expect(headers.get('cache-control')).toBe('private, no-store');
  expect(headers.get('vary')).toBe('Cookie');
});

test('below a base path, the redirect keeps it, and the path to return to is without it', async () => {
  const { location } = await visit('/account', { base: '/shop' });
  expect(location).toBe('https://shop.example/shop/sign-in?next=%2Faccount');
});

test('a visitor with a cookie passes, and the page gets its path', async () => {
  const { location, path } = await visit('/account?tab=1', { headers: await signIn() });
  expect({ location, path }).toEqual({ location: null, path: '/account?tab=1' });
});

test('replaces a path that the client sent', async () => {
  const headers = { ...(await signIn()), 'trpc-session-path': '/elsewhere' };
  expect((await visit('/account', { headers })).path).toBe('/account');
});

test('a form that is posted to a page passes', async () => {
  expect((await visit('/account', { method: 'POST' })).location).toBeNull();
});

test('the sign-in page itself passes, even if the matcher covers it', async () => {
  expect((await visit('/sign-in?next=%2Faccount')).location).toBeNull();
});

test('a function chooses the sign-in page by the path or by a header', async () => {
  const signIn: PagePath = ({ path, header }) =>
    path?.startsWith('/de/') || header('accept-language') === 'de' ? '/de/anmelden' : '/sign-in';
  expect((await visit('/de/konto', { signIn })).location).toBe('https://shop.example/de/anmelden?next=%2Fde%2Fkonto');
  const headers = { 'accept-language': 'de' };
  expect((await visit('/account', { signIn, headers })).location).toContain('/de/anmelden?');
});

test('a sign-in path, and a path to return to, may have letters of any language', async () => {
  const { location } = await visit('/账户', { signIn: '/登录' });
  expect(location).toBe('https://shop.example/%E7%99%BB%E5%BD%95?next=%2F%25E8%25B4%25A6%25E6%2588%25B7');
});

test('a sign-in path with a next of its own keeps it', async () => {
  expect((await visit('/account', { signIn: '/sign-in?next=/home' })).location).toBe(
    'https://shop.example/sign-in?next=/home',
  );
});

test.each(['https://evil.example/', '//evil.example', 'sign-in', ''])(
  'a function that returns %j is refused',
  async (path) => {
    await expect(visit('/account', { signIn: () => path })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  },
);

test('a session that has ended passes, unless the proxy reads the store', async () => {
  const headers = await signIn();
  await sessions.of('ada').revokeAll();
  expect((await visit('/account', { headers })).location).toBeNull();
  expect((await visit('/account', { headers, check: 'session' })).location).toContain('/sign-in?next=');
});

test('with check: session, a live session passes', async () => {
  expect((await visit('/account', { headers: await signIn(), check: 'session' })).location).toBeNull();
});

test('during an outage, no visitor is sent to the sign-in page', async () => {
  const headers = await signIn();
  faults.push({ operation: 'read', at: 'before', fault: 'throw' });
  onTestFinished(() => void faults.pop());
  expect((await visit('/account', { headers, check: 'session' })).location).toBeNull();
});

test('without a sign-in path, or with an unknown check, throws an error that names the option', () => {
  const { sessionProxy } = createNextSession(sessions);
  expect(() => sessionProxy()).toThrow(/signIn/);
  const named = createNextSession(sessions, { signIn: '/sign-in' });
  expect(() => named.sessionProxy({ check: 'cookie' as 'token' })).toThrow(/check/);
  expect(() => createNextSession(sessions, { reauthenticate: 'https://evil.example' })).toThrow(/reauthenticate/);
});
