// Slow: it starts a server for each framework, and compiles the code of the page.
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { serve } from '@hono/node-server';
import { createTRPCClient, createWSClient, httpLink, wsLink } from '@trpc/client';
import type { AnyRouter } from '@trpc/server';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { DocsPage } from '../_support/docs-page.ts';
import { CookieJar, createBrowserFetch } from '../_support/http.ts';
import { findBrokenLinks } from './markdown.ts';
import { extractServersPage, loadServersPage } from './servers-page.ts';

/** The servers of the page that serve the same plain routes and the same tRPC router. */
const servers = ['Express 5', 'Express 4', 'Fastify', 'Hono', 'Koa', 'node:http', 'a fetch handler'] as const;
const streams = ['events.ts', 'trpc-websocket.ts', 'websocket.ts'] as const;
type ServerName = (typeof servers)[number] | (typeof streams)[number];

const pages: DocsPage[] = [];
const running = new Map<ServerName, Server>();

beforeAll(async () => {
  process.env.PORT = '0';
  const added = { 'express-4.ts': wrapHandlers() };
  const page = await loadServersPage({ added });
  const older = await loadServersPage({ added, replaced: { express: 'express-4' } });
  pages.push(page, older);
  const files = {
    'Express 5': 'express.ts',
    Fastify: 'fastify.ts',
    Hono: 'hono.ts',
    Koa: 'koa.ts',
    'node:http': 'node.ts',
  };
  for (const [name, file] of Object.entries(files)) running.set(name as ServerName, (await page.load(file)).server);
  running.set('Express 4', (await older.load('express-4.ts')).server);
  running.set('a fetch handler', serve({ fetch: (await page.load('fetch.ts')).handle, port: 0 }) as Server);
  for (const file of streams) running.set(file, (await page.load(file)).server);
  for (const server of running.values()) if (!server.listening) await once(server, 'listening');
}, 60_000);

afterAll(async () => {
  delete process.env.PORT;
  for (const server of running.values()) {
    server.closeAllConnections();
    server.close();
  }
  for (const page of pages) await page[Symbol.asyncDispose]();
});

/** The server for Express 5, with each async handler wrapped as the page says for Express 4. */
function wrapHandlers(): string {
  const code = extractServersPage().get('express.ts') ?? '';
  const wrapped = code.replaceAll(/^(app\.\w+\('[^']+', )(async [\s\S]*?\n\})\);$/gm, '$1route($2));');
  return `import { route } from './route';\n${wrapped}`;
}

function getOrigin(name: ServerName): string {
  const address = running.get(name)?.address() as AddressInfo | undefined;
  return `http://127.0.0.1:${address?.port}`;
}

/** A browser on the pages of one server. */
function createVisitor(name: ServerName, jar = new CookieJar()) {
  const visit = createBrowserFetch(jar, getOrigin(name));
  const send = (method: string, path: string, body: unknown = {}, headers: Record<string, string> = {}) =>
    visit(path, { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } });
  const copy = () => {
    const copied = new CookieJar();
    copied.set('ssid', jar.value('ssid') ?? '');
    return createVisitor(name, copied);
  };
  return { jar, visit, send, copy, signIn: () => send('POST', '/sign-in', { name: 'Ada' }) };
}

function createClient(visit: ReturnType<typeof createVisitor>['visit'], name: ServerName) {
  const links = [
    httpLink({ url: `${getOrigin(name)}/api/trpc`, fetch: (url, init) => visit(String(url), init as never) }),
  ];
  // biome-ignore lint/suspicious/noExplicitAny: only the compiler that runs in the page's folder knows the router
  return createTRPCClient<AnyRouter>({ links }) as any;
}

describe('docs/servers.md', () => {
  test('has code that compiles in strict mode', async () => {
    expect(await pages[0]?.compile()).toBe('');
  }, 120_000);

  test('links only to files and headings that exist', () => {
    expect(findBrokenLinks('docs/servers.md')).toEqual([]);
  });
});

