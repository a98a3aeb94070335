import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { createHeadersSink, createSessions } from 'trpc-session';
import { memoryStore } from 'trpc-session/stores/memory';
import type { RequestSource, SessionTransport } from 'trpc-session/transports';
import { cookie } from 'trpc-session/transports/cookie';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

type Options = Partial<Pick<Parameters<typeof createSessions>[0], 'publicUrl' | 'origins'>>;

function createManager(options: Options = {}, transport = cookie()) {
  return createSessions({
    schema: z.object({ userId: z.string() }),
    view: () => null,
    store: memoryStore(),
    secret: 'c3VyZWx5LW5vdC1hLXJlYWwtc2VjcmV0LTEyMzQ',
    transport,
    ...options,
  });
}

/** Returns the code of the error with which a sign-in fails, or 'signed in'. */
function signIn(headers: Record<string, string>, options: Options = {}, transport = cookie()): Promise<string> {
  return startSession({ method: 'POST', headers }, options, transport);
}

async function startSession(request: RequestSource, options: Options, transport: SessionTransport): Promise<string> {
  const session = createManager(options, transport).open(request, createHeadersSink(new Headers()));
  return session.start({ userId: 'ada' }).then(
    () => 'signed in',
    (error: { code: string }) => error.code,
  );
}

describe('the app behind a proxy', () => {
  const origin = 'https://shop.example';

  test.each<[string, Record<string, string>, Options]>([
    ['the Host header names the default port of https', { origin, host: 'shop.example:443' }, {}],
    ['the Host header names the default port of http', { origin: 'http://shop.example', host: 'shop.example:80' }, {}],
    ['the Host header has capital letters', { origin, host: 'Shop.Example' }, {}],
    ['publicUrl names the origin', { origin, host: '10.0.0.7:3000' }, { publicUrl: origin }],
    ['publicUrl ends with a slash', { origin, host: '10.0.0.7:3000' }, { publicUrl: `${origin}/` }],
    [
      'the proxy forwards the host and the scheme',
      { origin, host: '10.0.0.7:3000', 'x-forwarded-host': 'shop.example', 'x-forwarded-proto': 'https' },
      { publicUrl: 'forwarded' },
    ],
    [
      'two proxies forward them',
      { origin, host: 'inner', 'x-forwarded-host': 'shop.example, inner', 'x-forwarded-proto': 'https,http' },
      { publicUrl: 'forwarded' },
    ],
  ])('accepts a write if %s', async (_case, headers, options) => {
    expect(await signIn(headers, options)).toBe('signed in');
  });

  test.each<[string, Record<string, string>, Options]>([
    [
      'a client forwards a host, and publicUrl is not set',
      { origin: 'https://evil.example', host: 'shop.example', 'x-forwarded-host': 'evil.example' },
      {},
    ],
    ['the port differs', { origin: 'https://shop.example:8443', host: 'shop.example:443' }, {}],
    ['the port is the default of the other scheme', { origin, host: 'shop.example:80' }, {}],
    ['the scheme is not http', { origin: 'ftp://shop.example', host: 'shop.example' }, {}],
    [
      'the scheme differs from that of publicUrl',
      { origin: 'http://shop.example', host: 'shop.example' },
      { publicUrl: origin },
    ],
    [
      'the scheme differs from the forwarded one',
      { origin: 'http://shop.example', host: 'shop.example', 'x-forwarded-proto': 'https' },
      { publicUrl: 'forwarded' },
    ],
    [
      'a page over http sends it to an app that a proxy serves over https',
      { origin: 'http://shop.example', host: 'shop.example', 'x-forwarded-proto': 'https' },
      {},
    ],
    [
      'the Host header is the origin and publicUrl is another',
      { origin: 'https://evil.example', host: 'evil.example' },
      { publicUrl: origin },
    ],
    ['the Host header holds a path', { origin, host: 'shop.example/x' }, {}],
    ['the Host header holds credentials', { origin, host: 'a@shop.example' }, {}],
    ['the Host header is empty', { origin, host: '' }, {}],
  ])('refuses a write if %s', async (_case, headers, options) => {
    expect(await signIn(headers, options)).toBe('CROSS_SITE');
  });

  test.each([['shop.example'], ['https://shop.example/app'], ['ftp://shop.example'], [''], [5], [null]])(
    'refuses the publicUrl %j',
    (publicUrl) => {
      expect(() => createManager({ publicUrl: publicUrl as string })).toThrow('`publicUrl` must be');
    },
  );
});

