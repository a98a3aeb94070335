// Slow: it starts an HTTP server.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RawServer, startRawServer } from './_support/raw-server.ts';

let server: RawServer;
beforeAll(async () => {
  server = await startRawServer();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Sends a write of a signed-in user, with these header lines and no others. */
async function sendWrite(lines: readonly string[], requestLine = 'POST /visit') {
  const { name, value } = await server.signIn();
  const { status, body } = await server.send([`Cookie: ${name}=${value}`, ...lines], requestLine);
  return { status, body, wrote: server.calls.includes('replace') };
}

const refused = { status: 403, body: 'CROSS_SITE', wrote: false };
const accepted = { status: 200, body: '2', wrote: true };

describe('a write is accepted with', () => {
  test.each<[string, readonly string[]]>([
    ['D54', ['Sec-Fetch-Site: none']],
    ['R43', ['Sec-Fetch-Site: same-origin']],
    ['R43', ['Origin: http://app.example']],
    ['D52', ['Sec-Fetch-Site: same-origin', 'Content-Type: application/jsonx']],
    ['D52', ['Sec-Fetch-Site: same-origin', 'Content-Type: application/json;charset=utf-7']],
    ['D69', ['Sec-Fetch-Site: same-origin', 'x-middleware-subrequest: proxy', 'x-nextjs-data: 1', 'x-invoke-path: /']],
  ])('%s: %j', async (_row, lines) => {
    expect(await sendWrite(lines)).toEqual(accepted);
  });
});

describe('a write is refused with', () => {
  test.each<[string, readonly string[]]>([
    ['D49', ['Sec-Fetch-Site: cross-site']],
    ['D50', ['Sec-Fetch-Site: cross-site', 'Content-Type: multipart/form-data; boundary=x']],
    ['D51', ['Origin: https://evil.example', 'Content-Type: text/plain']],
    ['D52', ['Origin: https://evil.example']],
    ['D53', ['Sec-Fetch-Site: same-site', 'Origin: http://evil.app.example']],
    ['D55', ['Sec-Fetch-Site: SAME-ORIGIN']],
    ['D55', ['Sec-Fetch-Site: same-origin, cross-site']],
    ['D55', ['Sec-Fetch-Site: same-origin', 'Sec-Fetch-Site: cross-site']],
    ['D55', ['Sec-Fetch-Site: somewhere']],
    ['D56', ['Origin: null']],
    ['D57', ['Origin: http://app.example.evil.example']],
    ['D57', ['Origin: http://evil.example#app.example']],
    ['D57', ['Origin: http://app.example:81']],
    ['D57', ['Origin: http://app.example@evil.example']],
    ['D57', ['Origin: http://app.example.']],
    ['D57', ['Origin: http://xn--pp-via.example']],
    ['D57', ['Origin: http://app.example', 'Origin: https://evil.example']],
    ['D58', ['Origin: http://evil.example', 'X-Forwarded-Host: evil.example']],
    ['D58', ['Origin: http://evil.example', 'Forwarded: host=evil.example']],
    ['D59', ['Origin: https://evil.example', 'X-HTTP-Method-Override: GET']],
    ['R44', []],
    ['D69', ['Origin: https://evil.example', 'x-middleware-subrequest: proxy:proxy:proxy']],
  ])('%s: %j', async (_row, lines) => {
    expect(await sendWrite(lines)).toEqual(refused);
  });
});

test('D58: a request without Host is refused by the HTTP server', async () => {
  const { name, value } = await server.signIn();
  const lines = ['POST /visit HTTP/1.1', `Cookie: ${name}=${value}`, 'Sec-Fetch-Site: same-origin', '', ''];
  expect((await server.sendBytes(Buffer.from(lines.join('\r\n')))).status).toBe(400);
  expect(server.calls).toEqual([]);
});

test('D58: of two Host headers the first counts, so that a second one allows no other origin', async () => {
  expect(await sendWrite(['Host: evil.example', 'Origin: http://evil.example'])).toEqual(refused);
});

describe('D60: the method', () => {
  test.each(['post', 'POST\t', 'TRACK'])('%j is no method of HTTP, and nothing is written', async (method) => {
    expect(await sendWrite(['Sec-Fetch-Site: same-origin'], `${method} /visit`)).toMatchObject({ wrote: false });
  });

  test.each(['GET', 'HEAD', 'OPTIONS'])('%s writes nothing', async (method) => {
    expect(await sendWrite(['Origin: http://app.example'], `${method} /visit`)).toMatchObject({ wrote: false });
  });

  test.each(['PUT', 'PATCH', 'DELETE', 'TRACE'])('%s from another site is refused like POST', async (method) => {
    expect(await sendWrite(['Origin: https://evil.example'], `${method} /me`)).toEqual(refused);
  });

  test('D59: a method in the query or in a header is not read', async () => {
    const lines = ['Origin: https://evil.example', 'X-HTTP-Method-Override: GET', 'X-Method-Override: GET'];
    expect(await sendWrite(lines, 'POST /me?_method=GET')).toEqual(refused);
  });
});

test.each([['?sid=SEAL'], ['?ssid=SEAL'], ['?token=SEAL'], [';ssid=SEAL']])(
  'R21: a seal in the URL is not read: %s',
  async (query) => {
    const { value } = await server.signIn();
    const line = `GET /me${query.replace('SEAL', value)}`;
    expect(await server.send([`X-Session-Id: ${value}`, `Authorization: Bearer ${value}`], line)).toMatchObject({
      status: 401,
    });
    expect(server.calls).toEqual([]);
  },
);
