import { createHeadersSink, first } from 'trpc-session';
import { cookie } from 'trpc-session/transports/cookie';
import { bearer, header } from 'trpc-session/transports/header';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ada, Browser, createAccountSessions, getErrorCode, grace } from '../../_support/sessions.ts';

const asking = { 'session-transport': 'bearer' };
const tokenPattern = /^[\w-]{72}$/;

function createSetting(transport = first(cookie(), bearer())) {
  const made = createAccountSessions({ transport });
  /** Opens a session as a client that asks for a token. */
  const open = (headers: Readonly<Record<string, string>> = {}) => {
    const response = new Headers();
    const request = { method: 'POST', headers: { ...asking, ...headers } };
    return { response, session: made.sessions.open(request, createHeadersSink(response)) };
  };
  const signIn = async (headers = {}) => {
    const { response, session } = open(headers);
    await session.start(ada);
    return { authorization: `Bearer ${response.get('session-token')}` };
  };
  return { ...made, open, signIn };
}

describe('a client that asks for a token', () => {
  test('gets it from `start` and from a header of a response that no cache stores, and gets no cookie', async () => {
    const { open, sessions } = createSetting();
    const { response, session } = open();
    const { token } = await session.start(ada);
    expect(token).toMatch(tokenPattern);
    expect(response.get('session-token')).toBe(token);
    expect(response.get('cache-control')).toBe('private, no-store');
    expect(response.getSetCookie()).toEqual([]);
    const headers = { ...asking, authorization: `Bearer ${token}` };
    expect((await sessions.open({ headers }).get())?.data).toEqual(ada);
  });

  test('gets a new token at `regenerate`', async () => {
    const { open, signIn } = createSetting();
    const before = await signIn();
    const { response, session } = open(before);
    await session.regenerate();
    const after = response.get('session-token');
    expect(after).toMatch(tokenPattern);
    expect(before.authorization).not.toContain(after);
    expect(await open({ authorization: `Bearer ${after}` }).session.get()).not.toBeNull();
  });

  test('receives `none` when it signs out, and when it revokes its own session', async () => {
    const { open, signIn } = createSetting();
    const signingOut = open(await signIn());
    await signingOut.session.destroy();
    expect(signingOut.response.get('session-token')).toBe('none');
    const revoking = open(await signIn());
    await revoking.session.revoke((await revoking.session.require()).id);
    expect(revoking.response.get('session-token')).toBe('none');
  });

  test('receives `none` if its session was revoked, has expired or never existed', async () => {
    const { open, signIn, sessions, clock } = createSetting();
    const revoked = await signIn();
    await sessions.of('ada').revokeAll();
    const expired = await signIn();
    clock.advance('8d');
    for (const headers of [revoked, expired, { authorization: 'Bearer nonsense' }]) {
      const { response, session } = open(headers);
      expect(await session.get()).toBeNull();
      expect(response.get('session-token')).toBe('none');
    }
  });

  test('keeps a token whose record another version of the app wrote', async () => {
    const { signIn, store, clock } = createSetting();
    const headers = { ...asking, ...(await signIn()) };
    const schema = z.object({ userId: z.string(), tenant: z.string() });
    const other = { transport: bearer(), schema, store };
    const { sessions } = createAccountSessions(other as never, clock);
    const response = new Headers();
    expect(await sessions.open({ headers }, createHeadersSink(response)).get()).toBeNull();
    expect(response.get('session-token')).toBeNull();
  });

  test('receives no header while it has no token, and when its session is read', async () => {
    const { open, signIn } = createSetting();
    for (const headers of [{}, await signIn()]) {
      const { response, session } = open(headers);
      await session.get();
      expect(response.get('session-token')).toBeNull();
    }
  });

  test('is refused where the response cannot carry the header, and nothing is stored', async () => {
    const { sessions, calls } = createSetting();
    const sinks = (['stream', 'subscription', 'websocket', 'ended', 'caller'] as const).map((obstacle) =>
      createHeadersSink(new Headers(), () => obstacle),
    );
    const { setHeader: _, ...withoutHeaders } = createHeadersSink(new Headers());
    for (const sink of [...sinks, withoutHeaders, undefined]) {
      const session = sessions.open({ method: 'POST', headers: asking }, sink);
      expect(await getErrorCode(session.start(ada))).toBe('COOKIE_UNWRITABLE');
    }
    expect(calls).toEqual([]);
  });

  test('may name the transport in any case, and a header transport by its header', async () => {
    const { sessions } = createSetting(first(cookie(), bearer(), header('X-Session')));
    for (const name of ['Bearer', 'BEARER', 'x-session', 'X-Session']) {
      const response = new Headers();
      const request = { method: 'POST', headers: { 'Session-Transport': name } };
      await sessions.open(request, createHeadersSink(response)).start(ada);
      expect(response.get('session-token')).toMatch(tokenPattern);
    }
  });

  test('needs no Origin, because no browser sends its token by itself', async () => {
    const { open, signIn } = createSetting();
    const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://elsewhere.example' };
    expect((await open({ ...foreign, ...(await signIn(foreign)) }).session.require()).data).toEqual(ada);
  });
});