describe('other origins', () => {
  const host = 'api.example.com';

  test.each<[string, Options['origins'], string]>([
    ['an exact origin', ['https://admin.example.com'], 'https://admin.example.com'],
    ['a pattern', ['https://*.example.com'], 'https://admin.example.com'],
    ['a pattern with a port', ['http://*.localhost.test:3000'], 'http://shop.localhost.test:3000'],
    ['an app of Capacitor', ['capacitor://localhost'], 'capacitor://localhost'],
    ['an app of Tauri', ['tauri://localhost'], 'tauri://localhost'],
    ['an extension', ['chrome-extension://abcdefghijklmnop'], 'chrome-extension://abcdefghijklmnop'],
    ['an app of Expo', ['exp://192.168.1.4:8081'], 'exp://192.168.1.4:8081'],
    ['a function', (origin) => origin.endsWith('.example.org'), 'https://a.b.example.org'],
  ])('are accepted by %s', async (_case, origins, origin) => {
    expect(await signIn({ origin, host, 'sec-fetch-site': 'cross-site' }, { origins: origins ?? [] })).toBe(
      'signed in',
    );
  });

  test.each<[string, Options['origins'], string]>([
    ['two labels for a pattern', ['https://*.example.com'], 'https://a.b.example.com'],
    ['no label for a pattern', ['https://*.example.com'], 'https://example.com'],
    ['an empty label for a pattern', ['https://*.example.com'], 'https://.example.com'],
    ['another scheme than the pattern', ['https://*.example.com'], 'http://admin.example.com'],
    ['another port than the pattern', ['https://*.example.com'], 'https://admin.example.com:8443'],
    ['a host that ends like the pattern', ['https://*.example.com'], 'https://evil-example.com'],
    ['a host that matches only if a dot is any character', ['https://*.example.com'], 'https://a.exampleXcom'],
    ['the null origin', ['https://*.example.com', 'capacitor://localhost'], 'null'],
    ['a function that returns something truthy', () => 1 as never, 'https://evil.example'],
  ])('are refused for %s', async (_case, origins, origin) => {
    expect(await signIn({ origin, host, 'sec-fetch-site': 'cross-site' }, { origins: origins ?? [] })).toBe(
      'CROSS_SITE',
    );
  });

  test.each([
    ['https://*'],
    ['https://*.com'],
    ['https://a.*.example.com'],
    ['https://*.example.com/path'],
    ['*://example.com'],
    ['https://example.com/'],
    ['https://example.com:443'],
    ['HTTPS://example.com'],
    ['capacitor://localhost/x'],
    ['*'],
    [''],
  ])('the entry %j is refused', (entry) => {
    expect(() => createManager({ origins: [entry] })).toThrow('`origins` must be');
  });

  test("the entry 'null' is refused, and the error names the option that takes it", () => {
    expect(() => createManager({ origins: ['null'] })).toThrow(/`origins` must be .*`start`/);
  });
});

describe('a Secure cookie that the browser will drop', () => {
  const secure = cookie({ secure: true });
  const safari =
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15';
  const chrome =
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/159.0.0.0 Safari/537.36';

  test.each<[string, Record<string, string>]>([
    ['a form on plain http', { origin: 'http://nas.lan', host: 'nas.lan' }],
    ['a GET callback on plain http, as Next forwards it', { host: 'nas.lan', 'x-forwarded-proto': 'http' }],
    ['Safari on http://localhost', { origin: 'http://localhost:3000', host: 'localhost:3000', 'user-agent': safari }],
    [
      'a GET callback in Safari on http://localhost',
      { host: 'localhost:3000', 'x-forwarded-proto': 'http', 'user-agent': safari },
    ],
  ])('fails the sign-in before it starts: %s', async (_case, headers) => {
    expect(await signIn(headers, {}, secure)).toBe('INSECURE_COOKIE');
  });

  test.each<[string, Record<string, string>]>([
    [
      "a provider's form, on plain http",
      { origin: 'https://idp.example', host: 'nas.lan', 'x-forwarded-proto': 'http' },
    ],
    ['a form without an origin, on plain http', { origin: 'null', host: 'nas.lan', 'x-forwarded-proto': 'http' }],
    [
      'a page on another port of localhost, in Safari',
      { origin: 'http://localhost:5173', host: 'localhost:3000', 'user-agent': safari },
    ],
    [
      'a page on localhost, behind a proxy that changes the Host header, in Safari',
      { origin: 'http://localhost:8080', host: 'app:3000', 'sec-fetch-site': 'same-origin', 'user-agent': safari },
    ],
  ])('fails a sign-in from an allowed origin before it starts: %s', async (_case, headers) => {
    expect(await signIn(headers, { origins: () => true }, secure)).toBe('INSECURE_COOKIE');
  });

  test.each<[string, Record<string, string>]>([
    ["a provider's form from plain http, on https", { origin: 'http://idp.lan', host: 'shop.example' }],
    [
      "a provider's form from localhost, on https, in Safari",
      { origin: 'http://localhost:8443', host: 'shop.example', 'sec-fetch-site': 'cross-site', 'user-agent': safari },
    ],
    [
      "a provider's form, on https that ends at a proxy",
      {
        origin: 'https://idp.example',
        host: 'shop.example',
        'x-forwarded-proto': 'http',
        'sec-fetch-site': 'cross-site',
      },
    ],
  ])('does not fail a sign-in from an allowed origin otherwise: %s', async (_case, headers) => {
    expect(await signIn(headers, { origins: () => true }, secure)).toBe('signed in');
  });

  test.each<[string, Record<string, string>]>([
    ['https', { origin: 'https://shop.example', host: 'shop.example' }],
    [
      'https behind a proxy that forwards http',
      { origin: 'https://shop.example', host: 'shop.example', 'x-forwarded-proto': 'http' },
    ],
    [
      'a GET callback of a browser that considers the page secure',
      { host: 'shop.example', 'x-forwarded-proto': 'http', 'sec-fetch-site': 'same-origin' },
    ],
    ['Chrome on http://localhost', { origin: 'http://localhost:3000', host: 'localhost:3000', 'user-agent': chrome }],
    ['Safari on https', { origin: 'https://shop.example', host: 'shop.example', 'user-agent': safari }],
    ['a program that says nothing', { host: 'nas.lan' }],
  ])('does not fail it otherwise: %s', async (_case, headers) => {
    expect(await signIn(headers, {}, secure)).toBe('signed in');
  });
});

