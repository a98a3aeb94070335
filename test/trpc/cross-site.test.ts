// Slow: it starts an HTTP server per test.
import { bearer } from 'trpc-session/transports/header';
import { describe, expect, test } from 'vitest';
import { ada } from '../_support/sessions.ts';
import { createTestApp } from './_support/app.ts';
import { Visitor } from './_support/client.ts';
import { serve } from './_support/servers.ts';

type SentHeaders = Readonly<Record<string, string>>;
type SentBody = { readonly type: string | null; readonly body: BodyInit };

async function setUp(options: Parameters<typeof createTestApp>[0] = {}) {
  const app = createTestApp(options);
  const server = await serve('fetch', app);
  const visitor = new Visitor();
  const own = visitor.client(server);
  /** Sends a request as a page of another site can make the visitor's browser send it. */
  const send = async (path: string, from: SentHeaders, { type, body }: SentBody = json, cookie = visitor.cookie) => {
    const headers = { ...from, ...(type && { 'content-type': type }), ...(cookie && { cookie: `ssid=${cookie}` }) };
    const response = await fetch(`${server.url}/${path}`, { method: 'POST', headers, body });
    return { status: response.status, result: await response.json(), cookies: response.headers.getSetCookie() };
  };
  return { app, server, visitor, own, send, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const json: SentBody = { type: 'application/json', body: '{}' };
const bodies: Readonly<Record<string, () => SentBody>> = {
  JSON: () => json,
  'multipart/form-data': () => {
    const form = new FormData();
    form.set('title', 'Tides');
    return { type: null, body: form };
  },
  'application/octet-stream': () => ({ type: 'application/octet-stream', body: 'bytes' }),
};

const elsewhere: Readonly<Record<string, SentHeaders>> = {
  'another site': { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
  'a sibling subdomain': { 'sec-fetch-site': 'same-site', origin: 'http://sub.127.0.0.1' },
  'another site, in an old browser': { origin: 'https://evil.example' },
  'a sandboxed frame': { origin: 'null' },
  'another port of the same host': { origin: 'http://127.0.0.1:1' },
  'a client that sends neither header, but the cookie': {},
};

const refusal = {
  error: { json: { data: { code: 'FORBIDDEN', httpStatus: 403, session: { reason: 'cross-site' } } } },
};
const table = Object.keys(elsewhere).flatMap((from) => Object.keys(bodies).map((kind) => ({ from, kind })));

describe.each(table)('a $kind mutation from $from', ({ from, kind }) => {
  const [headers = {}, body = () => json] = [elsewhere[from], bodies[kind]];

  test('is refused by every guard and ends no session', async () => {
    await using it = await setUp();
    await it.own.direct.signIn.mutate();
    it.app.calls.length = 0;
    for (const path of ['direct.update', 'session.revokeOthers', 'upload', 'session.destroy', 'direct.signOut']) {
      expect(await it.send(path, headers, body())).toMatchObject({
        status: 403,
        result: refusal,
        cookies: expect.not.arrayContaining([expect.stringMatching(/^ssid=/)]),
      });
    }
    expect(it.app.calls).toEqual([]);
    expect(await it.own.me.query()).toBe('Ada');
  });

  test('cannot replace the session by a sign-in', async () => {
    await using it = await setUp();
    await it.own.direct.signIn.mutate();
    it.app.calls.length = 0;
    expect(await it.send('direct.signIn', headers, body())).toMatchObject({ status: 403, result: refusal });
    expect(it.app.calls).toEqual([]);
  });
});

const browsers = Object.entries(elsewhere).filter(([, headers]) => Object.keys(headers).length > 0);

test.each(browsers)('a signed-out visitor is not signed in by %s', async (_, headers) => {
  await using it = await setUp();
  for (const body of Object.values(bodies)) {
    const { status, result, cookies } = await it.send('direct.signIn', headers, body());
    expect({ status, result }).toMatchObject({ status: 403, result: refusal });
    expect(cookies.filter((line) => line.startsWith('ssid='))).toEqual([]);
  }
  expect(it.app.calls).toEqual([]);
});

test('a client that sends neither header and no cookie, so no browser, signs in', async () => {
  await using it = await setUp();
  const { status, cookies } = await it.send('direct.signIn', {});
  expect(status).toBe(200);
  expect(cookies.filter((line) => line.startsWith('ssid='))).toHaveLength(1);
});

test('public mutations that do not write the session run from any site', async () => {
  await using it = await setUp();
  await it.own.direct.signIn.mutate();
  for (const headers of Object.values(elsewhere)) {
    expect((await it.send('fails', headers)).status).toBe(404);
  }
});

test('queries run from any site, because a page of another site cannot read the response', async () => {
  await using it = await setUp();
  await it.own.direct.signIn.mutate();
  for (const headers of Object.values(elsewhere)) {
    const response = await fetch(`${it.server.url}/me`, {
      headers: { ...headers, cookie: `ssid=${it.visitor.cookie}` },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  }
});

test('every call of a batch from another site is refused', async () => {
  await using it = await setUp();
  await it.own.direct.signIn.mutate();
  const from = elsewhere['another site'] ?? {};
  const { status, result } = await it.send('direct.update,direct.signOut?batch=1', from);
  expect(status).toBe(403);
  expect(result).toMatchObject([refusal, refusal]);
});

describe('a configured origin', () => {
  const origins = ['https://admin.example.com'];

  test('may write the session', async () => {
    await using it = await setUp({ origins });
    await it.own.direct.signIn.mutate();
    const from = { 'sec-fetch-site': 'same-site', origin: 'https://admin.example.com' };
    expect((await it.send('direct.update', from)).status).toBe(200);
  });

  test.each([
    'http://admin.example.com',
    'https://admin.example.com:8443',
    'https://admin.example.com.evil.example',
    'https://sub.admin.example.com',
    'https://example.com',
    'https://ADMIN.example.com',
    'https://admin.example.com/',
  ])('is compared exactly: %s may not write', async (origin) => {
    await using it = await setUp({ origins });
    await it.own.direct.signIn.mutate();
    for (const from of [{ origin }, { origin, 'sec-fetch-site': 'cross-site' }]) {
      expect(await it.send('direct.update', from)).toMatchObject({ status: 403, result: refusal });
    }
  });
});

test('a bearer token is accepted from any site, because browsers do not send it by themselves', async () => {
  await using it = await setUp({ transport: bearer() });
  const { token } = await it.app.sessions.open({ headers: {}, method: 'POST' }).start(ada);
  for (const headers of Object.values(elsewhere)) {
    const { status } = await it.send('direct.update', { ...headers, authorization: `Bearer ${token}` });
    expect(status).toBe(200);
  }
});
