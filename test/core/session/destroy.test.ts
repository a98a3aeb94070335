import { describe, expect, test } from 'vitest';
import { ada, Browser, createAccountSessions, getErrorCode } from '../../_support/sessions.ts';

async function signedIn() {
  const made = createAccountSessions();
  const browser = new Browser(made.sessions);
  const { session } = await browser.request().start(ada);
  const started = browser.setCookies[0] ?? '';
  made.calls.length = made.events.length = 0;
  return { ...made, browser, id: session.id, started };
}

/** The attributes of a Set-Cookie line without its value and age. */
function attributes(line: string): string[] {
  return line
    .split('; ')
    .slice(1)
    .filter((part) => !part.startsWith('Max-Age'))
    .sort();
}

describe('destroy', () => {
  test('ends the session in the store and clears the cookie with the attributes it was set with', async () => {
    const { browser, calls, started } = await signedIn();
    const copy = browser.copy();
    expect(await browser.request().destroy()).toEqual({ cookieCleared: true });
    expect(calls).toEqual(['destroy']);
    expect(browser.setCookies).toEqual([expect.stringMatching(/^ssid=; Max-Age=0; /)]);
    expect(attributes(browser.setCookies[0] ?? '')).toEqual(attributes(started));
    expect(browser.cookie).toBe('');
    await expect(copy.request().require()).rejects.toMatchObject({ code: 'EXPIRED' });
  });

  test('twice is fine, in one request and in two', async () => {
    const { browser, events, id } = await signedIn();
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

  test('costs a visitor without a token no store call', async () => {
    const { sessions, calls } = createAccountSessions();
    const browser = new Browser(sessions);
    browser.jar.set('ssid', 'nonsense');
    expect(await browser.request().destroy()).toEqual({ cookieCleared: true });
    expect(browser.cookie).toBe('');
    expect(calls).toEqual([]);
  });

  test('is seen by later reads of the same request, and guards say missing', async () => {
    const { browser, calls } = await signedIn();
    const session = browser.request();
    await session.destroy();
    expect(await session.get()).toBeNull();
    await expect(session.require()).rejects.toMatchObject({ code: 'MISSING' });
    expect(calls).toEqual(['destroy']);
  });

  test.each(['stream', 'subscription', 'render', 'websocket', 'caller', 'ended'] as const)(
    'where no cookie can be sent (%s) ends the session all the same and says that the cookie stays',
    async (obstacle) => {
      const { browser } = await signedIn();
      expect(await browser.request({ obstacle: () => obstacle }).destroy()).toEqual({ cookieCleared: false });
      expect(browser.setCookies).toEqual([]);
      expect(browser.cookie).not.toBe('');
      expect(await browser.request().get()).toBeNull();
    },
  );

  test('of a session that was just started ends that one', async () => {
    const { sessions } = createAccountSessions();
    const browser = new Browser(sessions);
    const session = browser.request();
    await Promise.all([session.start(ada), session.destroy()]);
    expect(browser.setCookies).toEqual([expect.stringMatching(/^ssid=; Max-Age=0/)]);
    expect(await sessions.of('ada').list()).toEqual([]);
  });

  test('and start in one request leave the new one signed in', async () => {
    const { sessions, browser } = await signedIn();
    const session = browser.request();
    await Promise.all([session.destroy(), session.start(ada)]);
    expect(browser.setCookies).toHaveLength(1);
    expect(await browser.request().get()).not.toBeNull();
    expect(await sessions.of('ada').list()).toHaveLength(1);
  });

  test('cannot be undone by any slower request', async () => {
    const { sessions, browser, clock } = await signedIn();
    clock.advance(3_600_000);
    const slow = Array.from({ length: 4 }, () => browser.copy().request());
    await Promise.all(slow.map((session) => session.get({ passive: true })));
    await browser.request().destroy();
    const [touching, updating, regenerating, starting] = slow;
    await touching?.get();
    expect(await getErrorCode(updating?.update({ visits: 1 }) ?? Promise.resolve())).toBe('EXPIRED');
    expect(await getErrorCode(regenerating?.regenerate() ?? Promise.resolve())).toBe('EXPIRED');
    expect(await getErrorCode(starting?.start((previous) => previous ?? ada) ?? Promise.resolve())).toBe('none');
    expect(await sessions.of('ada').list()).toHaveLength(1);
    expect(await browser.request().get()).toBeNull();
  });

  test('that the store did not acknowledge fails and keeps the cookie, so that it can be tried again', async () => {
    const { store, browser, clock } = await signedIn();
    let down = true;
    const flaky = Object.create(store, {
      destroy: {
        value: async (at: Parameters<typeof store.destroy>[0]) => {
          if (down) throw new Error('down');
          return store.destroy(at);
        },
      },
    });
    const other = new Browser(createAccountSessions({ store: flaky }, clock).sessions);
    other.jar.set('ssid', browser.cookie.slice('ssid='.length));
    const session = other.request();
    expect(await getErrorCode(session.destroy())).toBe('UNAVAILABLE');
    expect(other.setCookies).toEqual([]);
    down = false;
    expect(await session.destroy()).toEqual({ cookieCleared: true });
    expect(await browser.request().get()).toBeNull();
  });
});
