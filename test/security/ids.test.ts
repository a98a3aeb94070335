// Slow: it starts an HTTP server.
import { first } from 'trpc-session';
import { cookie } from 'trpc-session/transports/cookie';
import { bearer } from 'trpc-session/transports/header';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { computeSlot, createToken, hashToken } from '../../src/core/record/token.ts';
import { createSealRing, type SealRing } from '../../src/transports/seal.ts';
import { secret } from '../_support/sessions.ts';
import { type RawServer, startRawServer } from './_support/raw-server.ts';

let server: RawServer;
let ring: SealRing;
/** The token of a live session, which the app itself never shows. */
let token = '';
/** Its public id. */
let id = '';

beforeAll(async () => {
  server = await startRawServer({ transport: first(cookie(), bearer()) });
  ring = createSealRing({ prefix: 'session:', secrets: () => [secret], production: () => false }, 'ssid');
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  const { value } = await server.signIn();
  token = (ring.open(value) ?? '').slice(0, 72);
  id = (await server.manager.sessions.of('ada').list())[0]?.id ?? '';
});

/** Sends a text as a bearer token, and inside a seal that this server accepts. */
async function sendAsToken(text: string) {
  server.manager.calls.length = 0;
  const alone = await server.send([`Authorization: Bearer ${text}`]);
  const sealed = await server.send([`Cookie: ssid=${await ring.seal(text)}`]);
  return [alone, sealed].map(({ status, body }) => `${status} ${body}`);
}

const refused = expect.stringMatching(/^401 (MISSING|EXPIRED)$/);
const slot = computeSlot('session:', 'ada');
const forged = () => createToken({ slot, expiresAt: server.manager.clock.now() + 3_600_000 });

test('a live token is accepted both ways, so that the rows below can fail', async () => {
  const [alone, sealed] = await sendAsToken(token);
  expect(alone).toContain('"userId":"ada"');
  expect(sealed).toContain('"userId":"ada"');
});

describe('no store call is made for', () => {
  test.each<[string, string, () => string]>([
    ['B24', 'one character', () => 'a'],
    ['B24', 'a token without its last character', () => token.slice(0, -1)],
    ['B24', 'a token with one more character', () => `${token}A`],
    ['B24', '4,096 characters', () => 'A'.repeat(4_096)],
    ['B25', 'characters of the other base64 alphabet', () => `${token.slice(0, -2)}+/`],
    ['B25', 'a padded token', () => `${token.slice(0, -1)}=`],
    [
      'B28a',
      'a token past its absolute deadline',
      () => createToken({ slot, expiresAt: server.manager.clock.now() - 1 }),
    ],
    ['B29', 'the hash that the store keeps', () => hashToken(token)],
    ['B29', 'the key of the user', () => `session:{${slot}}`],
    ['B30', 'a glob', () => 'session:*'],
    ['B30', 'a path', () => '../../etc/passwd'],
    ['B30', 'a hash tag', () => `{user:1}${token.slice(8)}`],
    ['B32', 'a script', () => "\"]]..redis.call('FLUSHALL')--"],
    ['B35', 'the public id', () => id],
  ])('%s: %s', async (_row, _input, createText) => {
    expect(await sendAsToken(createText())).toEqual([refused, refused]);
    expect(server.calls).toEqual([]);
  });

  test.each<[string, string]>([
    ['B25', '\n'],
    ['B31', '\r\nDEL x\r\n'],
    ['A12', '\0'],
  ])('%s: a token with %j behind it, inside a seal', async (_row, tail) => {
    server.manager.calls.length = 0;
    const { status } = await server.send([`Cookie: ssid=${await ring.seal(token + tail)}`]);
    expect(status).toBe(401);
    expect(server.calls).toEqual([]);
  });
});

describe('one read, and nothing else, is made for', () => {
  test.each<[string, string, () => string]>([
    ['B27', 'a well-formed random token of that user', forged],
    ['B34', 'a live token with one letter in the other case', () => flipCase(token)],
    [
      'B36',
      'the slot of another prefix',
      () => createToken({ slot: computeSlot('other:', 'ada'), expiresAt: server.manager.clock.now() + 1e6 }),
    ],
  ])('%s: %s', async (_row, _input, createText) => {
    expect(await sendAsToken(createText())).toEqual(['401 EXPIRED', '401 EXPIRED']);
    expect(server.calls).toEqual(['read', 'read']);
  });

  test('B28a, B28b: the token of a session that was signed out or moved', async () => {
    const { name, value } = await server.signIn();
    const lines = [`Cookie: ${name}=${value}`, 'Sec-Fetch-Site: same-origin'];
    await server.send(lines, 'POST /sign-out');
    server.manager.calls.length = 0;
    expect(await server.send(lines)).toMatchObject({ status: 401, body: 'EXPIRED' });
    expect(server.calls).toEqual(['read']);
  });
});

/** Changes the case of the last letter that is not part of the slot or the deadline. */
function flipCase(text: string): string {
  const at = text.search(/[a-zA-Z](?=[^a-zA-Z]*$)/);
  const letter = text.charAt(at);
  const flipped = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
  return text.slice(0, at) + flipped + text.slice(at + 1);
}

test('B26: a token has one spelling, so no other text opens the same session', async () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const opened = [];
  for (const last of alphabet) {
    const { status } = await server.send([`Authorization: Bearer ${token.slice(0, -1)}${last}`]);
    if (status === 200) opened.push(last);
  }
  expect(opened).toEqual([token.slice(-1)]);
});

test('B37: a seal of another deployment with the same secret, but another prefix, does not open', async () => {
  const other = createSealRing({ prefix: 'preview:', secrets: () => [secret], production: () => false }, 'ssid');
  server.manager.calls.length = 0;
  const { status, body } = await server.send([`Cookie: ssid=${await other.seal(token)}`]);
  expect({ status, body }).toEqual({ status: 401, body: 'MISSING' });
  expect(server.calls).toEqual([]);
});

test.each([7, null, Number.NaN, {}, [], ['id'], Symbol('id'), 7n, new String('id'), Buffer.from('id')])(
  'B33: an id that the app passes as %o ends no session',
  async (id) => {
    const session = (await server.manager.sessions.of('ada').list()).length;
    await server.manager.sessions
      .of('ada')
      .revoke(id as never)
      .catch(() => {});
    expect((await server.manager.sessions.of('ada').list()).length).toBe(session);
  },
);
