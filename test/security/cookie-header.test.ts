// Slow: it starts an HTTP server.

import { parseSetCookie } from 'cookie';
import { cookie } from 'trpc-session/transports/cookie';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RawServer, startRawServer } from './_support/raw-server.ts';

let server: RawServer;
let sid: { readonly name: string; readonly value: string };

beforeAll(async () => {
  server = await startRawServer();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Signs in, and sends these lines, in which `SID` stands for the cookie's name and `SEAL` for its value. */
async function sendWithCookie(...lines: readonly string[]) {
  sid = await server.signIn();
  return server.send(lines.map((line) => line.replaceAll('SID', sid.name).replaceAll('SEAL', sid.value)));
}

const anonymous = { status: 401, body: 'MISSING' };
const signedIn = { status: 200, body: expect.stringContaining('"userId":"ada"') };

describe('a Cookie header that carries no session', () => {
  test.each<[string, string, readonly string[]]>([
    ['A1', 'no header', []],
    ['A2', 'an empty header', ['Cookie:']],
    ['A2', 'only separators', ['Cookie: ;;;']],
    ['A3', 'an empty value', ['Cookie: SID=']],
    ['A4', 'a name without =', ['Cookie: SID']],
    ['A5', 'a value without a name', ['Cookie: =SEAL']],
    ['A5', 'a nameless cookie that holds a name', ['Cookie: =SID=SEAL']],
    ['A8', 'the name in capitals', ['Cookie: XSIDX=SEAL'.replace('XSIDX', 'SSID')]],
    ['A9', 'a comma instead of a semicolon', ['Cookie: a=b, SID=SEAL']],
    ['A11', 'a seal that is percent-encoded', ['Cookie: SID=%46SEAL']],
    ['A11', 'a lone %', ['Cookie: SID=%']],
    ['A11', 'an escape that is none', ['Cookie: SID=%zz']],
    ['A11', 'an escape that is cut off', ['Cookie: SID=%E0%A4%A']],
    ['A12', 'an escaped null byte in the seal', ['Cookie: SID=SEAL%00']],
    ['A13', 'escaped line breaks', ['Cookie: SID=%0d%0aSet-Cookie:%20x=y']],
    ['A14', 'UTF-8 bytes of full-width digits and marks', ['Cookie: SID=\u00ef\u00bc\u0091\u00e2\u0080\u008f']],
    ['A14', 'a byte order mark before the seal', ['Cookie: SID=\u00ef\u00bb\u00bfSEAL']],
    [
      'A15',
      'bytes from 0x80 to 0xff',
      [`Cookie: SID=${String.fromCharCode(...Array.from({ length: 128 }, (_, at) => 128 + at))}`],
    ],
    ['A18', 'names of Object.prototype', ['Cookie: __proto__=a; constructor=b; hasOwnProperty=c; toString=d']],
    ['A21', 'Set-Cookie in a request', ['Set-Cookie: SID=SEAL']],
    ['A21', 'Cookie2', ['Cookie2: SID=SEAL']],
    ['A22', 'another name, as before a rename', ['Cookie: oldSID=SEAL']],
  ])('%s: %s', async (_row, _input, lines) => {
    const { status, body, headers } = await sendWithCookie(...lines);
    expect({ status, body }).toEqual(anonymous);
    expect(headers).not.toMatch(/^(set-cookie|x):/im);
    expect(server.calls).toEqual([]);
  });

  test.each([
    ['A12', 'a raw null byte', 'Cookie: SID=a\0b'],
    ['A13', 'a raw line break without a colon', 'Cookie: SID=a\r\nb'],
  ])('%s: the HTTP server itself refuses %s', async (_row, _input, line) => {
    expect((await sendWithCookie(line)).status).toBe(400);
    expect(server.calls).toEqual([]);
  });
});

describe('a Cookie header that carries a session', () => {
  test.each<[string, string, readonly string[]]>([
    ['A7', 'the same value twice', ['Cookie: SID=SEAL; SID=SEAL']],
    ['A6', 'another value beside the one that opens', ['Cookie: SID=nonsense; SID=SEAL']],
    ['A9', 'spaces and tabs around name and value', ['Cookie: \t SID \t=\t SEAL \t; a=b']],
    ['A17', '3,000 cookies before it', [`Cookie: ${'a=b; '.repeat(3_000)}SID=SEAL`]],
    ['A19', 'two Cookie headers', ['Cookie: a=1', 'Cookie: SID=SEAL']],
    ['A23', 'plain http that a proxy forwards', ['Cookie: SID=SEAL', 'X-Forwarded-Proto: http']],
  ])('%s: %s', async (_row, _input, lines) => {
    expect(await sendWithCookie(...lines)).toMatchObject(signedIn);
    expect(server.calls).toEqual(['read']);
  });

  test('A6: of two sessions under one name, none counts, and an event says so', async () => {
    const first = await server.signIn();
    server.manager.events.length = 0;
    const response = await sendWithCookie(`Cookie: SID=${first.value}; SID=SEAL`);
    expect(response).toMatchObject(anonymous);
    expect(server.manager.events).toContainEqual({ type: 'ambiguous', carrier: sid.name });
  });

  test('A10: a quoted value is no seal', async () => {
    expect(await sendWithCookie('Cookie: SID="SEAL"')).toMatchObject(anonymous);
  });

  test.each([8_192, 16_384, 30_000])('A16: a header of %d bytes is read', async (size) => {
    expect(await sendWithCookie(`Cookie: a=${'x'.repeat(size - 500)}; SID=SEAL`)).toMatchObject(signedIn);
  });

  test('A16: a header of 1 MB is refused by the HTTP server, and no session is read', async () => {
    expect((await sendWithCookie(`Cookie: SID=${'x'.repeat(1_000_000)}`)).status).toBe(431);
    expect(server.calls).toEqual([]);
  });

  test('A23: the cookie that a sign-in sets stays Secure behind a proxy that forwards no scheme', async () => {
    await using secure = await startRawServer({ transport: cookie({ secure: true }) });
    const { headers } = await secure.send(['Sec-Fetch-Site: same-origin'], 'POST /sign-in');
    const line = /^set-cookie: (.*)$/im.exec(headers)?.[1] ?? '';
    expect(parseSetCookie(line)).toMatchObject({ secure: true, httpOnly: true });
  });
});
