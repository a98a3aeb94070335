import { type CookieOptions, cookie } from 'trpc-session/transports/cookie';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ada, Browser, createAccountSessions, getErrorCode } from '../_support/sessions.ts';

afterEach(() => vi.unstubAllEnvs());

/** The cookie that a sign-in sets: its name, then its attributes in alphabetical order. */
async function readSetCookie(options: CookieOptions): Promise<string[]> {
  const browser = new Browser(createAccountSessions({ transport: cookie(options), absolute: '1d' }).sessions);
  await browser.request({ headers: { origin: 'https://a.example' } }).start(ada);
  const [pair = '', ...attributes] = browser.setCookies.at(-1)?.split('; ') ?? [];
  return [pair.split('=')[0] ?? '', ...attributes.sort()];
}

describe('the session cookie', () => {
  test.each<[CookieOptions, string[]]>([
    [{}, ['ssid', 'HttpOnly', 'Max-Age=86400', 'Path=/', 'SameSite=Lax']],
    [{ secure: true }, ['__Host-ssid', 'HttpOnly', 'Max-Age=86400', 'Path=/', 'SameSite=Lax', 'Secure']],
    [{ sameSite: 'strict' }, ['ssid', 'HttpOnly', 'Max-Age=86400', 'Path=/', 'SameSite=Strict']],
    [{ sameSite: 'none' }, ['__Host-ssid', 'HttpOnly', 'Max-Age=86400', 'Path=/', 'SameSite=None', 'Secure']],
    [{ name: '__Host-mine' }, ['__Host-mine', 'HttpOnly', 'Max-Age=86400', 'Path=/', 'SameSite=Lax', 'Secure']],
    [
      { name: '__Host-Http-mine' },
      ['__Host-Http-mine', 'HttpOnly', 'Max-Age=86400', 'Path=/', 'SameSite=Lax', 'Secure'],
    ],
    [
      { domain: 'a.example', secure: true },
      ['__Secure-ssid', 'Domain=a.example', 'HttpOnly', 'Max-Age=86400', 'Path=/', 'SameSite=Lax', 'Secure'],
    ],
    [{ domain: 'a.example' }, ['ssid', 'Domain=a.example', 'HttpOnly', 'Max-Age=86400', 'Path=/', 'SameSite=Lax']],
    [{ path: '/shop' }, ['ssid', 'HttpOnly', 'Max-Age=86400', 'Path=/shop', 'SameSite=Lax']],
    [
      { path: '/shop', secure: true },
      ['__Secure-ssid', 'HttpOnly', 'Max-Age=86400', 'Path=/shop', 'SameSite=Lax', 'Secure'],
    ],
    [
      { partitioned: true, sameSite: 'none' },
      ['__Host-ssid', 'HttpOnly', 'Max-Age=86400', 'Partitioned', 'Path=/', 'SameSite=None', 'Secure'],
    ],
    [{ priority: 'high' }, ['ssid', 'HttpOnly', 'Max-Age=86400', 'Path=/', 'Priority=High', 'SameSite=Lax']],
    [{ maxAge: '1h' }, ['ssid', 'HttpOnly', 'Max-Age=3600', 'Path=/', 'SameSite=Lax']],
    [{ maxAge: '400d' }, ['ssid', 'HttpOnly', 'Max-Age=86400', 'Path=/', 'SameSite=Lax']],
    [{ name: 'mine', secure: true }, ['mine', 'HttpOnly', 'Max-Age=86400', 'Path=/', 'SameSite=Lax', 'Secure']],
  ])('has the right name and attributes with %j', async (options, expected) => {
    expect(await readSetCookie(options)).toEqual(expected);
  });

  test('is not Secure in production if `secure` is false', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    const store = (await import('trpc-session/stores/memory')).memoryStore({ name: 'insecure', production: true });
    const browser = new Browser(createAccountSessions({ transport: cookie({ secure: false }), store }).sessions);
    await browser.request({ headers: { origin: 'http://192.168.1.7:3000' } }).start(ada);
    expect(browser.setCookies[0]).toMatch(/^ssid=/);
    expect(browser.setCookies[0]).not.toMatch(/Secure/);
  });

  test('is cleared with the same attributes', async () => {
    const browser = new Browser(
      createAccountSessions({ transport: cookie({ domain: 'a.example', secure: true }) }).sessions,
    );
    await browser.request().start(ada);
    const set = browser.setCookies
      .at(-1)
      ?.split('; ')
      .slice(1)
      .filter((part) => !part.startsWith('Max-Age'));
    await browser.request().destroy();
    const [pair, ...cleared] = browser.setCookies.at(-1)?.split('; ') ?? [];
    expect(pair).toBe('__Secure-ssid=');
    expect(cleared.filter((part) => part !== 'Max-Age=0')).toEqual(set);
  });

  test('lasts at least one second, because Max-Age=0 would delete it', async () => {
    const browser = new Browser(createAccountSessions({ absolute: '500ms', idle: '500ms' }).sessions);
    await browser.request().start(ada);
    expect(browser.setCookies[0]).toMatch(/; Max-Age=1;/);
  });

  test('is read under its exact name only, and from no other header', async () => {
    const { sessions, calls } = createAccountSessions();
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    calls.length = 0;
    for (const name of ['SSID', 'Ssid', '__Host-ssid', '=ssid', 'x-ssid']) {
      const headers = { cookie: browser.cookie.replace('ssid', name) };
      expect(await sessions.open({ headers }).get()).toBeNull();
    }
    expect(
      await sessions
        .open({ headers: { 'x-session-id': browser.cookie, authorization: `Bearer ${browser.cookie}` } })
        .get(),
    ).toBeNull();
    expect(calls).toEqual([]);
  });
});

