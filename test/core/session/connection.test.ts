import { bearer } from 'trpc-session/transports/header';
import { describe, expect, test } from 'vitest';
import { ada, Browser, createAccountSessions, getErrorCode, grace } from '../../_support/sessions.ts';

const lasting = { cache: 'none' } as const;

describe('on a connection that lives for hours', () => {
  test('every question is asked anew', async () => {
    const { sessions, calls } = createAccountSessions();
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    const session = browser.copy().request(lasting);
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

  test('every use that is due is a touch', async () => {
    const { sessions, clock } = createAccountSessions();
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    const session = browser.request(lasting);
    for (let hours = 0; hours < 24; hours += 5) {
      clock.advance(5 * 3_600_000);
      expect(await session.get()).not.toBeNull();
    }
  });

  test('later reads see a sign-in, a new token and a sign-out that were made on it', async () => {
    const { sessions } = createAccountSessions({ transport: bearer() });
    const session = sessions.open({ headers: {} }, undefined, { cache: 'none' });
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

  test('what ended elsewhere is not believed for its having been started here', async () => {
    const { sessions } = createAccountSessions({ transport: bearer() });
    const session = sessions.open({ headers: {} }, undefined, { cache: 'none' });
    await session.start(ada);
    await sessions.of('ada').revokeAll();
    expect(await session.get()).toBeNull();
  });
});