describe.each(servers)('plain routes in %s', (name) => {
  test('sign in, read, change and sign out', async () => {
    const { jar, visit, send, signIn } = createVisitor(name);
    const signedIn = await signIn();
    expect(signedIn.headers.getSetCookie()).toEqual([expect.stringMatching(/^ssid=Fe26.*; HttpOnly; SameSite=Lax$/)]);
    expect(signedIn.headers.get('cache-control')).toBe('private, no-store');
    expect(await signedIn.json()).toEqual({ name: 'Ada' });
    expect(await (await visit('/me')).json()).toEqual({ name: 'Ada', theme: 'light' });
    expect(await (await send('PATCH', '/me', { theme: 'dark' })).json()).toEqual({ name: 'Ada', theme: 'dark' });
    const read = await visit('/me');
    expect(await read.json()).toEqual({ name: 'Ada', theme: 'dark' });
    expect(read.headers.get('vary')).toMatch(/\bcookie\b/i);
    expect((await send('POST', '/sign-out')).status).toBe(204);
    expect(jar.header).toBe('');
    expect((await visit('/me')).status).toBe(401);
  });

  test('respond with 401 to a signed-out user, and with the reason', async () => {
    const { visit, send, signIn, copy } = createVisitor(name);
    const missing = await visit('/me');
    expect([missing.status, await missing.json()]).toMatchObject([401, { reason: 'missing' }]);
    expect((await send('PATCH', '/me', { theme: 'dark' })).status).toBe(401);
    await signIn();
    const thief = copy();
    await send('POST', '/sign-out');
    const expired = await thief.visit('/me');
    expect([expired.status, await expired.json()]).toMatchObject([401, { reason: 'expired' }]);
  });

  test('respond with 400 to invalid data, and with 403 to another site', async () => {
    const { visit, send, signIn } = createVisitor(name);
    await signIn();
    expect((await send('PATCH', '/me', { theme: 'red' })).status).toBe(400);
    const foreign = await send('PATCH', '/me', { theme: 'dark' }, { 'sec-fetch-site': 'cross-site' });
    expect([foreign.status, await foreign.json()]).toMatchObject([403, { reason: 'cross-site' }]);
    expect(await (await visit('/me')).json()).toEqual({ name: 'Ada', theme: 'light' });
  });

  test('share their session with tRPC', async () => {
    const { jar, visit, send } = createVisitor(name);
    const client = createClient(visit, name);
    await expect(client.greet.query()).rejects.toMatchObject({
      data: { httpStatus: 401, session: { reason: 'missing' } },
    });
    await client.signIn.mutate({ name: 'Grace' });
    expect(await client.greet.query()).toBe('Hello Grace');
    await client.session.set.mutate({ theme: 'dark' });
    expect(await (await visit('/me')).json()).toEqual({ name: 'Grace', theme: 'dark' });
    await send('POST', '/sign-out');
    expect(jar.header).toBe('');
    await expect(client.greet.query()).rejects.toMatchObject({ data: { code: 'UNAUTHORIZED' } });
  });
});

test.each(['Express 5', 'Express 4', 'Fastify', 'Hono'] as const)('%s responds to HEAD as to GET', async (name) => {
  const { visit, signIn } = createVisitor(name);
  expect((await visit('/me', { method: 'HEAD' })).status).toBe(401);
  await signIn();
  const response = await visit('/me', { method: 'HEAD' });
  expect([response.status, await response.text()]).toEqual([200, '']);
  expect(response.headers.get('cache-control')).toBe('private, no-store');
});

describe('open streams', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Signs in through another server of the page. They share their sessions, and cookies are shared between ports. */
  async function signInElsewhere(name: ServerName) {
    const visitor = createVisitor('node:http');
    await visitor.signIn();
    return { ...createVisitor(name, visitor.jar), signOut: () => visitor.send('POST', '/sign-out') };
  }

  /** Opens a WebSocket as a page of the app does. */
  function openSocket(name: ServerName, path: string, headers: Record<string, string>): WebSocket {
    const origin = getOrigin(name);
    return new WebSocket(origin.replace('http', 'ws') + path, { headers: { origin, ...headers } });
  }

  test('server-sent events are refused to a signed-out user, and end after a sign-out', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    expect((await createVisitor('events.ts').visit('/')).status).toBe(401);
    const { visit, signOut } = await signInElsewhere('events.ts');
    const response = await visit('/');
    expect(response.headers.get('cache-control')).toBe('private, no-store, no-transform');
    const received = text(response.body as never);
    await vi.advanceTimersByTimeAsync(15_000);
    await signOut();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await received).toBe('data: Hello Ada\n\nevent: signed-out\ndata:\n\n');
  });

  test('a WebSocket is refused to a signed-out user and to another site, and closes after a sign-out', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { jar, signOut } = await signInElsewhere('websocket.ts');
    const cookie = jar.header;
    for (const [headers, status] of [
      [{}, 401],
      [{ cookie, origin: 'https://evil.example' }, 403],
    ] as const) {
      const [error] = await once(
        openSocket('websocket.ts', '/', headers).on('error', () => {}),
        'error',
      );
      expect(String(error)).toContain(String(status));
    }
    const socket = openSocket('websocket.ts', '/', { cookie });
    await once(socket, 'open');
    socket.send('hello');
    expect(String((await once(socket, 'message'))[0])).toBe('Ada: hello');
    await signOut();
    const closed = once(socket, 'close');
    await vi.advanceTimersByTimeAsync(15_000);
    expect((await closed)[0]).toBe(4401);
  });

  test('tRPC over a WebSocket reads the session at each call', async () => {
    const name = 'trpc-websocket.ts';
    const { jar, signOut } = await signInElsewhere(name);
    const cookie = jar.header;
    class BrowserSocket extends WebSocket {
      constructor(address: string) {
        super(address, { headers: { cookie, origin: getOrigin(name) } });
      }
    }
    const socket = createWSClient({
      url: `${getOrigin(name).replace('http', 'ws')}/api/trpc`,
      WebSocket: BrowserSocket as never,
    });
    // biome-ignore lint/suspicious/noExplicitAny: only the compiler that runs in the page's folder knows the router
    const client = createTRPCClient<AnyRouter>({ links: [wsLink({ client: socket })] }) as any;
    expect(await client.greet.query()).toBe('Hello Ada');
    await signOut();
    await expect(client.greet.query()).rejects.toMatchObject({ data: { code: 'UNAUTHORIZED' } });
    await socket.close();
  });
});