describe('a response that cannot carry the cookie', () => {
  test.each(['stream', 'subscription', 'render', 'websocket', 'caller', 'ended'] as const)(
    'start and regenerate fail before anything is written, and say what to do (%s)',
    async (obstacle) => {
      const { sessions, calls } = createAccountSessions();
      const browser = new Browser(sessions);
      await browser.request().start(ada);
      calls.length = 0;
      const session = browser.request({ obstacle: () => obstacle });
      const error = await session.start(ada).catch((reason: unknown) => reason);
      expect(error).toMatchObject({
        code: 'COOKIE_UNWRITABLE',
        publicMessage: expect.stringMatching(/nothing was changed\. .+: .+\.$/),
      });
      expect(await getErrorCode(session.regenerate())).toBe('COOKIE_UNWRITABLE');
      expect(calls).toEqual([]);
      expect(await browser.request().get()).not.toBeNull();
    },
  );

  test('a session is ended if setting its cookie fails', async () => {
    const { sessions } = createAccountSessions();
    const sink = {
      cookieObstacle: () => null,
      markPrivate: () => {},
      setCookie: () => {
        throw new Error('headers sent');
      },
    };
    const session = sessions.open({ headers: { 'sec-fetch-site': 'same-origin' }, method: 'POST' }, sink);
    expect(await getErrorCode(session.start(ada))).toBe('COOKIE_UNWRITABLE');
    expect(await session.get()).toBeNull();
    expect(await sessions.of('ada').list()).toEqual([]);
  });
});

describe('a Secure cookie over plain http', () => {
  const start = (origin: string) => {
    const made = createAccountSessions({ transport: cookie({ secure: true }) });
    return { ...made, code: getErrorCode(new Browser(made.sessions).request({ headers: { origin } }).start(ada)) };
  };

  test.each([
    'http://192.168.1.7:3000',
    'http://10.0.0.1',
    'http://app.local',
    'http://example.com',
    'http://localhost.evil.com',
    'http://127.evil.com',
  ])('on %s fails before anything is written', async (origin) => {
    const { code, calls } = start(origin);
    expect(await code).toBe('INSECURE_COOKIE');
    expect(calls).toEqual([]);
  });

  test.each([
    'http://localhost:3000',
    'http://app.localhost:3000',
    'http://127.0.0.1:3000',
    'http://127.1.2.3',
    'http://[::1]:3000',
    'https://example.com',
  ])('on %s is allowed', async (origin) => {
    expect(await start(origin).code).toBe('none');
  });
});

describe('cookie() throws for options that inject text or that browsers drop', () => {
  test.each<[string, unknown]>([
    ['name', ''],
    ['name', 'a b'],
    ['name', 'a;b'],
    ['name', 'a=b'],
    ['name', 'a,b'],
    ['name', 'a\n'],
    ['name', 'a\r\nb'],
    ['name', 'a\0'],
    ['name', 'é'],
    ['name', '"a"'],
    ['name', 'a'.repeat(65)],
    ['name', 7],
    ['secure', 'true'],
    ['secure', null],
    ['sameSite', true],
    ['sameSite', 'None'],
    ['sameSite', 'no'],
    ['domain', ''],
    ['domain', '.a.example'],
    ['domain', 'a.example.'],
    ['domain', 'a.example:443'],
    ['domain', 'https://a.example'],
    ['domain', 'a.example; Path=/evil'],
    ['domain', 'a.example\n'],
    ['domain', 'a..example'],
    ['domain', '-a.example'],
    ['domain', 'a-.example'],
    ['domain', `${'a'.repeat(64)}.example`],
    ['domain', 7],
    ['path', ''],
    ['path', 'shop'],
    ['path', '/a b'],
    ['path', '/a;Domain=evil'],
    ['path', '/a\n'],
    ['path', '/é'],
    ['path', `/${'a'.repeat(256)}`],
    ['domain', `${'a'.repeat(250)}.com`],
    ['formerDomains', []],
    ['formerDomains', 'a.example'],
    ['formerDomains', ['a.example', 'https://b.example']],
    ['formerDomains', ['a.example; Path=/evil']],
    ['partitioned', 'true'],
    ['priority', 'High'],
    ['maxAge', '1 hour'],
    ['maxAge', 0],
    ['httpOnly', false],
    ['expires', 5],
    ['toString', 1],
  ])('%s: %j', (option, value) => {
    expect(() => cookie({ [option]: value })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(`\`cookie.${option}\``) }),
    );
  });

  test.each<[CookieOptions, string]>([
    [{ name: '__Host-a', domain: 'a.example' }, 'cookie.domain'],
    [{ name: '__hOsT-a', domain: 'a.example' }, 'cookie.domain'],
    [{ name: '__Host-a', path: '/a' }, 'cookie.path'],
    [{ name: '__Host-a', formerDomains: ['a.example'] }, 'cookie.formerDomains'],
    [{ partitioned: true, secure: false }, 'cookie.secure'],
    [{ name: '__Host-a', secure: false }, 'cookie.secure'],
    [{ name: '__Secure-a', secure: false }, 'cookie.secure'],
    [{ name: '__Http-a', secure: false }, 'cookie.secure'],
    [{ name: '__secure-a', secure: false }, 'cookie.secure'],
    [{ sameSite: 'none', secure: false }, 'cookie.secure'],
  ])('%j', (options, option) => {
    expect(() => cookie(options)).toThrow(`\`${option}\``);
  });
});
