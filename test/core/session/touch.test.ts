import { describe, expect, test } from 'vitest';
import { ada, Browser, createAccountSessions } from '../../_support/sessions.ts';

const minute = 60_000;
const hour = 60 * minute;

async function signedIn(options: Parameters<typeof createAccountSessions>[0] = {}) {
  const made = createAccountSessions(options);
  const browser = new Browser(made.sessions);
  await browser.request().start(ada);
  made.calls.length = 0;
  const lastSeenAt = async () => (await browser.request().get({ passive: true }))?.lastSeenAt;
  return { ...made, browser, lastSeenAt };
}

describe('a touch', () => {
  test('waits until it is due: a tenth of idle, at most five minutes', async () => {
    const { browser, calls, clock } = await signedIn();
    clock.advance(5 * minute - 1);
    await browser.request().get();
    expect(calls).toEqual(['read']);
    clock.advance(1);
    await browser.request().get();
    expect(calls).toEqual(['read', 'read', 'touch']);
  });

  test('is due when the app says', async () => {
    const { browser, calls, clock } = await signedIn({ touchEvery: '1m' });
    clock.advance(minute);
    await browser.request().require();
    expect(calls).toEqual(['read', 'touch']);
  });

  test('happens once in a request, and extends idle', async () => {
    const { browser, calls, clock, lastSeenAt } = await signedIn();
    clock.advance(5 * hour);
    const session = browser.request();
    await Promise.all([session.get(), session.require(), session.get()]);
    expect(calls).toEqual(['read', 'touch']);
    expect(await lastSeenAt()).toBe(clock.now());
    clock.advance(5 * hour);
    expect(await browser.request().get()).not.toBeNull();
  });

  test('never goes past the absolute deadline', async () => {
    const { browser, clock } = await signedIn({ idle: '6h', absolute: '24h' });
    for (let hours = 1; hours < 24; hours += 1) {
      clock.advance(hour);
      expect(await browser.request().get()).not.toBeNull();
    }
    clock.advance(hour - 1);
    expect(await browser.request().get()).not.toBeNull();
    clock.advance(1);
    expect(await browser.request().get()).toBeNull();
  });

  test('does not pass for a fresh sign-in', async () => {
    const { browser, clock } = await signedIn();
    const started = clock.now();
    clock.advance(hour);
    await browser.request().get();
    expect((await browser.request().get())?.authenticatedAt).toBe(started);
  });

  test('sets no cookie', async () => {
    const { browser, clock } = await signedIn();
    clock.advance(hour);
    await browser.request().get();
    expect(browser.setCookies).toEqual([]);
  });
});

describe('a passive read', () => {
  test('keeps nothing alive', async () => {
    const { browser, calls, clock } = await signedIn();
    for (let hours = 1; hours < 6; hours += 1) {
      clock.advance(hour);
      await browser.request().get({ passive: true });
      await browser.request().view();
    }
    expect(calls).not.toContain('touch');
    clock.advance(hour);
    expect(await browser.request().get()).toBeNull();
  });

  test("does not use up the request's touch", async () => {
    const { browser, calls, clock } = await signedIn();
    clock.advance(hour);
    const session = browser.request();
    await session.get({ passive: true });
    await session.view();
    await session.get();
    expect(calls).toEqual(['read', 'touch']);
  });

  test('is what a render does, unless it says otherwise', async () => {
    const { browser, calls, clock } = await signedIn();
    clock.advance(hour);
    await browser.request({ obstacle: () => 'render' }).get();
    expect(calls).toEqual(['read']);
    await browser.request({ obstacle: () => 'render' }).get({ passive: false });
    expect(calls).toEqual(['read', 'read', 'touch']);
  });

  test('is what hasToken, list and update are', async () => {
    const { browser, calls, clock, lastSeenAt } = await signedIn();
    const before = await lastSeenAt();
    clock.advance(hour);
    await browser.request().hasToken();
    await browser.request().list();
    await browser.request().update({ visits: 1 });
    expect(calls).not.toContain('touch');
    expect(await lastSeenAt()).toBe(before);
  });
});

test('a session with a shorter idle of its own is touched as often as that asks for', async () => {
  const { browser, clock } = await signedIn({ idle: '6h' });
  await browser.request().start(ada, { idle: '2m' });
  for (let minutes = 1; minutes < 30; minutes += 1) {
    clock.advance(minute);
    expect(await browser.request().get()).not.toBeNull();
  }
});

test('a touch that fails fails no request', async () => {
  const made = createAccountSessions();
  const store = Object.create(made.store, { touch: { value: () => Promise.reject(new Error('out of memory')) } });
  const { browser, clock, events } = await signedIn({ store });
  clock.advance(hour);
  void made;
  expect((await browser.request().get())?.data).toEqual(ada);
  await new Promise(setImmediate);
  expect(events).not.toEqual([]);
});
