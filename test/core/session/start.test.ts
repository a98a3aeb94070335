import { describe, expect, test } from 'vitest';
import type { DestroyResult } from '../../../src/core/ports/store.ts';
import { ada, Browser, createAccountSessions, getErrorCode, grace } from '../../_support/sessions.ts';

describe('start', () => {
  test('signs in: one store call, one cookie, and the next request is known', async () => {
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

  test('is seen by later reads of the same request', async () => {
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
  ])('over a session of %s gives a new token and ends the old one', async (_case, next) => {
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

  test('twice in one request leaves one session and one cookie', async () => {
    const { sessions } = createAccountSessions();
    const browser = new Browser(sessions);
    const session = browser.request();
    await Promise.all([session.start(ada), session.start(grace)]);
    expect(browser.setCookies).toHaveLength(1);
    expect((await browser.request().get())?.data).toEqual(grace);
    expect(await sessions.of('ada').list()).toEqual([]);
  });

  test('on another browser leaves the first one alone', async () => {
    const { sessions } = createAccountSessions();
    const [one, two] = [new Browser(sessions), new Browser(sessions)];
    await one.request().start(ada);
    await two.request().start(ada);
    expect(await one.request().get()).not.toBeNull();
    expect(await sessions.of('ada').list()).toHaveLength(2);
  });

  test('carries nothing over unless it is asked to', async () => {
    const { sessions } = createAccountSessions();
    const browser = new Browser(sessions);
    await browser.request().start({ ...ada, visits: 7 });
    await browser.request().start((previous) => ({ ...ada, visits: (previous?.visits ?? 0) + 1 }));
    expect((await browser.request().get())?.data.visits).toBe(8);
    await browser.request().start((previous) => ({ ...grace, visits: (previous?.visits ?? 0) + 1 }));
    expect((await browser.request().get())?.data).toEqual({ ...grace, visits: 9 });
    await browser.request().start(ada);
    expect((await browser.request().get())?.data.visits).toBe(0);
    const previous: unknown[] = [];
    await new Browser(sessions).request().start((held) => {
      previous.push(held);
      return ada;
    });
    expect(previous).toEqual([null]);
  });

  test.each([
    ['the same subject', ada],
    ['another subject', grace],
  ])('carries over what an update changed meanwhile, to %s', async (_case, next) => {
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

  test('refuses data that the schema refuses, and the old session goes on', async () => {
    const { sessions, calls } = createAccountSessions();
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    calls.length = 0;
    expect(await getErrorCode(browser.request().start({ ...ada, visits: 'many' } as never))).toBe('INVALID_DATA');
    expect(await getErrorCode(browser.request().start((async () => ada) as never))).toBe('INVALID_DATA');
    expect(calls).toEqual(['read', 'read']);
    expect(browser.setCookies).toEqual([]);
    expect(await browser.request().get()).not.toBeNull();
  });
});

describe('a start that cannot end the session of another subject', () => {
  const failing = async (answers: (DestroyResult | Error)[]) => {
    const made = createAccountSessions();
    const browser = new Browser(made.sessions);
    await browser.request().start(ada);
    const destroy = made.store.destroy;
    const store = Object.assign(Object.create(made.store), {
      destroy: async (...args: Parameters<typeof destroy>) => {
        const answer = answers.shift();
        if (answer instanceof Error) throw answer;
        return answer ?? destroy(...args);
      },
    });
    const events: unknown[] = [];
    const again = createAccountSessions({ store, onEvent: (event) => events.push(event) }, made.clock);
    const other = new Browser(again.sessions);
    other.jar.set('ssid', browser.cookie.slice('ssid='.length));
    return { ...made, browser, other, events };
  };

  test('fails, ends the new one, and leaves the old one and its cookie', async () => {
    const { sessions, browser, other, events } = await failing([new Error('down')]);
    expect(await getErrorCode(other.request().start(grace))).toBe('UNAVAILABLE');
    expect(other.setCookies).toEqual([]);
    expect(await sessions.of('grace').list()).toEqual([]);
    expect(await browser.request().get()).not.toBeNull();
    expect(events.filter((event) => (event as { type: string }).type === 'created')).toEqual([]);
  });

  test('carries over again when it changed meanwhile', async () => {
    const { sessions, other, events } = await failing([{ status: 'conflict' }]);
    let runs = 0;
    await other.request().start((previous) => ({ ...grace, visits: (previous?.visits ?? 0) + ++runs }));
    expect(runs).toBe(2);
    expect(await sessions.of('grace').list()).toHaveLength(1);
    expect(await sessions.of('ada').list()).toEqual([]);
    expect(events.filter((event) => (event as { type: string }).type === 'created')).toHaveLength(1);
  });
});
