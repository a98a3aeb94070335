// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { minuteMs, networkError, signedIn, signedOut, trpcError, unauthorized } from './_support/answers.ts';
import { FakeChannel } from './_support/fake-channel.ts';
import { nth } from './_support/fake-client.ts';
import { advanceTime, closeTabs, openTab, stubChannels } from './_support/tab.tsx';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  stubChannels();
});

afterEach(async () => {
  await closeTabs();
  vi.useRealTimers();
});

function act(type = 'keydown'): void {
  document.body.dispatchEvent(new Event(type));
}

describe('touch', () => {
  test('records a use, then reads the new deadline, in the other tabs too', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.touch();
    expect(tab.client.get).not.toHaveBeenCalled();
    await nth(tab.client.touches, 0).answer(null);
    expect(FakeChannel.posted).toHaveLength(1);
    await nth(tab.client.gets, 0).answer(signedIn({ at: 5 * minuteMs }));
    expect(tab.session().idleExpiresAt).toBe(15 * minuteMs);
  });

  test('that is refused signs the user out after one fresh read', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.touch();
    await nth(tab.client.touches, 0).fail(unauthorized);
    expect(tab.session().status).toBe('authenticated');
    await nth(tab.client.gets, 0).answer(signedOut(2_000));
    expect(tab.session().status).toBe('unauthenticated');
  });

  test('that fails never rejects: the error is shown, and the user stays signed in', async () => {
    const tab = await openTab({ session: signedIn() });
    const { done } = await tab.touch();
    await nth(tab.client.touches, 0).fail(networkError);
    await expect(done).resolves.toBeUndefined();
    expect(tab.session()).toMatchObject({ status: 'authenticated', error: { reason: 'network' } });
  });
});

describe('keepAlive', () => {
  test.each(['keydown', 'pointerdown', 'scroll'])(
    '%s keeps the session alive, once in a tenth of idle',
    async (type) => {
      const tab = await openTab({ session: signedIn(), keepAlive: true });
      for (let seconds = 0; seconds < 59; seconds += 1) {
        act(type);
        await advanceTime(1_000);
      }
      expect(tab.client.touch).not.toHaveBeenCalled();
      await advanceTime(1_000);
      act(type);
      act(type);
      expect(tab.client.touch).toHaveBeenCalledTimes(1);
      await nth(tab.client.touches, 0).answer(null);
      await nth(tab.client.gets, 0).answer(signedIn({ at: 1_000 + minuteMs }));
      act(type);
      expect(tab.client.touch).toHaveBeenCalledTimes(1);
    },
  );

  test('a person who types for hours is not signed out, with at most one call a minute', async () => {
    let at = 1_000;
    const tab = await openTab({ session: signedIn(), keepAlive: true });
    tab.client.touch.mockImplementation(async () => {
      at = tab.session().getServerTime();
    });
    tab.client.get.mockImplementation(async () => signedIn({ at, expiresAt: 24 * 60 * minuteMs }));
    await tab.refetch();
    for (let minutes = 0; minutes < 120; minutes += 0.5) {
      act();
      await advanceTime(minuteMs / 2);
    }
    expect(new Set(tab.states.map(({ status }) => status))).toEqual(new Set(['authenticated']));
    expect(tab.client.touch.mock.calls.length).toBeLessThanOrEqual(120);
  });

  test('without activity there is no call, and the session ends', async () => {
    const tab = await openTab({ session: signedIn(), keepAlive: true });
    await advanceTime(10 * minuteMs);
    await advanceTime(1_000);
    expect(tab.client.touch).not.toHaveBeenCalled();
    expect(tab.session().status).toBe('unauthenticated');
  });

  test.each([
    ['without the option', {}],
    [
      'if a use cannot move the deadline any more',
      { keepAlive: true, session: signedIn({ expiresAt: 1_000 + 9 * minuteMs, idleExpiresAt: 1_000 + 9 * minuteMs }) },
    ],
    ['for a signed-out user', { keepAlive: true, session: signedOut(1_000) }],
  ])('%s, typing causes no call', async (_, options) => {
    const tab = await openTab({ session: signedIn(), ...options });
    await advanceTime(8 * minuteMs);
    act();
    expect(tab.client.touch).not.toHaveBeenCalled();
  });

  test('a call that fails is not repeated by every key', async () => {
    const tab = await openTab({ session: signedIn(), keepAlive: true });
    await advanceTime(2 * minuteMs);
    act();
    await nth(tab.client.touches, 0).fail(trpcError('NOT_FOUND', 404));
    act();
    expect(tab.client.touch).toHaveBeenCalledTimes(1);
    await advanceTime(minuteMs);
    act();
    expect(tab.client.touch).toHaveBeenCalledTimes(2);
  });
});

