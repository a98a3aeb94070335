import { refuse } from 'trpc-session';
import { describe, expect, test } from 'vitest';
import { ada, Browser, createAccountSessions } from '../../_support/sessions.ts';

async function signIn() {
  const setup = createAccountSessions();
  const browser = new Browser(setup.sessions);
  await browser.request().start(ada);
  setup.calls.length = setup.events.length = 0;
  return { ...setup, browser };
}

describe('require', () => {
  test('returns the session with the data that it checked', async () => {
    const { browser } = await signIn();
    const guarded = await browser.request().require();
    expect(guarded.data).toEqual(ada);
    expect((await guarded.update({ visits: 1 })).data.visits).toBe(1);
  });

  test('throws MISSING for a signed-out visitor and emits one event', async () => {
    const { sessions, events } = await signIn();
    await expect(new Browser(sessions).request().require()).rejects.toMatchObject({
      code: 'MISSING',
      reason: 'missing',
    });
    expect(events).toEqual([{ type: 'rejected', reason: 'missing' }]);
  });

  test('runs verifiers in order and stops at the first that does not pass', async () => {
    const { browser, events } = await signIn();
    const called: string[] = [];
    const first = () => called.push('first') > 0;
    const third = () => called.push('third') > 0;
    await expect(browser.request().require(first, () => refuse('not you'), third)).rejects.toMatchObject({
      code: 'REFUSED',
      detail: 'not you',
    });
    expect(called).toEqual(['first']);
    expect(events).toEqual([{ type: 'rejected', reason: 'refused' }]);
  });

  test('does not call a verifier if there is no session', async () => {
    const { sessions } = await signIn();
    let isCalled = false;
    const verifier = () => (isCalled = true);
    await expect(new Browser(sessions).request().require(verifier)).rejects.toMatchObject({ code: 'MISSING' });
    expect(isCalled).toBe(false);
  });
});

describe('a request from another site', () => {
  const crossSite = { headers: { 'sec-fetch-site': 'cross-site' } };

  test('fails every guard if its method is unsafe, without a store call and with one event', async () => {
    const { browser, calls, events } = await signIn();
    await expect(browser.request(crossSite).require()).rejects.toMatchObject({
      code: 'CROSS_SITE',
      reason: 'cross-site',
    });
    expect(calls).toEqual([]);
    expect(events).toEqual([{ type: 'rejected', reason: 'cross-site' }]);
  });

  test('can read the session with a safe method', async () => {
    const { browser } = await signIn();
    expect((await browser.request({ ...crossSite, method: 'GET' }).require()).data).toEqual(ada);
  });

  test.each<[string, (session: ReturnType<Browser<never>['request']>) => Promise<unknown>]>([
    ['start', (session) => session.start(ada as never)],
    ['update', (session) => session.update({ visits: 1 } as never)],
    ['regenerate', (session) => session.regenerate()],
    ['destroy', (session) => session.destroy()],
    ['revoke', (session) => session.revoke('x')],
    ['revokeOthers', (session) => session.revokeOthers()],
  ])('cannot call %s', async (_name, write) => {
    const { browser, calls, events } = await signIn();
    await expect(write(browser.request(crossSite) as never)).rejects.toMatchObject({ code: 'CROSS_SITE' });
    expect(calls.filter((name) => name !== 'read')).toEqual([]);
    expect(events).toEqual([{ type: 'rejected', reason: 'cross-site' }]);
    expect(browser.setCookies).toEqual([]);
    expect(await browser.request().get()).not.toBeNull();
  });

  test('cannot sign in a visitor who is signed out', async () => {
    const { sessions } = await signIn();
    const victim = new Browser(sessions);
    await expect(victim.request(crossSite).start(ada)).rejects.toMatchObject({ code: 'CROSS_SITE' });
    expect(victim.cookie).toBe('');
  });

  test('is accepted if its origin is configured', async () => {
    const { sessions } = createAccountSessions({ origins: ['https://admin.example.com'] });
    const headers = { 'sec-fetch-site': 'same-site', origin: 'https://admin.example.com' };
    const browser = new Browser(sessions);
    await browser.request({ headers }).start(ada);
    expect((await browser.request({ headers }).require()).data).toEqual(ada);
  });
});
