import { passive } from 'trpc-session';
import { createTestClock, faultyStore } from 'trpc-session/testing';
import { describe, expect, test } from 'vitest';
import { ada, Browser, createAccountSessions, createSpiedStore } from '../../_support/sessions.ts';

const minute = 60_000;
const hour = 60 * minute;

async function signIn(...options: Parameters<typeof createAccountSessions>) {
  const setup = createAccountSessions(...options);
  const browser = new Browser(setup.sessions);
  await browser.request().start(ada);
  setup.calls.length = 0;
  const readLastSeenAt = async () => (await browser.request().get({ passive: true }))?.lastSeenAt;
  return { ...setup, browser, readLastSeenAt };
}

describe('a touch', () => {
  test('is due after a tenth of idle, at most five minutes', async () => {
    const { browser, calls, clock } = await signIn();
    clock.advance(5 * minute - 1);
    await browser.request().get();
    expect(calls).toEqual(['read']);
    clock.advance(1);
    await browser.request().get();
    expect(calls).toEqual(['read', 'read', 'touch']);
  });

  test('is due after touchEvery if the app sets it', async () => {
    const { browser, calls, clock } = await signIn({ touchEvery: '1m' });
    clock.advance(minute);
    await browser.request().require();
    expect(calls).toEqual(['read', 'touch']);
  });

  test('happens once per request and restarts the idle timeout', async () => {
    const { browser, calls, clock, readLastSeenAt } = await signIn();
    clock.advance(5 * hour);
    const session = browser.request();
    await Promise.all([session.get(), session.require(), session.get()]);
    expect(calls).toEqual(['read', 'touch']);
    expect(await readLastSeenAt()).toBe(clock.now());
    clock.advance(5 * hour);
    expect(await browser.request().get()).not.toBeNull();
  });

  test('never extends a session past its absolute deadline', async () => {
    const { browser, clock } = await signIn({ idle: '6h', absolute: '24h' });
    for (let hours = 1; hours < 24; hours += 1) {
      clock.advance(hour);
      expect(await browser.request().get()).not.toBeNull();
    }
    clock.advance(hour - 1);
    expect(await browser.request().get()).not.toBeNull();
    clock.advance(1);
    expect(await browser.request().get()).toBeNull();
  });

  test('does not happen for a request that says it is passive, unless the app asks for it', async () => {
    const { browser, calls, clock } = await signIn();
    clock.advance(hour);
    const headers = { 'session-activity': 'passive' };
    await browser.request({ headers }).require();
    await browser.request({ headers }).get();
    expect(calls).toEqual(['read', 'read']);
    await browser.request({ headers }).get({ passive: false });
    expect(calls).toEqual(['read', 'read', 'read', 'touch']);
  });

  test('does not happen for a guard with the verifier passive', async () => {
    const { browser, calls, clock } = await signIn();
    clock.advance(hour);
    await browser.request().require(passive);
    expect(calls).toEqual(['read']);
  });

  test('does not change authenticatedAt', async () => {
    const { browser, clock } = await signIn();
    const signedInAt = clock.now();
    clock.advance(hour);
    await browser.request().get();
    expect((await browser.request().get())?.authenticatedAt).toBe(signedInAt);
  });

  test('sets no cookie', async () => {
    const { browser, clock } = await signIn();
    clock.advance(hour);
    await browser.request().get();
    expect(browser.setCookies).toEqual([]);
  });
});

describe('a passive read', () => {
  test('does not keep the session alive', async () => {
    const { browser, calls, clock } = await signIn();
    for (let hours = 1; hours < 6; hours += 1) {
      clock.advance(hour);
      await browser.request().get({ passive: true });
      await browser.request().view();
    }
    expect(calls).not.toContain('touch');
    clock.advance(hour);
    expect(await browser.request().get()).toBeNull();
  });

  test('does not prevent the touch of a later read in the same request', async () => {
    const { browser, calls, clock } = await signIn();
    clock.advance(hour);
    const session = browser.request();
    await session.get({ passive: true });
    await session.view();
    await session.get();
    expect(calls).toEqual(['read', 'touch']);
  });

  test('is the default while a Server Component renders', async () => {
    const { browser, calls, clock } = await signIn();
    clock.advance(hour);
    await browser.request({ obstacle: () => 'render' }).get();
    expect(calls).toEqual(['read']);
    await browser.request({ obstacle: () => 'render' }).get({ passive: false });
    expect(calls).toEqual(['read', 'read', 'touch']);
  });
});

test('hasToken, list and update do not keep the session alive', async () => {
  const { browser, calls, clock, readLastSeenAt } = await signIn();
  const before = await readLastSeenAt();
  clock.advance(hour);
  await browser.request().hasToken();
  await browser.request().list();
  await browser.request().update({ visits: 1 });
  expect(calls).not.toContain('touch');
  expect(await readLastSeenAt()).toBe(before);
});

test('a session with a shorter idle timeout of its own is touched more often', async () => {
  const { browser, clock } = await signIn({ idle: '6h' });
  await browser.request().start(ada, { idle: '2m' });
  for (let minutes = 1; minutes < 30; minutes += 1) {
    clock.advance(minute);
    expect(await browser.request().get()).not.toBeNull();
  }
});

test('a request succeeds even if its touch fails', async () => {
  const clock = createTestClock();
  const { store } = createSpiedStore(clock);
  const failing = faultyStore(store, [{ operation: 'touch', at: 'before', fault: 'throw' }]);
  const { browser, events } = await signIn({ store: failing }, clock);
  clock.advance(hour);
  expect((await browser.request().get())?.data).toEqual(ada);
  await new Promise(setImmediate);
  expect(events).not.toEqual([]);
});
