import { describe, expect, test } from 'vitest';
import { ada, Browser, createAccountSessions, getErrorCode } from '../../_support/sessions.ts';

describe('start', () => {
  const hour = 3_600_000;

  test('sets a cookie that lasts until the absolute deadline', async () => {
    const { sessions } = createAccountSessions({ absolute: '7d' });
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    expect(browser.setCookies[0]).toMatch(/; Max-Age=604800;/);
  });

  test('sets a cookie that ends with the browser if remember is false, even after regenerate', async () => {
    const { sessions } = createAccountSessions();
    const browser = new Browser(sessions);
    await browser.request().start(ada, { remember: false });
    expect(browser.setCookies[0]).not.toMatch(/max-age|expires/i);
    await browser.request().regenerate();
    expect(browser.setCookies[0]).toMatch(/^ssid=Fe26/);
    expect(browser.setCookies[0]).not.toMatch(/max-age|expires/i);
  });

  test('uses the lifetimes that are given for this session', async () => {
    const { sessions, clock } = createAccountSessions({ idle: '6h', absolute: '7d' });
    const browser = new Browser(sessions);
    const { session } = await browser.request().start(ada, { idle: '1h', absolute: '2h' });
    expect(session).toMatchObject({
      idleMs: hour,
      expiresAt: clock.now() + 2 * hour,
      idleExpiresAt: clock.now() + hour,
    });
    expect(browser.setCookies[0]).toMatch(/; Max-Age=7200;/);
  });

  test('shortens the idle timeout to a shorter absolute timeout', async () => {
    const { sessions } = createAccountSessions({ idle: '6h', absolute: '7d' });
    const { session } = await new Browser(sessions).request().start(ada, { absolute: '1h' });
    expect(session.idleMs).toBe(hour);
  });

  test('throws INVALID_OPTION for invalid lifetimes, without a store call', async () => {
    const { sessions, calls } = createAccountSessions();
    for (const options of [{ idle: 0 }, { absolute: -1 }, { idle: '30d' }, { idle: '2h', absolute: '1h' }] as const) {
      expect(await getErrorCode(new Browser(sessions).request().start(ada, options))).toBe('INVALID_OPTION');
    }
    expect(calls).toEqual([]);
  });
});

describe('start with origins of its own', () => {
  const from = (origin: string) => ({ headers: { origin, 'sec-fetch-site': 'cross-site' } });
  const provider = 'https://idp.example';

  test.each([
    [[provider], provider],
    [['https://*.idp.example.com'], 'https://eu.idp.example.com'],
    [['null'], 'null'],
    [(origin: string) => origin === provider, provider],
  ])('signs in for %j if the form comes from %s, and delivers the cookie', async (origins, origin) => {
    const { sessions } = createAccountSessions();
    const browser = new Browser(sessions);
    await browser.request(from(origin)).start(ada, { origins });
    expect((await browser.request().get())?.data.userId).toBe('ada');
  });

  test.each([
    [[provider], 'https://evil.example'],
    [[provider], 'null'],
    [['null'], provider],
    [[], 'null'],
    [() => false, 'null'],
  ])('throws CROSS_SITE for %j if the form comes from %s, without a store call', async (origins, origin) => {
    const { sessions, calls } = createAccountSessions();
    expect(await getErrorCode(new Browser(sessions).request(from(origin)).start(ada, { origins }))).toBe('CROSS_SITE');
    expect(calls).toEqual([]);
  });

  test('adds to the origins of the manager', async () => {
    const { sessions } = createAccountSessions({ origins: ['https://admin.example.com'] });
    const request = new Browser(sessions).request(from('https://admin.example.com'));
    expect(await getErrorCode(request.start(ada, { origins: [provider] }))).toBe('none');
  });

  test('allows no other write of the same request', async () => {
    const { sessions } = createAccountSessions();
    const browser = new Browser(sessions);
    const session = browser.request(from(provider));
    await session.start(ada, { origins: [provider] });
    for (const write of [session.start(ada), session.update({}), session.regenerate(), session.destroy()]) {
      expect(await getErrorCode(write)).toBe('CROSS_SITE');
    }
    expect((await browser.request().get())?.data.userId).toBe('ada');
  });

  test.each([['https://idp.example/callback'], ['*'], ['']])(
    'throws INVALID_OPTION for the entry %j, without a store call',
    async (entry) => {
      const { sessions, calls } = createAccountSessions();
      const error = await new Browser(sessions)
        .request(from(provider))
        .start(ada, { origins: [entry] })
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'INVALID_OPTION', message: expect.stringContaining('`origins` must be') });
      expect(calls).toEqual([]);
    },
  );
});

describe("an app's own id generator", () => {
  test('sets the public id and not the token', async () => {
    let counter = 0;
    const { sessions } = createAccountSessions({ id: () => `session-number-${++counter}` });
    const browser = new Browser(sessions);
    const { session } = await browser.request().start(ada);
    expect(session.id).toMatch(/^session-number-\d+$/);
    expect(browser.cookie).not.toContain('session-number');
  });

  test('fails the sign-in with its own error, which is not reported as an outage', async () => {
    let validIds = 8;
    const id = (): string => {
      if (validIds-- > 0) return `session-number-${validIds}-`;
      throw new RangeError('out of ids');
    };
    const { sessions, events } = createAccountSessions({ id });
    await expect(new Browser(sessions).request().start(ada)).rejects.toThrow(RangeError);
    expect(events).toEqual([]);
  });
});
