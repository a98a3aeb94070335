// @vitest-environment jsdom
import type { SessionView } from 'trpc-session';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SessionAnnouncement } from '../../src/core/session/announcement.ts';
import { bob, minuteMs, networkError, signedIn, signedOut } from './_support/answers.ts';
import { FakeChannel } from './_support/fake-channel.ts';
import { nth } from './_support/fake-client.ts';
import type { View } from './_support/sessions.ts';
import { advanceTime, closeTabs, dispatch, openTab, stubChannels } from './_support/tab.tsx';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  stubChannels();
});

afterEach(async () => {
  await closeTabs();
  vi.useRealTimers();
});

/** Does what the client code does that sees a response. */
async function announce(...announcements: readonly SessionAnnouncement[]): Promise<void> {
  for (const detail of announcements) await dispatch(new CustomEvent('trpc-session', { detail }));
  await advanceTime(50);
}

describe('an announced change', () => {
  const cases: readonly (readonly [string, SessionView<View>, SessionView<View>])[] = [
    ['a sign-in', signedOut(1_000), signedIn({ at: 2_000 })],
    ['another user', signedIn(), signedIn({ id: 'b', at: 2_000, data: bob })],
    ['a sign-out', signedIn(), signedOut(2_000)],
    ['new data', signedIn(), signedIn({ revision: 2, at: 2_000, data: bob })],
  ];

  test.each(cases)('(%s) is shown after one request, and the other tabs refetch once', async (_, before, after) => {
    const tab = await openTab({ session: before });
    await announce('changed');
    expect(FakeChannel.posted).toHaveLength(1);
    await nth(tab.client.gets, 0).answer(after);
    expect(tab.session().status).toBe(after.status);
    expect(tab.session().data).toEqual(after.status === 'authenticated' ? after.data : null);
    await advanceTime(1_000);
    expect(tab.client.get).toHaveBeenCalledTimes(1);
    expect(FakeChannel.posted).toHaveLength(1);
  });

  test('of several responses causes one request', async () => {
    const tab = await openTab({ session: signedIn() });
    await announce('changed', 'changed', 'refused');
    expect(tab.client.get).toHaveBeenCalledTimes(1);
  });

  test('is not received by a provider that is hidden or unmounted', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.hide();
    await announce('changed');
    expect(tab.client.get).not.toHaveBeenCalled();
  });
});

describe('an announced refusal', () => {
  test('of a known session is believed after one fresh read, which the other tabs repeat', async () => {
    const tab = await openTab({ session: signedIn() });
    await announce('refused', 'refused');
    expect(tab.session().status).toBe('authenticated');
    expect(tab.client.get).toHaveBeenCalledTimes(1);
    await nth(tab.client.gets, 0).answer(signedOut(2_000));
    expect(tab.session().status).toBe('unauthenticated');
    expect(tab.client.get).toHaveBeenCalledTimes(1);
    expect(FakeChannel.posted).toHaveLength(1);
  });

  test('is not believed if the read says that the user is signed in', async () => {
    const tab = await openTab({ session: signedIn() });
    await announce('refused');
    await nth(tab.client.gets, 0).answer(signedIn({ at: 2_000 }));
    expect(new Set(tab.states.map(({ status }) => status))).toEqual(new Set(['authenticated']));
    expect(FakeChannel.posted).toEqual([]);
  });

  test('causes no request if the user is known to be signed out', async () => {
    const tab = await openTab({ session: signedOut(1_000) });
    await announce('refused');
    expect(tab.client.get).not.toHaveBeenCalled();
  });
});

describe('an announced use', () => {
  test('moves the known deadline: the session is read once in a tenth of the idle timeout', async () => {
    const tab = await openTab({ session: signedIn() });
    await announce('used');
    expect(tab.client.get).not.toHaveBeenCalled();
    await advanceTime(minuteMs);
    await announce('used', 'used');
    expect(tab.client.get).toHaveBeenCalledTimes(1);
    await nth(tab.client.gets, 0).answer(signedIn({ at: 1_000 + minuteMs }));
    expect(tab.session().idleExpiresAt).toBe(1_000 + 11 * minuteMs);
    await announce('used');
    expect(tab.client.get).toHaveBeenCalledTimes(1);
  });

  test('after a failure shows that the server is back, so the session is read at once', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.refetch();
    await nth(tab.client.gets, 0).fail(networkError);
    await announce('used');
    expect(tab.client.get).toHaveBeenCalledTimes(2);
  });

  test('causes no request for a signed-out user', async () => {
    const tab = await openTab({ session: signedOut(1_000) });
    await advanceTime(60 * minuteMs);
    await announce('used');
    expect(tab.client.get).not.toHaveBeenCalled();
  });
});
