import { describe, expect, test } from 'vitest';
import { ada, Browser, createAccountSessions, getErrorCode } from '../../_support/sessions.ts';

async function signedIn() {
  const made = createAccountSessions();
  const browser = new Browser(made.sessions);
  await browser.request().start(ada);
  made.calls.length = made.events.length = 0;
  return { ...made, browser };
}

describe('update', () => {
  test('by a patch merges at the top level', async () => {
    const { browser, calls } = await signedIn();
    const next = await browser.request().update({ role: 'admin' });
    expect(next).toMatchObject({ data: { ...ada, role: 'admin' }, revision: 2 });
    expect(calls).toEqual(['read', 'replace']);
    expect((await browser.request().get())?.data).toEqual({ ...ada, role: 'admin' });
  });

  test('by a function gets what there is', async () => {
    const { browser } = await signedIn();
    await browser.request().update((data) => ({ ...data, visits: data.visits + 1 }));
    const next = await browser.request().update((data) => ({ ...data, visits: data.visits + 1 }));
    expect(next).toMatchObject({ data: { visits: 2 }, revision: 3 });
  });

  test('is seen by later reads of the same request, and costs none', async () => {
    const { browser, calls } = await signedIn();
    const session = browser.request();
    const before = await session.get();
    const next = await session.update({ visits: 1 });
    expect(await session.get()).toBe(next);
    expect(before?.data.visits).toBe(0);
    expect(calls).toEqual(['read', 'replace']);
  });

  test('changes neither the clocks, nor the id, nor the cookie', async () => {
    const { browser, clock } = await signedIn();
    const before = await browser.request().get({ passive: true });
    clock.advance(60_000);
    const { data: _, revision, ...facts } = await browser.request().update({ visits: 1 });
    expect(before).toMatchObject(facts);
    expect(revision).toBe(2);
    expect(browser.setCookies).toEqual([]);
  });

  test.each<[string, unknown, string]>([
    ['data that the schema refuses', { visits: 'many' }, 'INVALID_DATA'],
    ['a function that answers nothing', () => undefined, 'INVALID_DATA'],
    ['a function that answers null', () => null, 'INVALID_DATA'],
    ['an asynchronous function', async (data: object) => data, 'INVALID_DATA'],
    ['an asynchronous function that rejects', () => Promise.reject(new Error('no')), 'INVALID_DATA'],
    ['a change of subject', { userId: 'grace' }, 'SUBJECT_CHANGED'],
    ['a change of subject by a function', (data: object) => ({ ...data, userId: 'grace' }), 'SUBJECT_CHANGED'],
  ])('refuses %s and writes nothing', async (_case, change, code) => {
    const { browser, calls } = await signedIn();
    expect(await getErrorCode(browser.request().update(change as never))).toBe(code);
    expect(calls).toEqual(['read']);
    expect(await browser.request().get()).toMatchObject({ data: ada, revision: 1 });
  });

  test('of the wrong shape of data changes nothing outside the schema', async () => {
    const { browser } = await signedIn();
    const patch = JSON.parse('{"visits":1,"isAdmin":true,"__proto__":{"isAdmin":true},"expiresAt":9e15,"revision":99}');
    const next = await browser.request().update(patch);
    expect(next.data).toStrictEqual({ ...ada, visits: 1 });
    expect(next.revision).toBe(2);
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  test('passes on what the function throws, and writes nothing', async () => {
    const { browser, calls } = await signedIn();
    const change = (): never => {
      throw new RangeError('mine');
    };
    await expect(browser.request().update(change)).rejects.toThrow(RangeError);
    expect(calls).toEqual(['read']);
  });

  test('of nobody is refused', async () => {
    const { sessions, browser, calls } = await signedIn();
    expect(await getErrorCode(new Browser(sessions).request().update({ visits: 1 }))).toBe('MISSING');
    expect(calls).toEqual([]);
    const copy = browser.copy();
    await browser.request().destroy();
    expect(await getErrorCode(copy.request().update({ visits: 1 }))).toBe('EXPIRED');
  });

  test('of a session that ended after it was read writes nothing and brings nothing back', async () => {
    const { sessions, browser } = await signedIn();
    const slow = browser.copy().request();
    await slow.get();
    await browser.request().destroy();
    expect(await getErrorCode(slow.update({ visits: 1 }))).toBe('EXPIRED');
    expect(await slow.get()).toBeNull();
    expect(await sessions.of('ada').list()).toEqual([]);
  });

  test('does not outlive the clocks', async () => {
    const { browser, clock } = await signedIn();
    const slow = browser.request();
    await slow.get();
    clock.advance(6 * 3_600_000);
    expect(await getErrorCode(slow.update({ visits: 1 }))).toBe('EXPIRED');
  });
});

describe('parallel updates', () => {
  test('of a hundred requests all survive', async () => {
    const { browser } = await signedIn();
    const cookie = browser.copy();
    const increments = Array.from({ length: 100 }, () =>
      cookie
        .copy()
        .request()
        .update((data) => ({ ...data, visits: data.visits + 1 })),
    );
    const results = await Promise.all(increments);
    expect((await browser.request().get())?.data.visits).toBe(100);
    expect(new Set(results.map(({ revision }) => revision)).size).toBe(100);
  });

  test('by patches of different fields both survive', async () => {
    const { browser } = await signedIn();
    const [one, two] = [browser.copy().request(), browser.copy().request()];
    await Promise.all([one.get(), two.get()]);
    await Promise.all([one.update({ name: 'Lady Ada' }), two.update({ visits: 5 })]);
    expect((await browser.request().get())?.data).toEqual({ ...ada, name: 'Lady Ada', visits: 5 });
  });

  test('that never get through end in CONFLICT', async () => {
    const { sessions, store, clock } = createAccountSessions();
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    const contended = Object.create(store, {
      replace: {
        value: async ({ key, hash }: never) => ({ status: 'conflict', session: await store.read({ key, hash }) }),
      },
    });
    const other = new Browser(createAccountSessions({ store: contended }, clock).sessions);
    other.jar.set('ssid', browser.cookie.slice('ssid='.length));
    expect(await getErrorCode(other.request().update({ visits: 1 }))).toBe('CONFLICT');
  });
});

describe('writes on one handle', () => {
  test('run in the order of their calls, and reads asked for after them see them', async () => {
    const { browser } = await signedIn();
    const session = browser.request();
    const answers = await Promise.all([
      session.update({ visits: 1 }),
      session.get(),
      session.update((data) => ({ ...data, visits: data.visits * 10 })),
      session.get(),
      session.regenerate(),
      session.update((data) => ({ ...data, visits: data.visits + 5 })),
      session.get(),
      session.view(),
    ]);
    expect((answers[3] as { data: { visits: number } }).data.visits).toBe(10);
    expect((answers[6] as { data: { visits: number } }).data.visits).toBe(15);
    expect(answers[7]).toMatchObject({ revision: 5 });
    expect((await browser.request().get())?.data.visits).toBe(15);
  });

  test('go on after one that failed', async () => {
    const { browser } = await signedIn();
    const session = browser.request();
    const failed = getErrorCode(session.update({ visits: 'many' } as never));
    const next = session.update({ visits: 3 });
    expect(await failed).toBe('INVALID_DATA');
    expect((await next).data.visits).toBe(3);
  });

  test('after destroy find nobody', async () => {
    const { browser } = await signedIn();
    const session = browser.request();
    const destroyed = session.destroy();
    const late = getErrorCode(session.update({ visits: 1 }));
    await destroyed;
    expect(await late).toBe('MISSING');
    expect(await session.get()).toBeNull();
  });
});
