// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { minuteMs, networkError, signedIn, signedOut } from './_support/answers.ts';
import { FakeChannel } from './_support/fake-channel.ts';
import { nth } from './_support/fake-client.ts';
import { advanceTime, closeTabs, dispatch, openTab, stubChannels } from './_support/tab.tsx';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  stubChannels();
});

afterEach(async () => {
  await closeTabs();
  vi.useRealTimers();
});

/** Moves the clock as a sleep does: no timer runs meanwhile. */
function sleepFor(ms: number): void {
  vi.setSystemTime(Date.now() + ms);
}

describe('at the deadline', () => {
  test.each([
    ['the end of the idle timeout', {}, 10 * minuteMs],
    ['the end of the session, if that is sooner', { expiresAt: 1_000 + 5 * minuteMs }, 5 * minuteMs],
  ])('%s: the server is asked at that moment, and one answer signs the user out', async (_, times, endsAfterMs) => {
    const tab = await openTab({ session: signedIn(times) });
    await advanceTime(endsAfterMs - 1);
    expect(tab.client.get).not.toHaveBeenCalled();
    expect(tab.session().status).toBe('authenticated');
    await advanceTime(1);
    expect(tab.client.get).toHaveBeenCalledTimes(1);
    await nth(tab.client.gets, 0).answer(signedOut(1_000 + endsAfterMs));
    expect(tab.session().status).toBe('unauthenticated');
    await advanceTime(60 * minuteMs);
    expect(tab.client.get).toHaveBeenCalledTimes(1);
  });

  test('an answer that the session was used elsewhere moves the deadline, without a sign-out', async () => {
    const onIdentityChange = vi.fn();
    const tab = await openTab({ session: signedIn(), onIdentityChange });
    await advanceTime(10 * minuteMs);
    await nth(tab.client.gets, 0).answer(signedIn({ at: 1_000 + 10 * minuteMs }));
    await advanceTime(10 * minuteMs - 1);
    expect(tab.client.get).toHaveBeenCalledTimes(1);
    expect(new Set(tab.states.map(({ status }) => status))).toEqual(new Set(['authenticated']));
    await advanceTime(1);
    expect(tab.client.get).toHaveBeenCalledTimes(2);
    expect(onIdentityChange).not.toHaveBeenCalled();
  });

  test('without an answer within a second, the user is signed out', async () => {
    const onIdentityChange = vi.fn();
    const tab = await openTab({ session: signedIn(), onIdentityChange });
    await advanceTime(10 * minuteMs);
    await advanceTime(999);
    expect(tab.session().status).toBe('authenticated');
    await advanceTime(1);
    expect(tab.session().status).toBe('unauthenticated');
    expect(onIdentityChange).toHaveBeenCalledTimes(1);
    expect(FakeChannel.posted).toEqual([]);
  });

  test('offline, the user is signed out at that moment', async () => {
    const tab = await openTab({ session: signedIn() });
    vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
    await advanceTime(10 * minuteMs - 1);
    expect(tab.session().status).toBe('authenticated');
    await advanceTime(1);
    expect(tab.session().status).toBe('unauthenticated');
  });

  test('a request that fails does not keep the user signed in', async () => {
    const tab = await openTab({ session: signedIn() });
    await advanceTime(10 * minuteMs);
    await nth(tab.client.gets, 0).fail(networkError);
    await advanceTime(1_000);
    expect(tab.session()).toMatchObject({ status: 'unauthenticated', error: { reason: 'network' } });
  });

  test('a late answer that the session still exists signs the user in again', async () => {
    const tab = await openTab({ session: signedIn() });
    await advanceTime(10 * minuteMs);
    await advanceTime(2_000);
    expect(tab.session().status).toBe('unauthenticated');
    await nth(tab.client.gets, 0).answer(signedIn({ at: 1_000 + 10 * minuteMs + 500 }));
    expect(tab.session().status).toBe('authenticated');
  });

  test('a later view moves the deadline', async () => {
    const tab = await openTab({ session: signedIn() });
    await advanceTime(9 * minuteMs);
    await tab.receive(signedIn({ at: 1_000 + 9 * minuteMs }));
    await advanceTime(10 * minuteMs - 1);
    expect(tab.client.get).not.toHaveBeenCalled();
    await advanceTime(1);
    expect(tab.client.get).toHaveBeenCalledTimes(1);
  });

  test('a lifetime of years causes no request', async () => {
    const years = 50 * 365 * 24 * 60 * minuteMs;
    const { client } = await openTab({ session: signedIn({ idleExpiresAt: years, expiresAt: years }) });
    await advanceTime(minuteMs);
    expect(client.get).not.toHaveBeenCalled();
  });

  test('a deadline that the clock of the server has passed already is left to the server', async () => {
    const tab = await openTab({ session: signedIn({ idleExpiresAt: 0 }) });
    await advanceTime(60 * minuteMs);
    expect(tab.client.get).not.toHaveBeenCalled();
    expect(tab.session().status).toBe('authenticated');
  });

  test('a hidden provider does nothing; when it is shown again, it goes on', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.hide();
    await advanceTime(9 * minuteMs);
    expect(tab.client.get).not.toHaveBeenCalled();
    await tab.show();
    await nth(tab.client.gets, 0).answer(signedIn());
    await advanceTime(minuteMs - 1);
    expect(tab.client.get).toHaveBeenCalledTimes(1);
    await advanceTime(1);
    expect(tab.client.get).toHaveBeenCalledTimes(2);
  });
});

