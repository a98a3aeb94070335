// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { bob, networkError, signedIn, signedOut } from './_support/answers.ts';
import { FakeChannel } from './_support/fake-channel.ts';
import { flush, nth } from './_support/fake-client.ts';
import { advanceTime, closeTabs, openTab, stubChannels } from './_support/tab.tsx';

beforeEach(() => {
  // React runs on the others.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
  stubChannels();
});

afterEach(async () => {
  await closeTabs();
  vi.useRealTimers();
});

function showPage(state: DocumentVisibilityState): void {
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(state === 'hidden');
  document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
}

/** Delivers the messages between the tabs, and lets time pass for them to take effect. */
async function deliverMessages(ms = 50): Promise<void> {
  await flush();
  vi.advanceTimersByTime(ms);
}

describe('on focus', () => {
  test('it refetches, at most every second', async () => {
    const { client } = await openTab({ session: signedIn() });
    window.dispatchEvent(new Event('focus'));
    showPage('visible');
    vi.advanceTimersByTime(999);
    window.dispatchEvent(new Event('focus'));
    expect(client.get).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1);
    window.dispatchEvent(new Event('focus'));
    expect(client.get).toHaveBeenCalledTimes(2);
  });

  test('each navigation without a full load refetches, also just after a focus, but no corrected address', async () => {
    const navigation = new EventTarget();
    vi.stubGlobal('navigation', navigation);
    const { client } = await openTab({ session: signedIn() });
    const navigate = (navigationType: string) =>
      navigation.dispatchEvent(Object.assign(new Event('currententrychange'), { navigationType }));
    navigate('replace');
    expect(client.get).not.toHaveBeenCalled();
    window.dispatchEvent(new Event('focus'));
    navigate('push');
    expect(client.get).toHaveBeenCalledTimes(2);
    navigate('traverse');
    expect(client.get).toHaveBeenCalledTimes(3);
    await closeTabs();
    navigate('push');
    expect(client.get).toHaveBeenCalledTimes(3);
  });

  test('of a field it does not refetch', async () => {
    const { client } = await openTab({ session: signedIn() });
    const field = document.body.appendChild(document.createElement('input'));
    field.focus();
    field.dispatchEvent(new FocusEvent('focus'));
    field.remove();
    expect(client.get).not.toHaveBeenCalled();
  });

  test('a page that becomes visible refetches, one that becomes hidden does not', async () => {
    const { client } = await openTab({ session: signedIn() });
    showPage('hidden');
    expect(client.get).not.toHaveBeenCalled();
    showPage('visible');
    expect(client.get).toHaveBeenCalledTimes(1);
  });

  test('with refetchOnFocus={false} it does not refetch, unless the last request failed', async () => {
    const { client, refetch } = await openTab({ session: signedIn(), refetchOnFocus: false });
    window.dispatchEvent(new Event('focus'));
    expect(client.get).not.toHaveBeenCalled();
    await refetch();
    await nth(client.gets, 0).fail(networkError);
    window.dispatchEvent(new Event('focus'));
    expect(client.get).toHaveBeenCalledTimes(2);
  });
});

describe('when the network returns', () => {
  test('it refetches, even just after another refetch', async () => {
    const { client } = await openTab({ session: signedIn() });
    window.dispatchEvent(new Event('focus'));
    window.dispatchEvent(new Event('online'));
    expect(client.get).toHaveBeenCalledTimes(2);
  });

  test('with refetchOnReconnect={false} it does not refetch, unless the last request failed', async () => {
    const { client, refetch } = await openTab({ session: signedIn(), refetchOnReconnect: false });
    window.dispatchEvent(new Event('online'));
    expect(client.get).not.toHaveBeenCalled();
    await refetch();
    await nth(client.gets, 0).fail(networkError);
    window.dispatchEvent(new Event('online'));
    expect(client.get).toHaveBeenCalledTimes(2);
  });
});

describe('refetchEvery', () => {
  test('refetches again and again, but not while the page is hidden or offline', async () => {
    const { client } = await openTab({ session: signedIn(), refetchEvery: 5_000, refetchOnFocus: false });
    await advanceTime(5_000);
    await nth(client.gets, 0).answer(signedIn({ at: 6_000 }));
    await advanceTime(5_000);
    await nth(client.gets, 1).answer(signedIn({ at: 11_000 }));
    vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
    await advanceTime(5_000);
    vi.restoreAllMocks();
    showPage('hidden');
    await advanceTime(5_000);
    expect(client.get).toHaveBeenCalledTimes(2);
    showPage('visible');
    await advanceTime(5_000);
    expect(client.get).toHaveBeenCalledTimes(3);
  });

  test('another interval replaces the first without a request, and a hidden provider has none', async () => {
    const { client, update, hide } = await openTab({ session: signedIn(), refetchEvery: 5_000 });
    await update({ refetchEvery: 60_000 });
    await advanceTime(59_999);
    expect(client.get).not.toHaveBeenCalled();
    await advanceTime(1);
    expect(client.get).toHaveBeenCalledTimes(1);
    await hide();
    await advanceTime(120_000);
    expect(client.get).toHaveBeenCalledTimes(1);
  });
});

