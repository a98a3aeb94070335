import { refuse } from 'trpc-session';
import { describe, expect, test } from 'vitest';
import { ada, Browser, createAccountSessions } from '../../_support/sessions.ts';

async function signedIn() {
  const made = createAccountSessions();
  const browser = new Browser(made.sessions);
  await browser.request().start(ada);
  made.calls.length = made.events.length = 0;
  return { ...made, browser };
}

describe('require', () => {
  test('hands on the session with what it saw', async () => {
    const { browser } = await signedIn();
    const guarded = await browser.request().require();
    expect(guarded.data).toEqual(ada);
    expect((await guarded.update({ visits: 1 })).data.visits).toBe(1);
  });

  test('turns nobody away with the reason, and says so once', async () => {
    const { sessions, events } = await signedIn();
    await expect(new Browser(sessions).request().require()).rejects.toMatchObject({
      code: 'MISSING',
      reason: 'missing',
    });
    expect(events).toEqual([{ type: 'rejected', reason: 'missing' }]);
  });

  test('runs verifiers in order and stops at the first that does not pass', async () => {
    const { browser, events } = await signedIn();
    const seen: string[] = [];
    const passes = () => seen.push('passes') > 0;
    const late = () => seen.push('late') > 0;
    await expect(browser.request().require(passes, () => refuse('not you'), late)).rejects.toMatchObject({
      code: 'REFUSED',
      detail: 'not you',
    });
    expect(seen).toEqual(['passes']);
    expect(events).toEqual([{ type: 'rejected', reason: 'refused' }]);
  });

  test('asks no verifier about nobody', async () => {
    const { sessions } = await signedIn();
    let asked = false;
    const verifier = () => (asked = true);
    await expect(new Browser(sessions).request().require(verifier)).rejects.toMatchObject({ code: 'MISSING' });
    expect(asked).toBe(false);
  });
});

describe('another site', () => {
  const foreign = { headers: { 'sec-fetch-site': 'cross-site' } };

  test('passes no guard with an unsafe method, reads nothing, and is told of once', async () => {
    const { browser, calls, events } = await signedIn();
    await expect(browser.request(foreign).require()).rejects.toMatchObject({
      code: 'CROSS_SITE',
      reason: 'cross-site',
    });
    expect(calls).toEqual([]);
    expect(events).toEqual([{ type: 'rejected', reason: 'cross-site' }]);
  });

  test('may read with a safe method', async () => {
    const { browser } = await signedIn();
    expect((await browser.request({ ...foreign, method: 'GET' }).require()).data).toEqual(ada);
  });

  test.each<[string, (session: ReturnType<Browser<never>['request']>) => Promise<unknown>]>([
    ['start', (session) => session.start(ada as never)],
    ['update', (session) => session.update({ visits: 1 } as never)],
    ['regenerate', (session) => session.regenerate()],
    ['destroy', (session) => session.destroy()],
    ['revoke', (session) => session.revoke('x')],
    ['revokeOthers', (session) => session.revokeOthers()],
  ])('may not %s', async (_case, write) => {
    const { browser, calls, events } = await signedIn();
    await expect(write(browser.request(foreign) as never)).rejects.toMatchObject({ code: 'CROSS_SITE' });
    expect(calls.filter((name) => name !== 'read')).toEqual([]);
    expect(events).toEqual([{ type: 'rejected', reason: 'cross-site' }]);
    expect(browser.setCookies).toEqual([]);
    expect(await browser.request().get()).not.toBeNull();
  });

  test('may not sign a visitor in who has no session yet', async () => {
    const { sessions } = await signedIn();
    const victim = new Browser(sessions);
    await expect(victim.request(foreign).start(ada)).rejects.toMatchObject({ code: 'CROSS_SITE' });
    expect(victim.cookie).toBe('');
  });

  test('is no other site once it is configured', async () => {
    const { sessions } = createAccountSessions({ origins: ['https://admin.example.com'] });
    const headers = { 'sec-fetch-site': 'same-site', origin: 'https://admin.example.com' };
    const browser = new Browser(sessions);
    await browser.request({ headers }).start(ada);
    expect((await browser.request({ headers }).require()).data).toEqual(ada);
  });
});
