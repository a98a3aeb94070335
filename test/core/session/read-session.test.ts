import { createTestClock } from 'trpc-session/testing';
import { bearer } from 'trpc-session/transports/header';
import { describe, expect, test } from 'vitest';
import { computeSlot, createToken } from '../../../src/core/record/token.ts';
import { ada, Browser, createAccountSessions } from '../../_support/sessions.ts';

describe('a session', () => {
  test('does not read the store until a method needs it', async () => {
    const { sessions, calls } = createAccountSessions();
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    calls.length = 0;
    browser.request();
    await browser.request().hasToken();
    expect(calls).toEqual([]);
  });

  test('reads the store once for ten calls in one request', async () => {
    const { sessions, calls } = createAccountSessions();
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    calls.length = 0;
    const session = browser.request();
    const results = await Promise.all([
      ...Array.from({ length: 8 }, () => session.get()),
      session.view(),
      session.require(),
    ]);
    expect(calls).toEqual(['read']);
    expect(new Set(results.slice(0, 8)).size).toBe(1);
  });

  test('reads the store again in each request', async () => {
    const { sessions, calls } = createAccountSessions();
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    calls.length = 0;
    await browser.request().get();
    await browser.request().get();
    expect(calls).toEqual(['read', 'read']);
  });
});

describe('an invalid token', () => {
  const clock = createTestClock();
  const slot = computeSlot('session:', 'ada');
  const wellFormed = createToken({ slot, expiresAt: clock.now() + 1000 });

  test.each<[string, string]>([
    ['no token', ''],
    ['an empty token', 'Bearer '],
    ['a malformed token', 'Bearer abc'],
    ['a token with one more character', `Bearer ${wellFormed}A`],
    ['a token past its absolute deadline', `Bearer ${createToken({ slot, expiresAt: clock.now() })}`],
    ['a Redis key', `Bearer session:{${slot}}`],
    ['a script', "Bearer \"]]..redis.call('FLUSHALL')--"],
    ['another scheme', `Basic ${wellFormed}`],
  ])('causes no store call: %s', async (_case, authorization) => {
    const { sessions, calls } = createAccountSessions({ transport: bearer() }, clock);
    const session = sessions.open({ headers: authorization ? { authorization } : {} });
    expect(await session.get()).toBeNull();
    expect(await session.hasToken()).toBe(false);
    expect(calls).toEqual([]);
  });

  test('causes one store call if it is well-formed, and start never reuses it', async () => {
    const { sessions, calls } = createAccountSessions({ transport: bearer() }, clock);
    const session = sessions.open({ headers: { authorization: `Bearer ${wellFormed}` }, method: 'POST' });
    expect(await session.get()).toBeNull();
    expect(calls).toEqual(['read']);
    const { token } = await session.start(ada);
    expect(token).not.toBe(wellFormed);
    const again = sessions.open({ headers: { authorization: `Bearer ${wellFormed}` } });
    expect(await again.get()).toBeNull();
  });

  test('opens no session if it is a public id, or a live token with one letter in another case', async () => {
    const { sessions } = createAccountSessions({ transport: bearer() }, clock);
    const { token, session } = await sessions.open({ headers: {} }).start(ada);
    const otherCase = (token ?? '').replace(/[a-z]/i, (c) =>
      c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase(),
    );
    for (const text of [otherCase, session.id, session.id.padEnd(72, 'A')]) {
      expect(await sessions.open({ headers: { authorization: `Bearer ${text}` } }).get()).toBeNull();
    }
  });
});

describe('a request without a live session', () => {
  test('fails a guard with MISSING if it has no token, and with EXPIRED if it has one', async () => {
    const { sessions, clock } = createAccountSessions({ idle: '1h', absolute: '2h' });
    const browser = new Browser(sessions);
    await expect(browser.request().require()).rejects.toMatchObject({ code: 'MISSING' });
    await browser.request().start(ada);
    clock.advance(3_600_000);
    await expect(browser.request().require()).rejects.toMatchObject({ code: 'EXPIRED' });
    clock.advance(3_600_000);
    await expect(browser.request().require()).rejects.toMatchObject({ code: 'EXPIRED' });
  });

  test('does not clear its cookie, because the browser may have received a newer one', async () => {
    const { sessions, clock } = createAccountSessions({ idle: '1h' });
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    clock.advance(3_600_000);
    expect(await browser.request().get()).toBeNull();
    expect(browser.setCookies).toEqual([]);
  });

  test('reads null as soon as the session has expired, even if the store still returns it', async () => {
    const { sessions, clock } = createAccountSessions({ idle: '1h' });
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    clock.advance(3_599_999);
    expect(await browser.request().get({ passive: true })).not.toBeNull();
    clock.advance(1);
    expect(await browser.request().get({ passive: true })).toBeNull();
  });
});

describe('Cache-Control', () => {
  test('stays unset if a request with a token never reads its session, and becomes private at the first read', async () => {
    const { sessions } = createAccountSessions();
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    expect(browser.response.get('cache-control')).toBe('private, no-store');
    const session = browser.request();
    expect([...browser.response.keys()]).toEqual([]);
    await session.get();
    expect(browser.response.get('cache-control')).toBe('private, no-store');
    expect(browser.response.get('vary')).toBe('Cookie');
  });

  test('becomes private at the first read if the request carries no token', async () => {
    const { sessions } = createAccountSessions();
    const browser = new Browser(sessions);
    const session = browser.request();
    expect(browser.response.get('cache-control')).toBeNull();
    await session.get();
    expect(browser.response.get('cache-control')).toBe('private, no-store');
  });
});

test('view() returns what the app selects, frozen, with the id, the revision and the times only', async () => {
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