describe('between tabs', () => {
  test('a change makes each other tab refetch once, with no data in the message and no echo', async () => {
    const one = await openTab({ session: signedIn(), channel: 'test' });
    const others = [
      await openTab({ session: signedIn(), channel: 'test' }),
      await openTab({ session: signedIn(), channel: 'test' }),
    ];
    await one.change({ theme: 'dark' });
    expect(FakeChannel.posted).toEqual([]);
    await nth(one.client.sets, 0).answer(signedIn({ revision: 2, at: 2_000 }));
    await deliverMessages();
    for (const { client } of others) {
      expect(client.get).toHaveBeenCalledTimes(1);
      await nth(client.gets, 0).answer(signedIn({ revision: 2, at: 2_001 }));
    }
    await deliverMessages(1_000);
    expect(one.client.get).not.toHaveBeenCalled();
    expect(FakeChannel.posted).toEqual([{ name: 'test', data: 'refetch' }]);
  });

  test('signing out in one signs out the others, without an echo', async () => {
    const [one, two] = [await openTab({ session: signedIn() }), await openTab({ session: signedIn() })];
    await one.receive(signedOut(2_000));
    await nth(one.client.gets, 0).answer(signedOut(2_001));
    await deliverMessages();
    await nth(two.client.gets, 0).answer(signedOut(2_002));
    await nth(two.client.gets, 1).answer(signedOut(2_003));
    await deliverMessages(1_000);
    expect(two.session().status).toBe('unauthenticated');
    expect(one.client.get).toHaveBeenCalledTimes(1);
    expect(FakeChannel.posted).toHaveLength(1);
  });

  test('a refetch for another tab is never broadcast, even if it brings another identity', async () => {
    const [one, two] = [await openTab({ session: signedOut(500) }), await openTab({ session: signedOut(500) })];
    await one.receive(signedIn({ id: 'b', at: 3_000 }));
    await deliverMessages();
    await nth(two.client.gets, 0).answer(signedIn({ id: 'b', at: 3_001 }));
    expect(two.session().id).toBe('b');
    expect(FakeChannel.posted).toHaveLength(1);
  });

  test('messages that arrive together cause one refetch', async () => {
    const [one, two] = [await openTab({ session: signedIn() }), await openTab({ session: signedIn() })];
    await one.receive(signedIn({ id: 'b', at: 2_000, data: bob }));
    await one.receive(signedIn({ id: 'c', at: 3_000, data: bob }));
    await flush();
    expect(FakeChannel.posted).toHaveLength(2);
    await deliverMessages();
    expect(two.client.get).toHaveBeenCalledTimes(1);
  });

  test('another channel receives nothing', async () => {
    const one = await openTab({ session: signedIn() });
    const two = await openTab({ session: signedIn(), channel: 'other' });
    await one.receive(signedIn({ id: 'b', at: 2_000 }));
    await deliverMessages(1_000);
    expect(two.client.get).not.toHaveBeenCalled();
  });

  test('a hidden provider drops a message that it has just received', async () => {
    const [one, two] = [await openTab({ session: signedIn() }), await openTab({ session: signedIn() })];
    await one.receive(signedIn({ id: 'b', at: 2_000 }));
    await flush();
    await two.hide();
    vi.advanceTimersByTime(1_000);
    expect(two.client.get).not.toHaveBeenCalled();
  });

  test.each([
    ['absent', undefined],
    [
      'forbidden',
      class {
        constructor() {
          throw new DOMException('denied', 'SecurityError');
        }
      },
    ],
  ])('if BroadcastChannel is %s, everything else works', async (_, channel) => {
    vi.stubGlobal('BroadcastChannel', channel);
    const tab = await openTab({ session: signedIn() });
    await tab.receive(signedIn({ id: 'b', at: 2_000 }));
    window.dispatchEvent(new Event('focus'));
    expect(tab.client.get).toHaveBeenCalledTimes(1);
  });
});

describe('what is broadcast', () => {
  test('a change, once, even if its response brings another identity', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.change({ theme: 'dark' });
    expect(FakeChannel.posted).toEqual([]);
    await nth(tab.client.sets, 0).answer(signedIn({ id: 'b', at: 2_000 }));
    expect(FakeChannel.posted).toHaveLength(1);
  });

  test('not a change that failed', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.change({ theme: 'dark' });
    await nth(tab.client.sets, 0).fail(networkError);
    expect(FakeChannel.posted).toEqual([]);
  });

  test('another identity, from the provider or from a refetch', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.receive(signedIn({ id: 'b', at: 2_000 }));
    expect(FakeChannel.posted).toHaveLength(1);
    await tab.refetch();
    await nth(tab.client.gets, 0).answer(signedIn({ id: 'c', at: 3_000 }));
    expect(FakeChannel.posted).toHaveLength(2);
  });

  test('not a refetch that brings the same identity', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.refetch();
    await nth(tab.client.gets, 0).answer(signedIn({ revision: 2, at: 2_000 }));
    expect(FakeChannel.posted).toEqual([]);
  });
});

describe('the back/forward cache', () => {
  test('a page that enters it closes its channel; one that returns opens it and refetches', async () => {
    const { client } = await openTab({ session: signedIn() });
    window.dispatchEvent(new Event('pagehide'));
    expect(FakeChannel.open.size).toBe(0);
    window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
    expect(FakeChannel.open.size).toBe(1);
    expect(client.get).toHaveBeenCalledTimes(1);
  });

  test('the first showing of a page opens no second channel and sends no request', async () => {
    const { client } = await openTab({ session: signedIn() });
    window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: false }));
    expect(FakeChannel.open.size).toBe(1);
    expect(client.get).not.toHaveBeenCalled();
  });
});
