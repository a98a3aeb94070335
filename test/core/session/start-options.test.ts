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
