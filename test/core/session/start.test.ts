import type { SessionStore } from 'trpc-session/stores';
import { faultyStore } from 'trpc-session/testing';
import { describe, expect, test } from 'vitest';
import { ada, Browser, createAccountSessions, getErrorCode, grace } from '../../_support/sessions.ts';

describe('start', () => {
  test('signs in with one store call and one cookie, and the next request finds the session', async () => {
    const { sessions, calls, events, clock } = createAccountSessions();
    const browser = new Browser(sessions);
    const { session, token } = await browser.request().start(ada);
    expect(calls).toEqual(['start']);
    expect(token).toBeNull();
    expect(browser.setCookies).toHaveLength(1);
    expect(session).toMatchObject({
      data: ada,
      revision: 1,
      device: 'Firefox',
      createdAt: clock.now(),
      authenticatedAt: clock.now(),
    });
    expect(session.id).toMatch(/^[\w-]{22}$/);
    expect(events).toEqual([{ type: 'created', id: session.id }]);
    expect(await browser.request().get()).toEqual(session);
  });

  test('makes later reads of the same request return the new session', async () => {
    const { sessions, calls } = createAccountSessions();
    const session = new Browser(sessions).request();
    expect(await session.get()).toBeNull();
    await session.start(ada);
    expect((await session.get())?.data).toEqual(ada);
    expect(calls).toEqual(['start']);
  });

  test.each([
    ['the same subject', ada],
    ['another subject', grace],
  ])('issues a new token and ends the previous session of %s', async (_case, next) => {
    const { sessions } = createAccountSessions();
    const browser = new Browser(sessions);
    const before = await browser.request().start(ada);
    const copy = browser.copy();
    const after = await browser.request().start(next);
    expect(browser.cookie).not.toBe(copy.cookie);
    expect(after.session.id).not.toBe(before.session.id);
    await expect(copy.request().require()).rejects.toMatchObject({ code: 'EXPIRED' });
    expect((await browser.request().get())?.data).toEqual(next);
    expect(await sessions.of(next.userId).list()).toHaveLength(1);
    if (next !== ada) expect(await sessions.of('ada').list()).toEqual([]);
  });

  test('leaves one session and one cookie if it is called twice in a request', async () => {
    const { sessions } = createAccountSessions();
    const browser = new Browser(sessions);
    const session = browser.request();
    await Promise.all([session.start(ada), session.start(grace)]);
    expect(browser.setCookies).toHaveLength(1);
    expect((await browser.request().get())?.data).toEqual(grace);
    expect(await sessions.of('ada').list()).toEqual([]);
  });

  test('does not end a session in another browser', async () => {
    const { sessions } = createAccountSessions();
    const [one, two] = [new Browser(sessions), new Browser(sessions)];
    await one.request().start(ada);
    await two.request().start(ada);
    expect(await one.request().get()).not.toBeNull();
    expect(await sessions.of('ada').list()).toHaveLength(2);
  });

  test('carries data over only if it is given a function', async () => {
    const { sessions } = createAccountSessions();
    const browser = new Browser(sessions);
    await browser.request().start({ ...ada, visits: 7 });
    await browser.request().start((previous) => ({ ...ada, visits: (previous?.visits ?? 0) + 1 }));
    expect((await browser.request().get())?.data.visits).toBe(8);
    await browser.request().start((previous) => ({ ...grace, visits: (previous?.visits ?? 0) + 1 }));
    expect((await browser.request().get())?.data).toEqual({ ...grace, visits: 9 });
    await browser.request().start(ada);
    expect((await browser.request().get())?.data.visits).toBe(0);
    const received: unknown[] = [];
    await new Browser(sessions).request().start((previous) => {
      received.push(previous);
      return ada;
    });
    expect(received).toEqual([null]);
  });

  test.each([
    ['the same subject', ada],
    ['another subject', grace],
  ])('carries over what a concurrent update changed, into a session of %s', async (_case, next) => {
    const { sessions } = createAccountSessions();
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    const other = browser.copy();
    const session = browser.request();
    await session.get();
    await other.request().update({ visits: 41 });
    await session.start((previous) => ({ ...next, visits: (previous?.visits ?? 0) + 1 }));
    expect((await browser.request().get())?.data.visits).toBe(42);
    expect(await other.request().get()).toBeNull();
    expect(await sessions.of('ada').list()).toHaveLength(next === ada ? 1 : 0);
  });

  test('throws INVALID_DATA for invalid data, and the previous session stays', async () => {
    const { sessions, calls } = createAccountSessions();
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    calls.length = 0;
    expect(await getErrorCode(browser.request().start({ ...ada, visits: 'many' } as never))).toBe('INVALID_DATA');
    expect(await getErrorCode(browser.request().start((async () => ada) as never))).toBe('INVALID_DATA');
    // Only a function needs the data of the session that is replaced.
    expect(calls).toEqual(['read']);
    expect(browser.setCookies).toEqual([]);
    expect(await browser.request().get()).not.toBeNull();
  });
});

describe('a start that cannot end the previous session of another user', () => {
  /** Signs Ada in. `other` is the same browser over a store whose `destroy` does not work at first. */
  const signIn = async (breakDestroy: (store: SessionStore) => SessionStore) => {
    const setup = createAccountSessions();
    const browser = new Browser(setup.sessions);
    await browser.request().start(ada);
    const { sessions, events } = createAccountSessions({ store: breakDestroy(setup.store) }, setup.clock);
    const other = new Browser(sessions);
    other.jar.set('ssid', browser.cookie.slice('ssid='.length));
    return { ...setup, browser, other, events };
  };

  const failOnce = (store: SessionStore): SessionStore =>
    faultyStore(store, [{ operation: 'destroy', call: 1, at: 'before', fault: 'throw' }]);

  const conflictOnce = (store: SessionStore): SessionStore => {
    let calls = 0;
    return {
      ...store,
      destroy: async (...args) => (++calls === 1 ? { status: 'conflict' } : store.destroy(...args)),
    };
  };

  test('fails, ends the new session, and leaves the previous session and its cookie', async () => {
    const { sessions, browser, other, events } = await signIn(failOnce);
    expect(await getErrorCode(other.request().start(grace))).toBe('UNAVAILABLE');
    expect(other.setCookies).toEqual([]);
    expect(await sessions.of('grace').list()).toEqual([]);
    expect(await browser.request().get()).not.toBeNull();
    expect(events.filter(({ type }) => type === 'created')).toEqual([]);
  });

  test('carries the data over again if the previous session has changed', async () => {
    const { sessions, other, events } = await signIn(conflictOnce);
    let runs = 0;
    await other.request().start((previous) => ({ ...grace, visits: (previous?.visits ?? 0) + ++runs }));
    expect(runs).toBe(2);
    expect(await sessions.of('grace').list()).toHaveLength(1);
    expect(await sessions.of('ada').list()).toEqual([]);
    expect(events.filter(({ type }) => type === 'created')).toHaveLength(1);
  });
});
