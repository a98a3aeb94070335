import { describe, expect, test } from 'vitest';
import { ada, Browser, createAccountSessions, getErrorCode } from '../../_support/sessions.ts';

const hour = 3_600_000;

async function signedIn() {
  const made = createAccountSessions({ idle: '6h', absolute: '24h' });
  const browser = new Browser(made.sessions);
  const { session: before } = await browser.request().start(ada);
  made.calls.length = made.events.length = 0;
  return { ...made, browser, before };
}

describe('regenerate', () => {
  test('gives a new token for the same session; the old one is dead at once', async () => {
    const { browser, before, calls, events } = await signedIn();
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

  test('moves no clock by itself, so that the cookie lasts no longer either', async () => {
    const { browser, before, clock } = await signedIn();
    clock.advance(hour);
    const { session } = await browser.request().regenerate();
    const { createdAt, authenticatedAt, lastSeenAt, expiresAt, idleMs } = before;
    expect(session).toMatchObject({ createdAt, authenticatedAt, lastSeenAt, expiresAt, idleMs });
    expect(browser.setCookies[0]).toMatch(/; Max-Age=82800;/);
  });

  test('after a confirmed password starts both clocks anew, and keeps when it was created', async () => {
    const { browser, before, clock } = await signedIn();
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

  test('after a confirmed password gives a token that outlasts the old deadline', async () => {
    const { browser, clock } = await signedIn();
    for (let hours = 4; hours < 24; hours += 4) {
      clock.advance(4 * hour);
      await browser.request().get();
    }
    await browser.request().regenerate({ reauthenticated: true });
    clock.advance(5 * hour);
    expect(await browser.request().get()).not.toBeNull();
  });

  test('keeps lifetimes of its own through re-authentication', async () => {
    const { browser, clock } = await signedIn();
    await browser.request().start(ada, { idle: '1h', absolute: '2h' });
    clock.advance(hour / 2);
    const { session } = await browser.request().regenerate({ reauthenticated: true });
    expect(session).toMatchObject({ idleMs: hour, expiresAt: clock.now() + 2 * hour });
  });

  test('of nobody, and of a session that ended, is refused and sets no cookie', async () => {
    const { sessions, browser } = await signedIn();
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

  test('twice at once from two requests leaves one live token', async () => {
    const { sessions, browser } = await signedIn();
    const [one, two] = [browser.copy(), browser.copy()];
    const codes = await Promise.all([
      getErrorCode(one.request().regenerate()),
      getErrorCode(two.request().regenerate()),
    ]);
    expect(codes.sort()).toEqual(['EXPIRED', 'none']);
    expect(await sessions.of('ada').list()).toHaveLength(1);
  });

  test('and an update that read before it: the update is refused, not lost silently', async () => {
    const { browser } = await signedIn();
    const slow = browser.copy().request();
    await slow.get();
    await browser.request().regenerate();
    expect(await getErrorCode(slow.update({ visits: 1 }))).toBe('EXPIRED');
  });
});

describe('a token that was replaced while its owner was busy', () => {
  test('still signs out: the cookie of the slow regeneration arrives after the logout and opens nothing', async () => {
    const { browser } = await signedIn();
    const slow = browser.copy();
    await slow.request().regenerate();
    await browser.request().destroy();
    await expect(slow.request().require()).rejects.toMatchObject({ code: 'EXPIRED' });
  });

  test('still makes room for a new sign-in, of the same person or of another', async () => {
    for (const next of [ada, { ...ada, userId: 'grace' }]) {
      const { browser, sessions } = await signedIn();
      const slow = browser.copy();
      await slow.request().regenerate();
      await browser.request().start(next);
      await expect(slow.request().require()).rejects.toMatchObject({ code: 'EXPIRED' });
      expect(await sessions.of('ada').list()).toHaveLength(next.userId === 'ada' ? 1 : 0);
    }
  });

  test('opens, changes and lists nothing', async () => {
    const { browser } = await signedIn();
    await browser.copy().request().regenerate();
    expect(await browser.request().get()).toBeNull();
    for (const verb of ['list', 'regenerate', 'revokeOthers'] as const) {
      await expect(browser.request()[verb]()).rejects.toMatchObject({ code: 'EXPIRED' });
    }
    await expect(browser.request().update({ visits: 1 })).rejects.toMatchObject({ code: 'EXPIRED' });
  });
});
