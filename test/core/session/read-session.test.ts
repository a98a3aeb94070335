import { createTestClock } from 'trpc-session/testing';
import { bearer } from 'trpc-session/transports/header';
import { describe, expect, test } from 'vitest';
import { computeSlot, createToken } from '../../../src/core/record/token.ts';
import { ada, Browser, createAccountSessions } from '../../_support/sessions.ts';

describe('reading is lazy', () => {
  test('nobody who asks nothing costs anything', async () => {
    const { sessions, calls } = createAccountSessions();
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    calls.length = 0;
    browser.request();
    await browser.request().hasToken();
    expect(calls).toEqual([]);
  });

  test('ten questions in one request are one read', async () => {
    const { sessions, calls } = createAccountSessions();
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    calls.length = 0;
    const session = browser.request();
    const answers = await Promise.all([
      ...Array.from({ length: 8 }, () => session.get()),
      session.view(),
      session.require(),
    ]);
    expect(calls).toEqual(['read']);
    expect(new Set(answers.slice(0, 8)).size).toBe(1);
  });

  test('requests do not remember for each other', async () => {
    const { sessions, calls } = createAccountSessions();
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    calls.length = 0;
    await browser.request().get();
    await browser.request().get();
    expect(calls).toEqual(['read', 'read']);
  });
});

describe('a token that cannot be one costs no store call', () => {
  const clock = createTestClock();
  const slot = computeSlot('session:', 'ada');
  const good = createToken({ slot, expiresAt: clock.now() + 1000 });

  test.each<[string, string]>([
    ['none', ''],
    ['empty', 'Bearer '],
    ['malformed', 'Bearer abc'],
    ['too long', `Bearer ${good}A`],
    ['past its absolute deadline', `Bearer ${createToken({ slot, expiresAt: clock.now() })}`],
    ['a Redis key', `Bearer session:{${slot}}`],
    ['a script', "Bearer \"]]..redis.call('FLUSHALL')--"],
    ['of another scheme', `Basic ${good}`],
  ])('%s', async (_case, authorization) => {
    const { sessions, calls } = createAccountSessions({ transport: bearer() }, clock);
    const session = sessions.open({ headers: authorization ? { authorization } : {} });
    expect(await session.get()).toBeNull();
    expect(await session.hasToken()).toBe(false);
    expect(calls).toEqual([]);
  });

  test('a well-formed unknown one is one read, and is never adopted', async () => {
    const { sessions, calls } = createAccountSessions({ transport: bearer() }, clock);
    const session = sessions.open({ headers: { authorization: `Bearer ${good}` }, method: 'POST' });
    expect(await session.get()).toBeNull();
    expect(calls).toEqual(['read']);
    const { token } = await session.start(ada);
    expect(token).not.toBe(good);
    const again = sessions.open({ headers: { authorization: `Bearer ${good}` } });
    expect(await again.get()).toBeNull();
  });

  test('one with another case, an id or a hash of a live one is nobody', async () => {
    const { sessions } = createAccountSessions({ transport: bearer() }, clock);
    const { token, session } = await sessions.open({ headers: {} }).start(ada);
    const swapped = (token ?? '').replace(/[a-z]/i, (c) => (c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase()));
    for (const text of [swapped, session.id, session.id.padEnd(72, 'A')]) {
      expect(await sessions.open({ headers: { authorization: `Bearer ${text}` } }).get()).toBeNull();
    }
  });
});

describe('what absence means', () => {
  test('no token is missing, one that no longer opens has expired', async () => {
    const { sessions, clock } = createAccountSessions({ idle: '1h', absolute: '2h' });
    const browser = new Browser(sessions);
    await expect(browser.request().require()).rejects.toMatchObject({ code: 'MISSING' });
    await browser.request().start(ada);
    clock.advance(3_600_000);
    await expect(browser.request().require()).rejects.toMatchObject({ code: 'EXPIRED' });
    clock.advance(3_600_000);
    await expect(browser.request().require()).rejects.toMatchObject({ code: 'EXPIRED' });
  });

  test('a read never clears the cookie: it may be a newer one', async () => {
    const { sessions, clock } = createAccountSessions({ idle: '1h' });
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    clock.advance(3_600_000);
    expect(await browser.request().get()).toBeNull();
    expect(browser.setCookies).toEqual([]);
  });

  test('a store that hands out a session past its clocks is not believed', async () => {
    const { sessions, clock } = createAccountSessions({ idle: '1h' });
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    clock.advance(3_599_999);
    expect(await browser.request().get({ passive: true })).not.toBeNull();
    clock.advance(1);
    expect(await browser.request().get({ passive: true })).toBeNull();
  });
});

describe('caching', () => {
  test('a response to a request with our token is private before anybody asks', async () => {
    const { sessions } = createAccountSessions();
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    expect(browser.response.get('cache-control')).toBe('private, no-store');
    browser.request();
    expect(browser.response.get('cache-control')).toBe('private, no-store');
    expect(browser.response.get('vary')).toBe('Cookie');
  });

  test('without a token it becomes private when somebody asks', async () => {
    const { sessions } = createAccountSessions();
    const browser = new Browser(sessions);
    const session = browser.request();
    expect(browser.response.get('cache-control')).toBeNull();
    await session.get();
    expect(browser.response.get('cache-control')).toBe('private, no-store');
  });
});

test('the view is what the app lets through, frozen, with its clocks and without anything else', async () => {
  const { sessions, clock } = createAccountSessions();
  const browser = new Browser(sessions);
  expect(await browser.request().view()).toEqual({ status: 'unauthenticated', at: clock.now() });
  const { session } = await browser.request().start(ada);
  const view = await browser.request().view();
  const { id, expiresAt, idleExpiresAt } = session;
  expect(view).toEqual({
    status: 'authenticated',
    data: { name: 'Ada' },
    id,
    revision: 1,
    at: clock.now(),
    expiresAt,
    idleExpiresAt,
  });
  expect(view.status === 'authenticated' && Object.isFrozen(view.data)).toBe(true);
});