describe('a GET callback without any header that says the scheme', () => {
  const secure = cookie({ secure: true });
  const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0';
  const safari = 'Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15';
  type Sent = Readonly<Record<string, string>>;
  const lan: Sent = { host: 'nas.lan', 'user-agent': firefox };

  function receive(socket: Socket, headers: Sent): IncomingMessage {
    return Object.assign(new IncomingMessage(socket), { method: 'GET', url: '/callback?code=4711', headers });
  }

  test.each<[string, RequestSource]>([
    ['a socket of Node without TLS', receive(new Socket(), lan)],
    ['the address of a fetch request', new Request('http://nas.lan/callback', { headers: lan })],
    ['a socket of Node, in Safari on localhost', receive(new Socket(), { host: 'localhost', 'user-agent': safari })],
  ])('fails before anything is written, if the connection of a browser is plain http: %s', async (_case, request) => {
    expect(await startSession(request, {}, secure)).toBe('INSECURE_COOKIE');
  });

  test.each<[string, RequestSource]>([
    ['a socket of Node with TLS', receive(new TLSSocket(new Socket()), lan)],
    ['the https address of a fetch request', new Request('https://nas.lan/callback', { headers: lan })],
    ['localhost', receive(new Socket(), { host: 'localhost:3000', 'user-agent': firefox })],
    ['a browser that considers the page secure', receive(new Socket(), { ...lan, 'sec-fetch-site': 'cross-site' })],
    ['a program', receive(new Socket(), { host: 'nas.lan', 'user-agent': 'curl/8.17.0' })],
    ['a program that does not name itself', receive(new Socket(), { host: 'nas.lan' })],
    ['a request without a socket and an address', { headers: lan }],
    ['a closed connection', { headers: lan, socket: null, url: '/callback' }],
  ])('signs in otherwise: %s', async (_case, request) => {
    expect(await startSession(request, {}, secure)).toBe('signed in');
  });

  test.each(['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'])(
    'signs in if the header %s says that the connection is that of a proxy',
    async (name) => {
      expect(await startSession(receive(new Socket(), { ...lan, [name]: 'x' }), {}, secure)).toBe('signed in');
    },
  );

  test('signs in if `publicUrl` says that there is a proxy', async () => {
    const request = receive(new Socket(), lan);
    for (const publicUrl of ['https://shop.example', 'forwarded'])
      expect(await startSession(request, { publicUrl }, secure)).toBe('signed in');
  });
});

test('a proxy that forwards the host and not the scheme does not make a write come from another site', async () => {
  const headers = { origin: 'https://shop.example', host: 'app:3000', 'x-forwarded-host': 'shop.example' };
  const request = Object.assign(new IncomingMessage(new Socket()), { method: 'POST', headers });
  expect(await startSession(request, { publicUrl: 'forwarded' }, cookie())).toBe('signed in');
});

test('a program that sends a credential without browser headers gets an error that names the header to add', async () => {
  const sessions = createManager();
  const headers = new Headers();
  await sessions.open({ method: 'POST', headers: {} }, createHeadersSink(headers)).start({ userId: 'ada' });
  const credential = headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const program = sessions.open({ method: 'POST', headers: { cookie: credential } });
  const error = await program.update({ userId: 'ada' }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'CROSS_SITE',
    publicMessage:
      'The request may have come from another site, and was refused. Send it from the app itself, or add the site to ' +
      '`origins`. It has neither an Origin nor a Sec-Fetch-Site header. If a program sends it, add the header ' +
      '`Sec-Fetch-Site: same-origin`.',
  });
  const corrected = sessions.open({ method: 'POST', headers: { cookie: credential, 'sec-fetch-site': 'same-origin' } });
  expect((await corrected.update({ userId: 'ada' })).revision).toBe(2);
});

test('the error of a write behind a proxy that changes the Host header names the option to set', async () => {
  const headers = { origin: 'https://shop.example', host: '10.0.0.7:3000' };
  const session = createManager().open({ method: 'POST', headers }, createHeadersSink(new Headers()));
  await expect(session.start({ userId: 'ada' })).rejects.toMatchObject({
    publicMessage: expect.stringContaining(
      'If the app itself sent it, a proxy changes the Host header: set `publicUrl`.',
    ),
  });
});