describe('the clocks', () => {
  test.each([
    ['days behind', '2001-01-01'],
    ['days ahead', '2040-01-01'],
  ])('of the browser may be %s: deadline and server time are right', async (_, date) => {
    vi.setSystemTime(new Date(date));
    const at = Date.parse('2030-01-01');
    const tab = await openTab({ session: signedIn({ at }) });
    expect(tab.session().getServerTime()).toBe(at);
    await advanceTime(10 * minuteMs - 1);
    expect(tab.session().getServerTime()).toBe(at + 10 * minuteMs - 1);
    expect(tab.client.get).not.toHaveBeenCalled();
    expect(tab.session().status).toBe('authenticated');
    await advanceTime(1);
    expect(tab.client.get).toHaveBeenCalledTimes(1);
  });

  test('of the server counts from each new answer, so a corrected clock of the browser does not matter for long', async () => {
    const tab = await openTab({ session: signedIn() });
    sleepFor(-5 * minuteMs);
    await tab.refetch();
    await nth(tab.client.gets, 0).answer(signedIn({ at: 2_000 }));
    expect(tab.session().getServerTime()).toBe(2_000);
  });
});

describe('a computer that wakes up after the deadline', () => {
  test.each([
    ['focus', () => window.dispatchEvent(new Event('focus'))],
    ['becoming visible', () => document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))],
    ['a key', () => document.body.dispatchEvent(new Event('keydown', { bubbles: true }))],
    ['the back/forward cache', () => window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))],
  ])('shows nothing private: %s signs the user out before any answer', async (_, wake) => {
    const tab = await openTab({ session: signedIn() });
    sleepFor(8 * 60 * minuteMs);
    wake();
    await advanceTime(0);
    expect(tab.session()).toMatchObject({ status: 'unauthenticated', data: null });
    expect(tab.client.get).toHaveBeenCalled();
  });

  test('is noticed within a second without any event', async () => {
    const tab = await openTab({ session: signedIn() });
    sleepFor(8 * 60 * minuteMs);
    await advanceTime(1_000);
    expect(tab.session().status).toBe('unauthenticated');
  });

  test('before the deadline keeps the user', async () => {
    const tab = await openTab({ session: signedIn() });
    sleepFor(5 * minuteMs);
    await dispatch(new Event('focus'));
    expect(tab.session().status).toBe('authenticated');
  });
});
