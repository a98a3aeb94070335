// Slow: it starts HTTP servers.
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { connect, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createHTTP2Handler } from '@trpc/server/adapters/standalone';
import { cookie } from 'trpc-session/transports/cookie';
import { createTrpcSession } from 'trpc-session/trpc';
import { describe, expect, test } from 'vitest';
import { ada } from '../_support/sessions.ts';
import { createTestApp, createTestSessions } from './_support/app.ts';
import { listen } from './_support/servers.ts';

const post = { headers: { 'sec-fetch-site': 'same-origin' }, method: 'POST' } as const;

describe('createContext', () => {
  test.each([
    ['nothing', undefined],
    ['an empty request', { req: { headers: {} } }],
    ['a response that is null', { req: { headers: {} }, res: null }],
    ['a response of another kind', { req: { headers: {} }, res: { raw: { send() {} } } }],
    ['a cookie that cannot be opened', { req: { headers: { cookie: 'ssid=%%%' } } }],
    ['a cookie that was sent twice', { req: { headers: { cookie: 'ssid=a; ssid=b' } } }],
    ['headers without values', { req: { headers: { cookie: undefined, host: undefined } } }],
    ['a subscription without connectionParams', { info: { type: 'subscription' } }],
  ])('does not throw, does not call the store and is signed out with %s', async (_, options) => {
    const { sessions, calls } = createTestSessions();
    const { session } = createTrpcSession(sessions).createContext(options as never);
    expect(calls).toEqual([]);
    expect(await session.get()).toBeNull();
    await expect(session.require()).rejects.toMatchObject({ code: 'MISSING' });
    expect(calls).toEqual([]);
  });

  test('works without a store until a method needs one', async () => {
    const { sessions } = createTestSessions({ store: undefined });
    const { session } = createTrpcSession(sessions).createContext({ req: post, resHeaders: new Headers() });
    await expect(session.start(ada)).rejects.toMatchObject({ code: 'NOT_CONFIGURED' });
  });
});