describe('onExpiring', () => {
  test('is called a minute before the deadline with the time left, after a read that confirms it', async () => {
    const onExpiring = vi.fn();
    const tab = await openTab({ session: signedIn(), onExpiring });
    await advanceTime(9 * minuteMs);
    expect(tab.client.get).toHaveBeenCalledTimes(1);
    expect(onExpiring).not.toHaveBeenCalled();
    await advanceTime(2_000);
    await nth(tab.client.gets, 0).answer(signedIn({ at: 3_000 + 9 * minuteMs, idleExpiresAt: 1_000 + 10 * minuteMs }));
    expect(onExpiring.mock.calls).toEqual([[58_000]]);
    await advanceTime(50_000);
    expect(onExpiring).toHaveBeenCalledTimes(1);
  });

  test('is called once, also if the read has moved the deadline a little', async () => {
    const onExpiring = vi.fn();
    const tab = await openTab({ session: signedIn(), onExpiring });
    await advanceTime(9 * minuteMs);
    const at = 1_000 + 9 * minuteMs;
    await nth(tab.client.gets, 0).answer(signedIn({ at, idleExpiresAt: at + minuteMs / 2 }));
    await advanceTime(5_000);
    expect(tab.client.get).toHaveBeenCalledTimes(1);
    expect(onExpiring.mock.calls).toEqual([[minuteMs / 2]]);
  });

  test('is called with null when a use has moved the deadline', async () => {
    const onExpiring = vi.fn();
    const tab = await openTab({ session: signedIn(), onExpiring });
    await advanceTime(9 * minuteMs);
    const at = 1_000 + 9 * minuteMs;
    await nth(tab.client.gets, 0).answer(signedIn({ at, idleExpiresAt: at + minuteMs }));
    await tab.touch();
    await nth(tab.client.touches, 0).answer(null);
    await nth(tab.client.gets, 1).answer(signedIn({ at: at + 10 }));
    expect(onExpiring.mock.calls).toEqual([[minuteMs], [null]]);
  });

  test('is called with null when the session has ended', async () => {
    const onExpiring = vi.fn();
    const tab = await openTab({ session: signedIn(), onExpiring });
    await advanceTime(9 * minuteMs);
    await nth(tab.client.gets, 0).fail(networkError);
    await advanceTime(minuteMs + 1_000);
    expect(tab.session().status).toBe('unauthenticated');
    expect(onExpiring.mock.calls).toEqual([[minuteMs], [null]]);
  });

  test('is not called if the read says that the session was used elsewhere', async () => {
    const onExpiring = vi.fn();
    const tab = await openTab({ session: signedIn(), onExpiring });
    await advanceTime(9 * minuteMs);
    await nth(tab.client.gets, 0).answer(signedIn({ at: 1_000 + 9 * minuteMs }));
    expect(onExpiring).not.toHaveBeenCalled();
    await advanceTime(9 * minuteMs);
    expect(tab.client.get).toHaveBeenCalledTimes(2);
  });

  test('is called during an outage too', async () => {
    const onExpiring = vi.fn();
    const tab = await openTab({ session: signedIn(), onExpiring });
    await advanceTime(9 * minuteMs);
    await nth(tab.client.gets, 0).fail(networkError);
    expect(onExpiring).toHaveBeenCalledTimes(1);
  });

  test('is called again for a later deadline, and not after the session has ended', async () => {
    const onExpiring = vi.fn();
    const tab = await openTab({ session: signedIn(), onExpiring, warnBefore: 2 * minuteMs });
    await advanceTime(8 * minuteMs);
    await nth(tab.client.gets, 0).fail(networkError);
    await tab.receive(signedIn({ at: 1_000 + 8 * minuteMs }));
    await advanceTime(8 * minuteMs);
    await nth(tab.client.gets, 1).fail(networkError);
    expect(onExpiring.mock.calls).toEqual([[2 * minuteMs], [null], [2 * minuteMs]]);
    await tab.hide();
    await advanceTime(60 * minuteMs);
    expect(onExpiring).toHaveBeenCalledTimes(3);
  });
});
