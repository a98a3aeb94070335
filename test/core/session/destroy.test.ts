import { faultyStore } from 'trpc-session/testing';
import { describe, expect, test } from 'vitest';
import { ada, Browser, createAccountSessions, getErrorCode } from '../../_support/sessions.ts';

async function signIn() {
  const setup = createAccountSessions();
  const browser = new Browser(setup.sessions);
  const { session } = await browser.request().start(ada);
  const setCookie = browser.setCookies[0] ?? '';
  setup.calls.length = setup.events.length = 0;
  return { ...setup, browser, id: session.id, setCookie };
}

/** Returns the attributes of a Set-Cookie line except Max-Age. */
function getCookieAttributes(line: string): string[] {
  return line
    .split('; ')
    .slice(1)
    .filter((part) => !part.startsWith('Max-Age'))
    .sort();
}

describe('destroy', () => {
  test('ends the session in the store and clears the cookie with the attributes it was set with', async () => {
    const { browser, calls, setCookie } = await signIn();
    const copy = browser.copy();
    expect(await browser.request().destroy()).toEqual({ cookieCleared: true });
    expect(calls).toEqual(['destroy']);
    expect(browser.setCookies).toEqual([expect.stringMatching(/^ssid=; Max-Age=0; /)]);
    expect(getCookieAttributes(browser.setCookies[0] ?? '')).toEqual(getCookieAttributes(setCookie));
    expect(browser.cookie).toBe('');
    await expect(copy.request().require()).rejects.toMatchObject({ code: 'EXPIRED' });
  });

  test('is idempotent, within one request and across requests', async () => {
    const { browser, events, id } = await signIn();
    const copy = browser.copy();
    const session = browser.request();
    await session.get();
    expect(await Promise.all([session.destroy(), session.destroy()])).toEqual([
      { cookieCleared: true },
      { cookieCleared: true },
    ]);
    expect(browser.setCookies).toHaveLength(1);
    expect(await copy.request().destroy()).toEqual({ cookieCleared: true });
    expect(await new Browser(createAccountSessions().sessions).request().destroy()).toEqual({ cookieCleared: true });
    expect(events).toEqual([{ type: 'destroyed', id }]);
  });

  test('makes no store call if the token is invalid', async () => {
    const { sessions, calls } = createAccountSessions();
    const browser = new Browser(sessions);
    browser.jar.set('ssid', 'nonsense');
    expect(await browser.request().destroy()).toEqual({ cookieCleared: true });
    expect(browser.cookie).toBe('');
    expect(calls).toEqual([]);
  });

  test('makes later reads of the same request return null, and guards throw MISSING', async () => {
    const { browser, calls } = await signIn();
    const session = browser.request();
    await session.destroy();
    expect(await session.get()).toBeNull();
    await expect(session.require()).rejects.toMatchObject({ code: 'MISSING' });
    expect(calls).toEqual(['destroy']);
  });

  test.each(['stream', 'subscription', 'render', 'websocket', 'caller', 'ended'] as const)(
    'ends the session and returns cookieCleared: false if no cookie can be sent (%s)',
    async (obstacle) => {
      const { browser } = await signIn();
      expect(await browser.request({ obstacle: () => obstacle }).destroy()).toEqual({ cookieCleared: false });
      expect(browser.setCookies).toEqual([]);
      expect(browser.cookie).not.toBe('');
      expect(await browser.request().get()).toBeNull();
    },
  );

  test('ends a session that the same request has just started', async () => {
    const { sessions } = createAccountSessions();
    const browser = new Browser(sessions);
    const session = browser.request();
    await Promise.all([session.start(ada), session.destroy()]);
    expect(browser.setCookies).toEqual([expect.stringMatching(/^ssid=; Max-Age=0/)]);
    expect(await sessions.of('ada').list()).toEqual([]);
  });

  test('leaves the user signed in if start follows in the same request', async () => {
    const { sessions, browser } = await signIn();
    const session = browser.request();
    await Promise.all([session.destroy(), session.start(ada)]);
    expect(browser.setCookies).toHaveLength(1);
    expect(await browser.request().get()).not.toBeNull();
    expect(await sessions.of('ada').list()).toHaveLength(1);
  });

  test('cannot be undone by a slower request', async () => {
    const { sessions, browser, clock } = await signIn();
    clock.advance(3_600_000);
    const openSlowRequest = async () => {
      const session = browser.copy().request();
      await session.get({ passive: true });
      return session;
    };
    const toTouch = await openSlowRequest();
    const toUpdate = await openSlowRequest();
    const toRegenerate = await openSlowRequest();
    const toStart = await openSlowRequest();
    await browser.request().destroy();
    await toTouch.get();
    expect(await getErrorCode(toUpdate.update({ visits: 1 }))).toBe('EXPIRED');
    expect(await getErrorCode(toRegenerate.regenerate())).toBe('EXPIRED');
    expect(await getErrorCode(toStart.start((previous) => previous ?? ada))).toBe('none');
    expect(await sessions.of('ada').list()).toHaveLength(1);
    expect(await browser.request().get()).toBeNull();
  });

  test('keeps the cookie if the store fails, so that a second call can succeed', async () => {
    const { store, browser, clock } = await signIn();
    const failing = faultyStore(store, [{ operation: 'destroy', call: 1, at: 'before', fault: 'throw' }]);
    const other = new Browser(createAccountSessions({ store: failing }, clock).sessions);
    other.jar.set('ssid', browser.cookie.slice('ssid='.length));
    const session = other.request();
    expect(await getErrorCode(session.destroy())).toBe('UNAVAILABLE');
    expect(other.setCookies).toEqual([]);
    expect(await session.destroy()).toEqual({ cookieCleared: true });
    expect(await browser.request().get()).toBeNull();
  });
});
