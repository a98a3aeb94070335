// Slow: it starts a server for each framework.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createSecureServer, connect as openHttp2 } from 'node:http2';
import { createServer, request as requestSecurely } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { json } from 'node:stream/consumers';
import Koa from 'koa';
import { createNodeSink, isSessionError } from 'trpc-session';
import { cookie } from 'trpc-session/transports/cookie';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAuthority, type PrivateAuthority } from '../_support/redis-tls.ts';
import { ada } from '../_support/sessions.ts';
import { createTestApp } from '../trpc/_support/app.ts';
import { type AdapterName, adapterNames, listen, serve } from '../trpc/_support/servers.ts';

/** What every browser sends when it follows a link to a device in a private network: nothing that says the scheme. */
const browser = {
  host: 'nas.lan',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0',
};

const createApp = () => createTestApp({ transport: cookie({ secure: true }) });

let authority: PrivateAuthority;

beforeAll(async () => {
  authority = await createAuthority();
});

afterAll(() => authority[Symbol.asyncDispose]());

/** Sends only these headers, unlike `fetch`. Resolves to the status and the cookies of the response. */
async function send(url: string, headers: Readonly<Record<string, string>>, method = 'GET') {
  const open = url.startsWith('https') ? requestSecurely : request;
  const sent = open(url, { method, headers, agent: false, rejectUnauthorized: false });
  sent.end(method === 'POST' ? '{}' : undefined);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const cookies = response.headers['set-cookie'] ?? [];
  const names = cookies.map((line) => line.split('=')[0]).filter((name) => name === '__Host-ssid');
  return { status: response.statusCode, names, body: await json(response).catch(() => null) };
}

/** A callback of an identity provider, without a framework. */
function createCallback(sessions: ReturnType<typeof createApp>['sessions']) {
  return (req: IncomingMessage, res: ServerResponse): void => {
    sessions
      .open(req, createNodeSink(res))
      .start(ada)
      .then(() => 'signed in')
      .catch((error: unknown) => (isSessionError(error) ? error.code : String(error)))
      .then((result) => res.end(JSON.stringify(result)));
  };
}

test.each<AdapterName>(adapterNames)('a browser on plain http cannot sign in through tRPC in %s', async (name) => {
  const app = createApp();
  await using server = await serve(name, app);
  const url = `${server.url}/direct.signIn`;
  const json = { 'content-type': 'application/json' };
  const refused = await send(url, { ...browser, ...json }, 'POST');
  expect(refused).toMatchObject({ status: 400, names: [] });
  expect(JSON.stringify(refused.body)).toContain('Browsers drop a Secure cookie that arrives over plain http');
  expect(app.calls).toEqual([]);
  expect(await send(url, { ...browser, ...json, via: '1.1 proxy' }, 'POST')).toMatchObject({ status: 200 });
  expect(await send(url, { host: 'nas.lan', ...json }, 'POST')).toMatchObject({ names: ['__Host-ssid'] });
});

test('a browser on plain http cannot sign in at the callback of a plain Node server', async () => {
  const { sessions, calls } = createApp();
  await using server = await listen(createCallback(sessions));
  expect(await send(server.origin, browser)).toMatchObject({ names: [], body: 'INSECURE_COOKIE' });
  expect(calls).toEqual([]);
});

test('a browser on plain http cannot sign in at the callback of a Koa server', async () => {
  const { sessions, calls } = createApp();
  const app = new Koa();
  app.use((ctx) => {
    ctx.respond = false;
    createCallback(sessions)(ctx.req, ctx.res);
  });
  await using server = await listen(app.callback());
  expect(await send(server.origin, browser)).toMatchObject({ names: [], body: 'INSECURE_COOKIE' });
  expect(calls).toEqual([]);
});

test('the same browser signs in at the same callback over https', async () => {
  const { sessions } = createApp();
  const [cert, key] = [readFileSync(authority.valid.cert), readFileSync(authority.valid.key)];
  const server = createServer({ cert, key }, createCallback(sessions));
  try {
    const url = `https://127.0.0.1:${await openPort(server)}`;
    expect(await send(url, browser)).toMatchObject({ names: ['__Host-ssid'], body: 'signed in' });
  } finally {
    server.close();
  }
});

test('the same browser signs in at the same callback over HTTP/2', async () => {
  const { sessions } = createApp();
  const [cert, key] = [readFileSync(authority.valid.cert), readFileSync(authority.valid.key)];
  const server = createSecureServer({ cert, key }, createCallback(sessions) as never);
  const client = openHttp2(`https://127.0.0.1:${await openPort(server)}`, { rejectUnauthorized: false });
  try {
    const { host, ...headers } = browser;
    expect(await json(client.request({ ':authority': host, ...headers }))).toBe('signed in');
  } finally {
    client.close();
    server.close();
  }
});

async function openPort(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
