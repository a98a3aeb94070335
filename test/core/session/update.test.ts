import { describe, expect, test } from 'vitest';
import { ada, Browser, createAccountSessions, getErrorCode } from '../../_support/sessions.ts';

async function signIn() {
  const setup = createAccountSessions();
  const browser = new Browser(setup.sessions);
  await browser.request().start(ada);
  setup.calls.length = setup.events.length = 0;
  return { ...setup, browser };
}

describe('update', () => {
  test('merges an object at the top level', async () => {
    const { browser, calls } = await signIn();
    const next = await browser.request().update({ role: 'admin' });
    expect(next).toMatchObject({ data: { ...ada, role: 'admin' }, revision: 2 });
    expect(calls).toEqual(['read', 'replace']);
    expect((await browser.request().get())?.data).toEqual({ ...ada, role: 'admin' });
  });

  test('calls a function with the current data', async () => {
    const { browser } = await signIn();
    await browser.request().update((data) => ({ ...data, visits: data.visits + 1 }));
    const next = await browser.request().update((data) => ({ ...data, visits: data.visits + 1 }));
    expect(next).toMatchObject({ data: { visits: 2 }, revision: 3 });
  });

  test('makes later reads of the same request return the new data, without a store call', async () => {
    const { browser, calls } = await signIn();
    const session = browser.request();
    const before = await session.get();
    const next = await session.update({ visits: 1 });
    expect(await session.get()).toBe(next);
    expect(before?.data.visits).toBe(0);
    expect(calls).toEqual(['read', 'replace']);
  });

  test('does not change the times, the id or the cookie', async () => {
    const { browser, clock } = await signIn();
    const before = await browser.request().get({ passive: true });
    clock.advance(60_000);
    const { data: _, revision, ...facts } = await browser.request().update({ visits: 1 });
    expect(before).toMatchObject(facts);
    expect(revision).toBe(2);
    expect(browser.setCookies).toEqual([]);
  });

  test.each<[string, unknown, string]>([
    ['data that does not match the schema', { visits: 'many' }, 'INVALID_DATA'],
    ['a function that returns undefined', () => undefined, 'INVALID_DATA'],
    ['a function that returns null', () => null, 'INVALID_DATA'],
    ['an asynchronous function', async (data: object) => data, 'INVALID_DATA'],
    ['an asynchronous function that rejects', () => Promise.reject(new Error('no')), 'INVALID_DATA'],
    ['a change of subject', { userId: 'grace' }, 'SUBJECT_CHANGED'],
    ['a change of subject by a function', (data: object) => ({ ...data, userId: 'grace' }), 'SUBJECT_CHANGED'],
  ])('refuses %s and writes nothing', async (_case, change, code) => {
    const { browser, calls } = await signIn();
    expect(await getErrorCode(browser.request().update(change as never))).toBe(code);
    expect(calls).toEqual(['read']);
    expect(await browser.request().get()).toMatchObject({ data: ada, revision: 1 });
  });

  test('ignores fields that the schema does not have', async () => {
    const { browser } = await signIn();
    const patch = JSON.parse('{"visits":1,"isAdmin":true,"__proto__":{"isAdmin":true},"expiresAt":9e15,"revision":99}');
    const next = await browser.request().update(patch);
    expect(next.data).toStrictEqual({ ...ada, visits: 1 });
    expect(next.revision).toBe(2);
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  test('rejects with what the function throws, and writes nothing', async () => {
    const { browser, calls } = await signIn();
    const change = (): never => {
      throw new RangeError('mine');
    };
    await expect(browser.request().update(change)).rejects.toThrow(RangeError);
    expect(calls).toEqual(['read']);
  });

  test('throws MISSING without a token, and EXPIRED after a sign-out', async () => {
    const { sessions, browser, calls } = await signIn();
    expect(await getErrorCode(new Browser(sessions).request().update({ visits: 1 }))).toBe('MISSING');
    expect(calls).toEqual([]);
    const copy = browser.copy();
    await browser.request().destroy();
    expect(await getErrorCode(copy.request().update({ visits: 1 }))).toBe('EXPIRED');
  });

  test('throws EXPIRED if the session has ended since it was read, and does not bring it back', async () => {
    const { sessions, browser } = await signIn();
    const slow = browser.copy().request();
    await slow.get();
    await browser.request().destroy();
    expect(await getErrorCode(slow.update({ visits: 1 }))).toBe('EXPIRED');
    expect(await slow.get()).toBeNull();
    expect(await sessions.of('ada').list()).toEqual([]);
  });

  test('throws EXPIRED if the session has expired since it was read', async () => {
    const { browser, clock } = await signIn();
    const slow = browser.request();
    await slow.get();
    clock.advance(6 * 3_600_000);
    expect(await getErrorCode(slow.update({ visits: 1 }))).toBe('EXPIRED');
  });
});

describe('concurrent updates', () => {
  test('are all kept, even if a hundred requests make one each', async () => {
    const { browser } = await signIn();
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

  test('are both kept if they change different fields', async () => {
    const { browser } = await signIn();
    const [one, two] = [browser.copy().request(), browser.copy().request()];
    await Promise.all([one.get(), two.get()]);
    await Promise.all([one.update({ name: 'Lady Ada' }), two.update({ visits: 5 })]);
    expect((await browser.request().get())?.data).toEqual({ ...ada, name: 'Lady Ada', visits: 5 });
  });

  test('throw CONFLICT if the store reports a conflict every time', async () => {
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

describe('writes in one request', () => {
  test('run in the order of the calls, and a read returns the result of the writes before it', async () => {
    const { browser } = await signIn();
    const session = browser.request();
    const results = await Promise.all([
      session.update({ visits: 1 }),
      session.get(),
      session.update((data) => ({ ...data, visits: data.visits * 10 })),
      session.get(),
      session.regenerate(),
      session.update((data) => ({ ...data, visits: data.visits + 5 })),
      session.get(),
      session.view(),
    ]);
    expect((results[3] as { data: { visits: number } }).data.visits).toBe(10);
    expect((results[6] as { data: { visits: number } }).data.visits).toBe(15);
    expect(results[7]).toMatchObject({ revision: 5 });
    expect((await browser.request().get())?.data.visits).toBe(15);
  });

  test('continue after a write that failed', async () => {
    const { browser } = await signIn();
    const session = browser.request();
    const errorCode = getErrorCode(session.update({ visits: 'many' } as never));
    const next = session.update({ visits: 3 });
    expect(await errorCode).toBe('INVALID_DATA');
    expect((await next).data.visits).toBe(3);
  });

  test('throw MISSING after destroy', async () => {
    const { browser } = await signIn();
    const session = browser.request();
    const destruction = session.destroy();
    const errorCode = getErrorCode(session.update({ visits: 1 }));
    await destruction;
    expect(await errorCode).toBe('MISSING');
    expect(await session.get()).toBeNull();
  });
});
