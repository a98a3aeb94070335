import { setTimeout as sleep } from 'node:timers/promises';
import { first } from 'trpc-session';
import { cookie } from 'trpc-session/transports/cookie';
import { bearer, header } from 'trpc-session/transports/header';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ada } from '../_support/sessions.ts';
import { testApp, watchEveryMs, writes } from './_support/app.ts';
import { Visitor } from './_support/client.ts';
import { connect, type Handshake, serveSockets } from './_support/sockets.ts';
import { subscribe } from './_support/subscriber.ts';

async function setting(options: Parameters<typeof testApp>[0] = {}) {
  const app = testApp(options);
  const server = await serveSockets(app);
  const visitor = new Visitor();
  const http = visitor.client(server);
  /** A socket that a page of the app itself opened. */
  const own = (handshake: Handshake = {}) =>
    connect(server, { cookie: visitor.cookie, origin: server.origin, ...handshake });
  const token = async () => (await app.sessions.open({ headers: {}, method: 'POST' }).start(ada)).token ?? '';
  return { app, server, visitor, http, own, token, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

describe('a WebSocket that the app itself opened', () => {
  test('carries guarded calls and updates', async () => {
    await using it = await setting();
    await it.http.direct.signIn.mutate();
    using socket = it.own();
    expect(await socket.client.me.query()).toBe('Ada');
    await socket.client.direct.update.mutate();
    expect(await socket.client.visits.query()).toBe(1);
    expect(await it.http.visits.query()).toBe(1);
  });

  test('refuses what would need a cookie before the store is written', async () => {
    await using it = await setting();
    await it.http.direct.signIn.mutate();
    using socket = it.own();
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

  test('believes nothing for longer than a call', async () => {
    await using it = await setting();
    await it.http.direct.signIn.mutate();
    using socket = it.own();
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
    '%s over it ends by itself when its session is revoked',
    async (stream) => {
      await using it = await setting();
      await it.http.direct.signIn.mutate();
      using socket = it.own();
      const subscriber = subscribe(socket.client, stream);
      await subscriber.opened;
      await it.app.sessions.of('ada').revokeAll();
      expect(await subscriber.ended).toMatchObject({ data: { code: 'UNAUTHORIZED', session: { reason: 'expired' } } });
      await sleep(3 * watchEveryMs);
      expect(it.server.handshakes()).toBe(1);
      expect(await socket.client.hello.query()).toBe('hello');
    },
  );

  test('a stream over it that its client stops, or that is cut off, asks no more', async () => {
    await using it = await setting();
    await it.http.direct.signIn.mutate();
    const [stopped, cut] = [it.own(), it.own()];
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

describe.each(foreign)('a WebSocket that another site opened (%o)', (handshake) => {
  test('with our cookie reads and writes nothing', async () => {
    await using it = await setting();
    await it.http.direct.signIn.mutate();
    using socket = it.own({ ...handshake, ...(handshake.origin === undefined && { origin: it.server.origin }) });
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

test('a configured origin may open one', async () => {
  await using it = await setting({ origins: ['https://admin.example.com'] });
  await it.http.direct.signIn.mutate();
  using socket = it.own({ origin: 'https://admin.example.com', site: 'cross-site' });
  expect(await socket.client.me.query()).toBe('Ada');
});

test('a client that is no browser sends no origin, and may open one', async () => {
  await using it = await setting();
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
  ])('carry a token as %s, whoever opened the socket', async (name, transport, write) => {
    await using it = await setting({ transport });
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

  test('pass for no cookie, no origin and no host', async () => {
    await using it = await setting({ transport: first(cookie(), bearer()) });
    await it.http.direct.signIn.mutate();
    const stolen = `ssid=${it.visitor.cookie}`;
    using thief = connect(it.server, {
      origin: it.server.origin,
      connectionParams: { cookie: stolen, Cookie: stolen },
    });
    await expect(thief.client.me.query()).rejects.toMatchObject({ data: { session: { reason: 'missing' } } });
    const claims = { origin: it.server.origin, 'sec-fetch-site': 'same-origin', host: 'evil.example' };
    using forger = it.own({ origin: 'https://evil.example', connectionParams: claims });
    await expect(forger.client.me.query()).rejects.toMatchObject({ data: { session: { reason: 'cross-site' } } });
  });

  test('do not outweigh a header', async () => {
    await using it = await setting({ transport: first(bearer(), cookie()) });
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
  ])('of %j crash nothing', async (params) => {
    await using it = await setting({ transport: bearer() });
    const socket = new WebSocket(`${it.server.origin.replace('http:', 'ws:')}?connectionParams=1`);
    const answers: string[] = [];
    socket.on('message', (data) => answers.push(String(data)));
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send(JSON.stringify({ method: 'connectionParams', data: params }));
    socket.send(JSON.stringify({ id: 1, method: 'query', params: { path: 'me' } }));
    await expect.poll(() => answers.join()).toMatch(/UNAUTHORIZED|PARSE_ERROR/);
    socket.terminate();
    expect(await it.http.hello.query()).toBe('hello');
  });
});
