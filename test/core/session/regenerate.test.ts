import { describe, expect, test } from 'vitest';
import { ada, Browser, createAccountSessions, getErrorCode } from '../../_support/sessions.ts';

const hour = 3_600_000;

async function signIn() {
  const setup = createAccountSessions({ idle: '6h', absolute: '24h' });
  const browser = new Browser(setup.sessions);
  const { session: before } = await browser.request().start(ada);
  setup.calls.length = setup.events.length = 0;
  return { ...setup, browser, before };
}

describe('regenerate', () => {
  test('issues a new token for the same session and ends the old token at once', async () => {
    const { browser, before, calls, events } = await signIn();
    const old = browser.copy();
    const { session, token } = await browser.request().regenerate();
    expect(calls).toEqual(['read', 'regenerate']);
    expect(token).toBeNull();
    expect(session).toMatchObject({ id: before.id, data: ada, revision: 2 });
    expect(events).toEqual([{ type: 'regenerated', id: before.id }]);
    expect(browser.cookie).not.toBe(old.cookie);
    expect((await browser.request().get())?.id).toBe(before.id);
    await expect(old.request().require()).rejects.toMatchObject({ code: 'EXPIRED' });
  });

  test('changes no time of the session, so that the cookie does not last longer', async () => {
    const { browser, before, clock } = await signIn();
    clock.advance(hour);
    const { session } = await browser.request().regenerate();
    const { createdAt, authenticatedAt, lastSeenAt, expiresAt, idleMs } = before;
    expect(session).toMatchObject({ createdAt, authenticatedAt, lastSeenAt, expiresAt, idleMs });
    expect(browser.setCookies[0]).toMatch(/; Max-Age=82800;/);
  });

  test('restarts both timeouts after re-authentication, and keeps createdAt', async () => {
    const { browser, before, clock } = await signIn();
    clock.advance(hour);
    const { session } = await browser.request().regenerate({ reauthenticated: true });
    const now = clock.now();
    expect(session).toMatchObject({
      createdAt: before.createdAt,
      authenticatedAt: now,
      lastSeenAt: now,
      expiresAt: now + 24 * hour,
    });
    expect(browser.setCookies[0]).toMatch(/; Max-Age=86400;/);
    clock.advance(5 * hour);
    await browser.request().regenerate({ reauthenticated: true });
    clock.advance(5 * hour);
    expect(await browser.request().get({ passive: true })).not.toBeNull();
  });

  test('issues a token that outlasts the old deadline after re-authentication', async () => {
    const { browser, clock } = await signIn();
    for (let hours = 4; hours < 24; hours += 4) {
      clock.advance(4 * hour);
      await browser.request().get();
    }
    await browser.request().regenerate({ reauthenticated: true });
    clock.advance(5 * hour);
    expect(await browser.request().get()).not.toBeNull();
  });

  test('keeps the lifetimes that were given to start, even after re-authentication', async () => {
    const { browser, clock } = await signIn();
    await browser.request().start(ada, { idle: '1h', absolute: '2h' });
    clock.advance(hour / 2);
    const { session } = await browser.request().regenerate({ reauthenticated: true });
    expect(session).toMatchObject({ idleMs: hour, expiresAt: clock.now() + 2 * hour });
  });

  test('throws MISSING without a session and EXPIRED for an ended one, and sets no cookie', async () => {
    const { sessions, browser } = await signIn();
    expect(await getErrorCode(new Browser(sessions).request().regenerate())).toBe('MISSING');
    const copy = browser.copy();
    const slow = copy.request();
    await slow.get();
    await browser.request().destroy();
    expect(await getErrorCode(slow.regenerate())).toBe('EXPIRED');
    expect(copy.setCookies).toEqual([]);
    expect(await slow.get()).toBeNull();
    expect(await sessions.of('ada').list()).toEqual([]);
  });

  test('leaves one live token if two requests call it concurrently', async () => {
    const { sessions, browser } = await signIn();
    const [one, two] = [browser.copy(), browser.copy()];
    const codes = await Promise.all([
      getErrorCode(one.request().regenerate()),
      getErrorCode(two.request().regenerate()),
    ]);
    expect(codes.sort()).toEqual(['EXPIRED', 'none']);
    expect(await sessions.of('ada').list()).toHaveLength(1);
  });

  test('makes an update of a slower request throw, instead of losing it silently', async () => {
    const { browser } = await signIn();
    const slow = browser.copy().request();
    await slow.get();
    await browser.request().regenerate();
    expect(await getErrorCode(slow.update({ visits: 1 }))).toBe('EXPIRED');
  });
});

describe('a token that another request has replaced', () => {
  test('can still sign out, which also ends the session under the new token', async () => {
    const { browser } = await signIn();
    const slow = browser.copy();
    await slow.request().regenerate();
    await browser.request().destroy();
    await expect(slow.request().require()).rejects.toMatchObject({ code: 'EXPIRED' });
  });

  test('can still be replaced by a sign-in of the same user or of another user', async () => {
    for (const next of [ada, { ...ada, userId: 'grace' }]) {
      const { browser, sessions } = await signIn();
      const slow = browser.copy();
      await slow.request().regenerate();
      await browser.request().start(next);
      await expect(slow.request().require()).rejects.toMatchObject({ code: 'EXPIRED' });
      expect(await sessions.of('ada').list()).toHaveLength(next.userId === 'ada' ? 1 : 0);
    }
  });

  test('cannot read, change or list anything', async () => {
    const { browser } = await signIn();
    await browser.copy().request().regenerate();
    expect(await browser.request().get()).toBeNull();
    for (const method of ['list', 'regenerate', 'revokeOthers'] as const) {
      await expect(browser.request()[method]()).rejects.toMatchObject({ code: 'EXPIRED' });
    }
    await expect(browser.request().update({ visits: 1 })).rejects.toMatchObject({ code: 'EXPIRED' });
  });
});