describe("Node's response", () => {
  /** Signs in, lets the app write the response in its own way, and returns the headers that arrived. */
  async function fetchHeaders(write: RequestListener): Promise<Headers> {
    const { createContext } = createTrpcSession(createTestSessions().sessions);
    await using server = await listen(async (req, res) => {
      res.setHeader('set-cookie', 'early=1');
      await createContext({ req: post, res }).session.start(ada);
      write(req, res);
    });
    const { headers } = await fetch(server.origin);
    return headers;
  }

  const cookieNames = (headers: Headers) =>
    headers
      .getSetCookie()
      .map((line) => line.split('=')[0])
      .toSorted();

  test.each<[string, RequestListener, string[]]>([
    ['with end()', (_, res) => res.end(), ['early', 'ssid']],
    [
      'with flushHeaders()',
      (_, res) => {
        res.flushHeaders();
        res.end();
      },
      ['early', 'ssid'],
    ],
    [
      'with write()',
      (_, res) => {
        res.write('x');
        res.end();
      },
      ['early', 'ssid'],
    ],
    ['with writeHead(status)', (_, res) => res.writeHead(201).end(), ['early', 'ssid']],
    ['with writeHead(status, message)', (_, res) => res.writeHead(201, 'Made').end(), ['early', 'ssid']],
    [
      'with writeHead(status, headers)',
      (_, res) => res.writeHead(200, { vary: 'Accept', 'set-cookie': 'late=1' }).end(),
      ['late', 'ssid'],
    ],
    [
      'with writeHead(status, message, headers)',
      (_, res) => res.writeHead(200, 'Fine', { 'Set-Cookie': ['late=1', 'later=1'] }).end(),
      ['late', 'later', 'ssid'],
    ],
    [
      'with writeHead(status, flat list)',
      (_, res) => res.writeHead(200, ['Set-Cookie', 'late=1', 'Vary', 'Accept', 'Set-Cookie', 'later=1']).end(),
      ['late', 'later', 'ssid'],
    ],
    [
      'with writeHead(status, list of pairs)',
      (_, res) =>
        res
          .writeHead(200, [
            ['Set-Cookie', 'late=1'],
            ['Vary', 'Accept'],
          ] as never)
          .end(),
      ['late', 'ssid'],
    ],
    [
      'after the app overwrote them',
      (_, res) =>
        res
          .setHeader('set-cookie', 'late=1')
          .setHeader('vary', 'Accept')
          .setHeader('cache-control', 'public, max-age=60')
          .end(),
      ['late', 'ssid'],
    ],
    [
      'after the app removed them',
      (_, res) => {
        for (const name of ['set-cookie', 'vary', 'cache-control']) res.removeHeader(name);
        res.end();
      },
      ['ssid'],
    ],
  ])('carries the headers of the session when the app responds %s', async (_, write, names) => {
    const headers = await fetchHeaders(write);
    expect(cookieNames(headers)).toEqual(names);
    expect(headers.get('cache-control')).toBe('private, no-store');
    expect(headers.get('vary')).toMatch(/(^|, )Cookie$/);
  });

  test('can be sent already when the session is read', async () => {
    const { createContext } = createTrpcSession(createTestSessions().sessions);
    const results: unknown[] = [];
    await using server = await listen(async (_req, res) => {
      res.end();
      results.push(
        await createContext({ req: post, res })
          .session.get()
          .catch((error) => error),
      );
    });
    await fetch(server.origin);
    await expect.poll(() => results).toEqual([null]);
  });

  test('was sent while the store was writing: sign-in fails and leaves no session', async () => {
    const { sessions, store, calls } = createTestSessions();
    const { start } = store;
    const outcomes: unknown[] = [];
    await using server = await listen(async (_req, res) => {
      store.start = (command) => {
        res.end();
        return start(command);
      };
      const { session } = createTrpcSession(sessions).createContext({ req: post, res });
      for (let attempt = 0; attempt < 2; attempt += 1) outcomes.push(await session.start(ada).catch((error) => error));
      outcomes.push(await session.destroy());
    });
    await fetch(server.origin);
    await expect.poll(() => outcomes).toHaveLength(3);
    const unwritable = { code: 'COOKIE_UNWRITABLE', message: expect.stringContaining('already been sent') };
    expect(outcomes).toMatchObject([unwritable, unwritable, { cookieCleared: false }]);
    expect(calls.filter((call) => call === 'destroy').length).toBeGreaterThan(0);
    expect(await sessions.of('ada').list()).toEqual([]);
  });
});

test('over HTTP/2 the cookie arrives, and the origin is compared with :authority', async () => {
  const app = createTestApp();
  const server = createServer(createHTTP2Handler({ router: app.router, createContext: app.createContext }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const authority = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = connect(`http://${authority}`);
  const signIn = async (origin: string) => {
    const stream = client.request({
      ':method': 'POST',
      ':path': '/direct.signIn',
      'content-type': 'application/json',
      origin,
    });
    stream.end('{}');
    const [headers] = await once(stream, 'response');
    stream.resume();
    return headers;
  };
  expect(await signIn('http://evil.example')).toMatchObject({ ':status': 403 });
  const headers = await signIn(`http://${authority}`);
  expect(headers).toMatchObject({
    ':status': 200,
    'cache-control': 'private, no-store',
    'set-cookie': [expect.stringMatching(/^ssid=/)],
  });
  expect(headers.vary).toMatch(/Cookie/);
  client.destroy();
  server.close();
});

test('one response carries the cookies of two managers', async () => {
  const managers = ['one', 'two'].map(
    (name) => createTestSessions({ prefix: `${name}:`, transport: cookie({ name }) }).sessions,
  );
  await using server = await listen(async (_req, res) => {
    for (const sessions of managers)
      await createTrpcSession(sessions).createContext({ req: post, res }).session.start(ada);
    res.end();
  });
  const { headers } = await fetch(server.origin);
  expect(headers.getSetCookie().map((line) => line.slice(0, 4))).toEqual(expect.arrayContaining(['one=', 'two=']));
  expect(headers.getSetCookie()).toHaveLength(2);
});
