import { first } from 'trpc-session';
import { cookie } from 'trpc-session/transports/cookie';
import { bearer, header } from 'trpc-session/transports/header';
import { describe, expect, test } from 'vitest';
import { ada, Browser, createAccountSessions, grace } from '../_support/sessions.ts';

describe.each([
  ['bearer()', bearer, (token: string) => ({ authorization: `Bearer ${token}` })],
  ["header('X-Session')", () => header('X-Session'), (token: string) => ({ 'x-session': token })],
])('%s', (_name, transport, toHeaders) => {
  test('returns the token at sign-in only, and reads it from every later request', async () => {
    const { sessions } = createAccountSessions({ transport: transport() });
    const session = sessions.open({ headers: {}, method: 'POST' });
    const { token } = await session.start(ada);
    expect(token).toMatch(/^[\w-]{72}$/);
    expect(JSON.stringify(await session.get())).not.toContain(token);
    expect((await sessions.open({ headers: toHeaders(token ?? '') }).get())?.data).toEqual(ada);
  });

  test('returns a new token at regenerate, and the old one no longer works', async () => {
    const { sessions } = createAccountSessions({ transport: transport() });
    const { token: before } = await sessions.open({ headers: {} }).start(ada);
    const { token: after } = await sessions.open({ headers: toHeaders(before ?? '') }).regenerate();
    expect(after).toMatch(/^[\w-]{72}$/);
    expect(await sessions.open({ headers: toHeaders(before ?? '') }).get()).toBeNull();
    expect(await sessions.open({ headers: toHeaders(after ?? '') }).get()).not.toBeNull();
  });

  test('works where no cookie can be set, and sets none', async () => {
    const browser = new Browser(createAccountSessions({ transport: transport() }).sessions);
    await browser.request({ obstacle: () => 'stream' }).start(ada);
    expect(browser.setCookies).toEqual([]);
    const { token } = await browser.request().start(ada);
    expect(await browser.request({ headers: toHeaders(token ?? '') }).destroy()).toEqual({ cookieCleared: false });
    expect(browser.setCookies).toEqual([]);
  });

  test('is exempt from the cross-site check, because no browser sends it by itself', async () => {
    const { sessions } = createAccountSessions({ transport: transport() });
    const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
    const { token } = await sessions.open({ headers: foreign, method: 'POST' }).start(ada);
    const session = sessions.open({ headers: { ...foreign, ...toHeaders(token ?? '') }, method: 'POST' });
    expect((await session.require()).data).toEqual(ada);
  });

  test('never reads the token from a cookie', async () => {
    const { sessions, calls } = createAccountSessions({ transport: transport() });
    const { token } = await sessions.open({ headers: {} }).start(ada);
    calls.length = 0;
    expect(await sessions.open({ headers: { cookie: `ssid=${token}; x-session=${token}` } }).get()).toBeNull();
    expect(calls).toEqual([]);
  });
});

describe('bearer()', () => {
  test.each(['bearer', 'BEARER', 'Bearer '])('accepts %s as the scheme', async (scheme) => {
    const { sessions } = createAccountSessions({ transport: bearer() });
    const { token } = await sessions.open({ headers: {} }).start(ada);
    expect(await sessions.open({ headers: { authorization: `${scheme} ${token}` } }).get()).not.toBeNull();
  });

  test.each(['', 'Bearer', 'Bearer ', 'Token x', 'Bearer a b', 'Basic YTpi'])(
    'finds no token in %j',
    async (authorization) => {
      const { sessions } = createAccountSessions({ transport: bearer() });
      await expect(sessions.open({ headers: { authorization } }).require()).rejects.toMatchObject({ code: 'MISSING' });
    },
  );
});

test.each(['', 'a b', 'a:b', 'a\r\nb', 'é', 7, undefined])('header(%j) throws INVALID_OPTION', (name) => {
  expect(() => header(name as string)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
});

describe('first(bearer(), cookie())', () => {
  const both = () => createAccountSessions({ transport: first(bearer(), cookie()) });

  test('uses the first transport whose token the request carries', async () => {
    const { sessions } = both();
    const { token } = await sessions.open({ headers: {} }).start(ada);
    const browser = new Browser(createAccountSessions({ transport: cookie() }).sessions);
    await browser.request().start(grace);
    expect(
      (await sessions.open({ headers: { authorization: `Bearer ${token}`, cookie: browser.cookie } }).get())?.data,
    ).toEqual(ada);
  });

  test('does not fall back to the second if the token of the first is invalid', async () => {
    const made = createAccountSessions({ transport: first(cookie(), bearer()) });
    const browser = new Browser(made.sessions);
    await browser.request().start(ada);
    const headers = { authorization: 'Bearer nonsense', 'sec-fetch-site': 'same-origin', cookie: browser.cookie };
    const reversed = createAccountSessions(
      { transport: first(bearer(), cookie()), store: made.store },
      made.clock,
    ).sessions;
    expect(await reversed.open({ headers }).get()).toBeNull();
    expect(await made.sessions.open({ headers }).get()).not.toBeNull();
  });

  test('signs in by the first if the request carries neither', async () => {
    const { sessions } = both();
    const browser = new Browser(sessions);
    expect((await browser.request().start(ada)).token).not.toBeNull();
    expect(browser.setCookies).toEqual([]);
  });

  test('decides about the cross-site check by the transport of this request, not by the configuration', async () => {
    const made = createAccountSessions({ transport: first(cookie(), bearer()) });
    const browser = new Browser(made.sessions);
    await browser.request().start(ada);
    const { token } = await made.sessions.open({ headers: { authorization: 'Bearer x' }, method: 'POST' }).start(grace);
    const foreign = { 'sec-fetch-site': 'cross-site' };
    const byCookie = made.sessions.open({ headers: { ...foreign, cookie: browser.cookie }, method: 'POST' });
    await expect(byCookie.require()).rejects.toMatchObject({ code: 'CROSS_SITE' });
    const byBearer = made.sessions.open({ headers: { ...foreign, authorization: `Bearer ${token}` }, method: 'POST' });
    expect((await byBearer.require()).data).toEqual(grace);
    const byNothing = made.sessions.open({ headers: foreign, method: 'POST' });
    await expect(byNothing.start(ada)).rejects.toMatchObject({ code: 'CROSS_SITE' });
  });
});
