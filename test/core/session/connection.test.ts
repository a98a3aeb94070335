import { bearer } from 'trpc-session/transports/header';
import { describe, expect, test } from 'vitest';
import { ada, Browser, createAccountSessions, getErrorCode, grace } from '../../_support/sessions.ts';

const uncached = { cache: 'none' } as const;

describe('a session on a connection that stays open for hours', () => {
  test('reads the store on every call', async () => {
    const { sessions, calls } = createAccountSessions();
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    const session = browser.copy().request(uncached);
    calls.length = 0;
    await session.get();
    expect((await session.require()).data.visits).toBe(0);
    await browser.request().update({ visits: 1 });
    expect((await session.get())?.data.visits).toBe(1);
    await browser.request().destroy();
    expect(await session.get()).toBeNull();
    await expect(session.require()).rejects.toMatchObject({ code: 'EXPIRED' });
    expect(calls).toEqual(['read', 'read', 'read', 'replace', 'read', 'destroy', 'read', 'read']);
  });

  test('is touched whenever a touch is due', async () => {
    const { sessions, clock } = createAccountSessions();
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    const session = browser.request(uncached);
    for (let hours = 0; hours < 24; hours += 5) {
      clock.advance(5 * 3_600_000);
      expect(await session.get()).not.toBeNull();
    }
  });

  test('returns its own sign-in, new token and sign-out in later reads', async () => {
    const { sessions } = createAccountSessions({ transport: bearer() });
    const session = sessions.open({ headers: {} }, undefined, uncached);
    expect(await session.get()).toBeNull();
    await session.start(ada);
    expect((await session.get())?.data).toEqual(ada);
    await session.update({ visits: 1 });
    await session.regenerate();
    expect(await session.get()).toMatchObject({ data: { visits: 1 }, revision: 3 });
    await session.start(grace);
    expect((await session.get())?.data).toEqual(grace);
    expect(await sessions.of('ada').list()).toEqual([]);
    await session.destroy();
    expect(await session.get()).toBeNull();
    expect(await getErrorCode(session.update({ visits: 2 }))).not.toBe('none');
    expect(await sessions.of('grace').list()).toEqual([]);
  });

  test('is signed out when another request ends it, even if it was started here', async () => {
    const { sessions } = createAccountSessions({ transport: bearer() });
    const session = sessions.open({ headers: {} }, undefined, uncached);
    await session.start(ada);
    await sessions.of('ada').revokeAll();
    expect(await session.get()).toBeNull();
  });
});
