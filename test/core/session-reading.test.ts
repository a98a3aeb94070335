import { describe, expect, test } from 'vitest';
import { mintToken, slotOf } from '../../src/core/token.ts';
import { z } from 'zod';
import { createSessions } from 'trpc-session';
import { bearer } from 'trpc-session/transports/header';
import { accountSessions, accountSchema, ada, Browser, secret, spiedStore, testClock } from '../_support/sessions.ts';

describe('reading is lazy', () => {
  test('nobody who asks nothing costs anything', async () => {
    const { sessions, calls } = accountSessions();
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    calls.length = 0;
    browser.request();
    await browser.request().hasToken();
    expect(calls).toEqual([]);
  });

  test('ten questions in one request are one read', async () => {
    const { sessions, calls } = accountSessions();
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    calls.length = 0;
    const session = browser.request();
    const answers = await Promise.all([...Array.from({ length: 8 }, () => session.get()), session.view(), session.require()]);
    expect(calls).toEqual(['read']);
    expect(new Set(answers.slice(0, 8)).size).toBe(1);
  });

  test('requests do not remember for each other', async () => {
    const { sessions, calls } = accountSessions();
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    calls.length = 0;
    await browser.request().get();
    await browser.request().get();
    expect(calls).toEqual(['read', 'read']);
  });
});

describe('a token that cannot be one costs no store call', () => {
  const clock = testClock();
  const slot = slotOf('session:', 'ada');
  const good = mintToken({ slot, expiresAt: clock.now() + 1000 });

  test.each<[string, string]>([
    ['none', ''],
    ['empty', 'Bearer '],
    ['malformed', 'Bearer abc'],
    ['too long', `Bearer ${good}A`],
    ['past its absolute deadline', `Bearer ${mintToken({ slot, expiresAt: clock.now() })}`],
    ['a Redis key', `Bearer session:{${slot}}`],
    ['a script', 'Bearer "]]..redis.call(\'FLUSHALL\')--'],
    ['of another scheme', `Basic ${good}`],
  ])('%s', async (_case, authorization) => {
    const { sessions, calls } = accountSessions({ transport: bearer() }, clock);
    const session = sessions.open({ headers: authorization ? { authorization } : {} });
    expect(await session.get()).toBeNull();
    expect(await session.hasToken()).toBe(false);
    expect(calls).toEqual([]);
  });

  test('a well-formed unknown one is one read, and is never adopted', async () => {
    const { sessions, calls } = accountSessions({ transport: bearer() }, clock);
    const session = sessions.open({ headers: { authorization: `Bearer ${good}` }, method: 'POST' });
    expect(await session.get()).toBeNull();
    expect(calls).toEqual(['read']);
    const { token } = await session.start(ada);
    expect(token).not.toBe(good);
    const again = sessions.open({ headers: { authorization: `Bearer ${good}` } });
    expect(await again.get()).toBeNull();
  });

  test('one with another case, an id or a hash of a live one is nobody', async () => {
    const { sessions } = accountSessions({ transport: bearer() }, clock);
    const { token, session } = await sessions.open({ headers: {} }).start(ada);
    const swapped = (token ?? '').replace(/[a-z]/i, (c) => (c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase()));
    for (const text of [swapped, session.id, session.id.padEnd(72, 'A')]) {
      expect(await sessions.open({ headers: { authorization: `Bearer ${text}` } }).get()).toBeNull();
    }
  });
});

describe('what absence means', () => {
  test('no token is missing, one that no longer opens has expired', async () => {
    const { sessions, clock } = accountSessions({ idle: '1h', absolute: '2h' });
    const browser = new Browser(sessions);
    await expect(browser.request().require()).rejects.toMatchObject({ code: 'MISSING' });
    await browser.request().start(ada);
    clock.advance(3_600_000);
    await expect(browser.request().require()).rejects.toMatchObject({ code: 'EXPIRED' });
    clock.advance(3_600_000);
    await expect(browser.request().require()).rejects.toMatchObject({ code: 'EXPIRED' });
  });

  test('a read never clears the cookie: it may be a newer one', async () => {
    const { sessions, clock } = accountSessions({ idle: '1h' });
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    clock.advance(3_600_000);
    expect(await browser.request().get()).toBeNull();
    expect(browser.setCookies).toEqual([]);
  });

  test('a store that hands out a session past its clocks is not believed', async () => {
    const { sessions, clock } = accountSessions({ idle: '1h' });
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    clock.advance(3_599_999);
    expect(await browser.request().get({ passive: true })).not.toBeNull();
    clock.advance(1);
    expect(await browser.request().get({ passive: true })).toBeNull();
  });
});

