// Slow: a stream ends only after the session was read again (every 100 ms), and each test then waits to see that
// nothing follows.
import { setTimeout as sleep } from 'node:timers/promises';
import { first } from 'trpc-session';
import { cookie } from 'trpc-session/transports/cookie';
import { bearer, header } from 'trpc-session/transports/header';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ada } from '../_support/sessions.ts';
import { createTestApp, watchEveryMs, writes } from './_support/app.ts';
import { Visitor } from './_support/client.ts';
import { connect, type Handshake, serveSockets } from './_support/sockets.ts';
import { subscribe } from './_support/subscriber.ts';

async function setUp(options: Parameters<typeof createTestApp>[0] = {}) {
  const app = createTestApp(options);
  const server = await serveSockets(app);
  const visitor = new Visitor();
  const http = visitor.client(server);
  /** Opens a socket as a page of the app does. */
  const openSocket = (handshake: Handshake = {}) =>
    connect(server, { cookie: visitor.cookie, origin: server.origin, ...handshake });
  const token = async () => (await app.sessions.open({ headers: {}, method: 'POST' }).start(ada)).token ?? '';
  return { app, server, visitor, http, openSocket, token, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

describe('a WebSocket from a page of the app', () => {
  test('carries guarded calls and updates', async () => {
    await using it = await setUp();
    await it.http.direct.signIn.mutate();
    using socket = it.openSocket();
    expect(await socket.client.me.query()).toBe('Ada');
    await socket.client.direct.update.mutate();
    expect(await socket.client.visits.query()).toBe(1);
    expect(await it.http.visits.query()).toBe(1);
  });

  test('refuses a sign-in before the store is written, because it cannot set a cookie', async () => {
    await using it = await setUp();
    await it.http.direct.signIn.mutate();
    using socket = it.openSocket();
    it.app.calls.length = 0;
    for (const call of [socket.client.direct.signIn.mutate(), socket.client.direct.regenerate.mutate()]) {
      await expect(call).rejects.toMatchObject({
        message: expect.stringContaining('A WebSocket has sent its headers'),
      });
    }
    expect(it.app.calls.filter((call) => writes.has(call))).toEqual([]);
    expect(await socket.client.direct.signOut.mutate()).toEqual({ cookieCleared: false });
    await expect(it.http.me.query()).rejects.toMatchObject({ data: { session: { reason: 'expired' } } });
  });

  test('reads the session for every call', async () => {
    await using it = await setUp();
    await it.http.direct.signIn.mutate();
    using socket = it.openSocket();
    expect(await socket.client.me.query()).toBe('Ada');
    expect(await socket.client.maybe.query()).toBe('Ada');
    it.app.calls.length = 0;
    expect(await socket.client.me.query()).toBe('Ada');
    expect(it.app.calls).toEqual(['read']);
    await it.app.sessions.of('ada').revokeAll();
    expect(await socket.client.maybe.query()).toBeNull();
    await expect(socket.client.me.query()).rejects.toMatchObject({
      data: { code: 'UNAUTHORIZED', session: { reason: 'expired' } },
    });
  });

  test.each(['quiet', 'deaf', 'busy', 'observed'] as const)(
    'carries the stream %s, which ends when its session is revoked',
    async (stream) => {
      await using it = await setUp();
      await it.http.direct.signIn.mutate();
      using socket = it.openSocket();
      const subscriber = subscribe(socket.client, stream);
      await subscriber.opened;
      await it.app.sessions.of('ada').revokeAll();
      expect(await subscriber.ended).toMatchObject({ data: { code: 'UNAUTHORIZED', session: { reason: 'expired' } } });
      await sleep(3 * watchEveryMs);
      expect(it.server.handshakes()).toBe(1);
      expect(await socket.client.hello.query()).toBe('hello');
    },
  );

  test('stops reading the session of a stream that the client stopped or that was cut off', async () => {
    await using it = await setUp();
    await it.http.direct.signIn.mutate();
    const [stopped, cut] = [it.openSocket(), it.openSocket()];
    const subscribers = [stopped, cut].map(({ client }) => subscribe(client, 'deaf'));
    await Promise.all(subscribers.map(({ opened }) => opened));
    subscribers[0]?.unsubscribe();
    cut[Symbol.dispose]();
    await sleep(watchEveryMs);
    it.app.calls.length = 0;
    await sleep(3 * watchEveryMs);
    expect(it.app.calls).toEqual([]);
    stopped[Symbol.dispose]();
  });
});

const foreign: readonly Handshake[] = [
  { origin: 'https://evil.example' },
  { origin: 'null' },
  { origin: 'http://sub.127.0.0.1:80' },
  { origin: 'https://evil.example', site: 'cross-site' },
  { site: 'same-site' },
];

describe.each(foreign)('a WebSocket from a page of another site (%o)', (handshake) => {
  test('cannot read or write the session of its cookie', async () => {
    await using it = await setUp();
    await it.http.direct.signIn.mutate();
    using socket = it.openSocket({ ...handshake, ...(handshake.origin === undefined && { origin: it.server.origin }) });
    const { client } = socket;
    it.app.calls.length = 0;
    const refusal = { data: { code: 'FORBIDDEN', session: { reason: 'cross-site' } } };
    await expect(client.me.query()).rejects.toMatchObject(refusal);
    await expect(client.direct.signOut.mutate()).rejects.toMatchObject(refusal);
    await expect(client.direct.update.mutate()).rejects.toMatchObject(refusal);
    await expect(client.maybe.query()).rejects.toMatchObject(refusal);
    await expect(client.session.get.query()).rejects.toMatchObject(refusal);
    expect(await subscribe(client, 'quiet').ended).toMatchObject(refusal);
    expect(await client.hello.query()).toBe('hello');
    expect(it.app.calls).toEqual([]);
    expect(await it.http.me.query()).toBe('Ada');
  });
});

test('a WebSocket from a configured origin is accepted', async () => {
  await using it = await setUp({ origins: ['https://admin.example.com'] });
  await it.http.direct.signIn.mutate();
  using socket = it.openSocket({ origin: 'https://admin.example.com', site: 'cross-site' });
  expect(await socket.client.me.query()).toBe('Ada');
});

test('a WebSocket without an origin, from a client that is no browser, is accepted', async () => {
  await using it = await setUp();
  await it.http.direct.signIn.mutate();
  using socket = connect(it.server, { cookie: it.visitor.cookie });
  expect(await socket.client.me.query()).toBe('Ada');
});

describe('connectionParams', () => {
  test.each([
    ['authorization', bearer(), (token: string) => `Bearer ${token}`],
    ['Authorization', bearer(), (token: string) => `bearer ${token}`],
    ['token', bearer(), (token: string) => token],
    ['x-session', header('X-Session'), (token: string) => token],
    ['token', first(cookie(), bearer()), (token: string) => token],
  ])('carry a token as %s, from any site', async (name, transport, write) => {
    await using it = await setUp({ transport });
    const outside = it.app.sessions.open({
      headers: { authorization: 'Bearer none', 'x-session': 'none' },
      method: 'POST',
    });
    const { token } = await outside.start(ada);
    using socket = connect(it.server, {
      origin: 'https://evil.example',
      connectionParams: { [name]: write(token ?? '') },
    });
    expect(await socket.client.me.query()).toBe('Ada');
    const subscriber = subscribe(socket.client, 'quiet');
    await subscriber.opened;
    await it.app.sessions.of('ada').revokeAll();
    expect(await subscriber.ended).toMatchObject({ data: { session: { reason: 'expired' } } });
  });

  test('cannot set a cookie, an origin or a host', async () => {
    await using it = await setUp({ transport: first(cookie(), bearer()) });
    await it.http.direct.signIn.mutate();
    const stolen = `ssid=${it.visitor.cookie}`;
    using thief = connect(it.server, {
      origin: it.server.origin,
      connectionParams: { cookie: stolen, Cookie: stolen },
    });
    await expect(thief.client.me.query()).rejects.toMatchObject({ data: { session: { reason: 'missing' } } });
    const claims = { origin: it.server.origin, 'sec-fetch-site': 'same-origin', host: 'evil.example' };
    using forger = it.openSocket({ origin: 'https://evil.example', connectionParams: claims });
    await expect(forger.client.me.query()).rejects.toMatchObject({ data: { session: { reason: 'cross-site' } } });
  });

  test('do not replace a header', async () => {
    await using it = await setUp({ transport: first(bearer(), cookie()) });
    const info = { type: 'unknown', calls: [], connectionParams: { token: await it.token() } };
    const sent = { authorization: 'Bearer another' };
    for (const headers of [sent, new Headers(sent)]) {
      expect(await it.app.createContext({ req: { headers }, info }).session.get()).toBeNull();
    }
    for (const headers of [{}, new Headers()]) {
      expect(await it.app.createContext({ req: { headers }, info }).session.get()).not.toBeNull();
    }
  });

  test.each([
    7,
    null,
    [],
    {},
    { token: 1 },
    { token: null },
    { authorization: {} },
    { token: '' },
    { token: ' ' },
    'text',
  ])('do not crash the server when they are %j', async (params) => {
    await using it = await setUp({ transport: bearer() });
    const socket = new WebSocket(`${it.server.origin.replace('http:', 'ws:')}?connectionParams=1`);
    const messages: string[] = [];
    socket.on('message', (data) => messages.push(String(data)));
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send(JSON.stringify({ method: 'connectionParams', data: params }));
    socket.send(JSON.stringify({ id: 1, method: 'query', params: { path: 'me' } }));
    await expect.poll(() => messages.join()).toMatch(/UNAUTHORIZED|PARSE_ERROR/);
    socket.terminate();
    expect(await it.http.hello.query()).toBe('hello');
  });
});