describe('a request that does not name a header transport', () => {
  test.each(['', 'cookie', 'ssid', 'basic', 'bearer, cookie', '*'])(
    'gets a cookie and no token if the header is %j',
    async (name) => {
      const { sessions } = createSetting();
      const browser = new Browser(sessions);
      const { token } = await browser.request({ headers: { 'session-transport': name } }).start(ada);
      expect(token).toBeNull();
      expect(browser.response.get('session-token')).toBeNull();
      expect(browser.setCookies).toHaveLength(1);
    },
  );

  test('gets a cookie from an app without `bearer()`, even if it asks for a token', async () => {
    const browser = new Browser(createSetting(cookie()).sessions);
    expect((await browser.request({ headers: asking }).start(ada)).token).toBeNull();
    expect(browser.setCookies).toHaveLength(1);
  });

  test('gets the token from `start` alone if it uses `bearer()` without asking', async () => {
    const { sessions } = createSetting(bearer());
    const response = new Headers();
    const { token } = await sessions.open({ headers: {} }, createHeadersSink(response)).start(ada);
    expect(token).toMatch(tokenPattern);
    expect(response.get('session-token')).toBeNull();
  });
});

/** What a script on a page of the app can send: the browser adds the cookie, and the script any header it likes. */
const attempts = [asking, { ...asking, authorization: 'Bearer nonsense' }, { ...asking, authorization: 'Bearer ' }];

describe.each([
  ['first(cookie(), bearer())', first(cookie(), bearer())],
  ['first(bearer(), cookie())', first(bearer(), cookie())],
])('a script that has only the cookie, with %s', (_name, transport) => {
  async function createSignedInBrowser() {
    const setting = createSetting(transport);
    // The cookie comes from an app with the same secret, because `first(bearer(), …)` signs in by the token.
    const { sessions } = createAccountSessions({ transport: cookie(), store: setting.store }, setting.clock);
    const signingIn = new Browser(sessions);
    await signingIn.request().start(ada);
    const browser = new Browser(setting.sessions);
    for (const [name, value] of [signingIn.cookie.split('=') as [string, string]]) browser.jar.set(name, value);
    expect((await browser.request().get())?.data).toEqual(ada);
    setting.calls.length = 0;
    return { ...setting, browser };
  }

  test.each(attempts)('is signed out if it sends %j, and changes nothing', async (headers) => {
    const { browser, calls } = await createSignedInBrowser();
    for (const use of ['regenerate', 'require', 'list', 'revokeOthers', 'destroy'] as const) {
      const code = await getErrorCode(browser.request({ headers })[use]());
      expect(code).toBe(use === 'destroy' ? 'none' : 'MISSING');
      expect(browser.response.get('session-token') ?? 'none').toBe('none');
      expect(browser.setCookies).toEqual([]);
    }
    expect(calls).toEqual([]);
    expect((await browser.request().get())?.data).toEqual(ada);
  });

  test.each(attempts)('carries nothing over to a new session if it sends %j', async (headers) => {
    const { browser } = await createSignedInBrowser();
    const seen: unknown[] = [];
    await browser.request({ headers }).start((previous) => {
      seen.push(previous);
      return grace;
    });
    expect(seen).toEqual([null]);
    expect((await browser.request().get())?.data).toEqual(ada);
  });

  test('regenerates its session to a new cookie, and sees no token', async () => {
    const { browser } = await createSignedInBrowser();
    const { token } = await browser.request().regenerate();
    expect(token).toBeNull();
    expect(browser.response.get('session-token')).toBeNull();
    expect(browser.setCookies).toHaveLength(1);
  });
});