describe('a record that cannot be read', () => {
  const start = async (store: ReturnType<typeof spiedStore>['store'], version: number) => {
    const clock = testClock();
    const events: unknown[] = [];
    const options = { view: () => null, store, secret, now: clock.now, onEvent: (event: unknown) => events.push(event) };
    const of = (at: number) => createSessions({ ...options, schema: accountSchema, subject: (data) => data.userId, version: at });
    const browser = new Browser(of(version));
    await browser.request().start(ada);
    return { browser, of, events, options };
  };

  test('of a newer version signs nobody in, says so, and is left as it is', async () => {
    const { store, calls } = spiedStore(testClock());
    const { browser, of, events } = await start(store, 2);
    const older = new Browser(of(1));
    older.jar.set('ssid', browser.cookie.split('ssid=')[1] ?? '');
    events.length = calls.length = 0;
    expect(await older.request().get()).toBeNull();
    expect(events).toEqual([{ type: 'unreadable', why: 'newer-version' }]);
    expect(calls).toEqual(['read']);
    expect((await browser.request().get())?.data).toEqual(ada);
  });

  test('that the schema refuses signs nobody in and is kept', async () => {
    const { store, calls } = spiedStore(testClock());
    const { browser, options, events } = await start(store, 1);
    const stricter = new Browser(createSessions({ ...options, schema: z.object({ email: z.string() }) }));
    stricter.jar.set('ssid', browser.cookie.split('ssid=')[1] ?? '');
    events.length = calls.length = 0;
    await expect(stricter.request().require()).rejects.toMatchObject({ code: 'EXPIRED' });
    expect(events).toEqual([
      { type: 'unreadable', why: 'invalid' },
      { type: 'rejected', reason: 'expired' },
    ]);
    expect(calls).toEqual(['read']);
  });

  test('of an older version is migrated and written back once', async () => {
    const { store, calls } = spiedStore(testClock());
    const { browser, options } = await start(store, 1);
    const schema = accountSchema.extend({ plan: z.string() });
    const migrate = (data: unknown): unknown => ({ ...(data as object), plan: 'free' });
    const newer = new Browser(createSessions({ ...options, schema, version: 2, migrate }));
    newer.jar.set('ssid', browser.cookie.split('ssid=')[1] ?? '');
    calls.length = 0;
    expect((await newer.request().get())?.data).toEqual({ ...ada, plan: 'free' });
    expect((await newer.request().get())?.revision).toBe(2);
    expect(calls).toEqual(['read', 'replace', 'read']);
  });

  test('where the store finds something foreign signs nobody in', async () => {
    const { store } = spiedStore(testClock());
    const foreign = { ...store, read: async () => 'unreadable' as const, start: store.start, destroy: store.destroy };
    const { sessions, events } = accountSessions({ store: foreign });
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    events.length = 0;
    expect(await browser.request().get()).toBeNull();
    expect(events).toEqual([{ type: 'unreadable', why: 'corrupt' }]);
  });
});

describe('caching', () => {
  test('a response to a request with our token is private before anybody asks', async () => {
    const { sessions } = accountSessions();
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    expect(browser.response.get('cache-control')).toBe('private, no-store');
    browser.request();
    expect(browser.response.get('cache-control')).toBe('private, no-store');
    expect(browser.response.get('vary')).toBe('Cookie');
  });

  test('without a token it becomes private when somebody asks', async () => {
    const { sessions } = accountSessions();
    const browser = new Browser(sessions);
    const session = browser.request();
    expect(browser.response.get('cache-control')).toBeNull();
    await session.get();
    expect(browser.response.get('cache-control')).toBe('private, no-store');
  });
});

test('the view is what the app lets through, frozen, with its clocks and without anything else', async () => {
  const { sessions, clock } = accountSessions();
  const browser = new Browser(sessions);
  expect(await browser.request().view()).toEqual({ status: 'unauthenticated', at: clock.now() });
  const { session } = await browser.request().start(ada);
  const view = await browser.request().view();
  const { id, expiresAt, idleExpiresAt } = session;
  expect(view).toEqual({ status: 'authenticated', data: { name: 'Ada' }, id, revision: 1, at: clock.now(), expiresAt, idleExpiresAt });
  expect(view.status === 'authenticated' && Object.isFrozen(view.data)).toBe(true);
});
