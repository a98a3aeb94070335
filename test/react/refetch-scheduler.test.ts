// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { RefetchScheduler } from '../../src/react/refetch-scheduler.ts';
import { ViewStore } from '../../src/react/view-store.ts';
import { bob, minuteMs, networkError, type Patch, signedIn, signedOut, type View } from './_support/answers.ts';
import { FakeChannel } from './_support/fake-channel.ts';
import { type FakeClient, fakeClient, flush, nth } from './_support/fake-client.ts';

interface Tab {
  readonly client: FakeClient;
  readonly store: ViewStore<View, Patch>;
  readonly watch: RefetchScheduler;
}

const started: Tab[] = [];

function tab(source = signedIn(), channel = 'test'): Tab {
  const client = fakeClient();
  const store = new ViewStore<View, Patch>(source, { client });
  const watch = new RefetchScheduler(store);
  watch.start(channel);
  const made = { client, store, watch };
  started.push(made);
  return made;
}

function showPage(state: DocumentVisibilityState): void {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state);
  document.dispatchEvent(new Event('visibilitychange'));
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('BroadcastChannel', FakeChannel);
});

afterEach(() => {
  for (const { watch } of started.splice(0)) watch.stop();
  FakeChannel.reset();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('the clocks', () => {
  test('it looks when the idle time is over, measured from the time of the answer and not by the local clock', () => {
    vi.setSystemTime(new Date('2001-01-01'));
    const { client } = tab(signedIn({ at: Date.parse('2030-01-01') }));
    vi.advanceTimersByTime(10 * minuteMs - 1);
    expect(client.get).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(client.get).toHaveBeenCalledTimes(1);
  });

  test('it looks when the session is over, where that is sooner', () => {
    const { client } = tab(signedIn({ expiresAt: 1_000 + 5 * minuteMs }));
    vi.advanceTimersByTime(5 * minuteMs);
    expect(client.get).toHaveBeenCalledTimes(1);
  });

  test('the clock does not decide: until the server answers, nobody is signed out', () => {
    const { store } = tab();
    vi.advanceTimersByTime(10 * minuteMs);
    expect(store.read().status).toBe('authenticated');
  });

  test('a later answer moves the look', () => {
    const { client, store } = tab();
    vi.advanceTimersByTime(9 * minuteMs);
    store.offer(signedIn({ at: 1_000 + 9 * minuteMs }));
    vi.advanceTimersByTime(10 * minuteMs - 1);
    expect(client.get).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(client.get).toHaveBeenCalledTimes(1);
  });

  test('a time longer than a timer can wait does not make it look at once', () => {
    const years = 50 * 365 * 24 * 60 * minuteMs;
    const { client } = tab(signedIn({ idleExpiresAt: years, expiresAt: years }));
    vi.advanceTimersByTime(24 * 60 * minuteMs);
    expect(client.get).not.toHaveBeenCalled();
  });

  test('a clock that has already run out makes it look once a second at most', () => {
    const { client } = tab(signedIn({ idleExpiresAt: 0 }));
    vi.advanceTimersByTime(999);
    expect(client.get).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(client.get).toHaveBeenCalledTimes(1);
  });

  test('it looks again 30 seconds after trouble, and after a look that nothing answers', async () => {
    const { client, store } = tab();
    void store.refetch();
    await nth(client.gets, 0).fail(networkError);
    vi.advanceTimersByTime(29_999);
    expect(client.get).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1);
    expect(client.get).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(30_000);
    expect(client.get).toHaveBeenCalledTimes(3);
  });

  test('nobody has no clock', async () => {
    const { client, store } = tab();
    void store.refetch();
    await nth(client.gets, 0).answer(signedOut(2_000));
    await nth(client.gets, 1).answer(signedOut(2_001));
    vi.advanceTimersByTime(100 * minuteMs);
    expect(client.get).toHaveBeenCalledTimes(2);
  });

  test('once stopped, nothing looks', () => {
    const { client, watch } = tab();
    watch.stop();
    vi.advanceTimersByTime(10 * minuteMs);
    window.dispatchEvent(new Event('focus'));
    window.dispatchEvent(new Event('online'));
    expect(client.get).not.toHaveBeenCalled();
  });
});

describe('attention', () => {
  test('focus makes it look, every 5 seconds at most', () => {
    const { client } = tab();
    window.dispatchEvent(new Event('focus'));
    showPage('visible');
    vi.advanceTimersByTime(4_999);
    window.dispatchEvent(new Event('focus'));
    expect(client.get).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1);
    window.dispatchEvent(new Event('focus'));
    expect(client.get).toHaveBeenCalledTimes(2);
  });

  test('a page that comes into view looks, one that goes does not', () => {
    const { client } = tab();
    showPage('hidden');
    expect(client.get).not.toHaveBeenCalled();
    showPage('visible');
    expect(client.get).toHaveBeenCalledTimes(1);
  });

  test('a network that comes back makes it look, however recently it did', () => {
    const { client } = tab();
    window.dispatchEvent(new Event('focus'));
    window.dispatchEvent(new Event('online'));
    expect(client.get).toHaveBeenCalledTimes(2);
  });

  test('having been away, it looks; stopped and started in one go, it does not', async () => {
    const { client, watch } = tab();
    watch.stop();
    watch.start('test');
    await flush();
    expect(client.get).not.toHaveBeenCalled();
    watch.stop();
    await flush();
    watch.start('test');
    expect(client.get).toHaveBeenCalledTimes(1);
  });

  test('having been away, its clock has gone on', async () => {
    const { client, watch } = tab();
    watch.stop();
    vi.advanceTimersByTime(9 * minuteMs);
    watch.start('test');
    vi.advanceTimersByTime(minuteMs);
    expect(client.get).toHaveBeenCalledTimes(1);
  });
});

describe('tabs', () => {
  test('a change in one makes the others look once, with nothing in the message, and no echo', async () => {
    const [one, two, three] = [tab(), tab(), tab()];
    void one.store.change({ theme: 'dark' });
    await flush();
    await nth(one.client.sets, 0).answer(signedIn({ revision: 2, at: 2_000 }));
    vi.advanceTimersByTime(50);
    for (const { client } of [two, three]) {
      expect(client.get).toHaveBeenCalledTimes(1);
      await nth(client.gets, 0).answer(signedIn({ revision: 2, at: 2_001 }));
    }
    vi.advanceTimersByTime(1_000);
    expect(one.client.get).not.toHaveBeenCalled();
    expect(FakeChannel.posted).toEqual([{ name: 'test', data: 'look' }]);
  });

  test('signing out in one signs out the others, with no echo', async () => {
    const [one, two] = [tab(), tab()];
    one.store.offer(signedOut(2_000));
    await nth(one.client.gets, 0).answer(signedOut(2_001));
    vi.advanceTimersByTime(50);
    await nth(two.client.gets, 0).answer(signedOut(2_002));
    await nth(two.client.gets, 1).answer(signedOut(2_003));
    vi.advanceTimersByTime(1_000);
    await flush();
    expect(two.store.read().status).toBe('unauthenticated');
    expect(one.client.get).toHaveBeenCalledTimes(1);
    expect(FakeChannel.posted).toHaveLength(1);
  });

  test('messages that come together cause one look', async () => {
    const [one, two] = [tab(), tab()];
    one.store.offer(signedIn({ id: 'b', at: 2_000, data: bob }));
    one.store.offer(signedIn({ id: 'c', at: 3_000, data: bob }));
    await flush();
    expect(FakeChannel.posted).toHaveLength(2);
    vi.advanceTimersByTime(50);
    expect(two.client.get).toHaveBeenCalledTimes(1);
  });

  test('another channel hears nothing', async () => {
    const [one, two] = [tab(), tab(signedIn(), 'other')];
    one.store.offer(signedIn({ id: 'b', at: 2_000 }));
    await flush();
    vi.advanceTimersByTime(1_000);
    expect(two.client.get).not.toHaveBeenCalled();
  });

  test('a page that is put away closes its channel, and one that comes back opens it and looks', () => {
    const { client } = tab();
    window.dispatchEvent(new Event('pagehide'));
    expect(FakeChannel.open.size).toBe(0);
    window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
    expect(FakeChannel.open.size).toBe(1);
    expect(client.get).toHaveBeenCalledTimes(1);
  });

  test('the first showing of a page opens no second channel and does not look', () => {
    const { client } = tab();
    window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: false }));
    expect(FakeChannel.open.size).toBe(1);
    expect(client.get).not.toHaveBeenCalled();
  });

  test('stopping closes the channel', () => {
    tab().watch.stop();
    expect(FakeChannel.open.size).toBe(0);
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
  ])('where BroadcastChannel is %s, everything else works', (_, channel) => {
    vi.stubGlobal('BroadcastChannel', channel);
    const { client, store } = tab();
    store.offer(signedIn({ id: 'b', at: 2_000 }));
    window.dispatchEvent(new Event('focus'));
    expect(client.get).toHaveBeenCalledTimes(1);
  });
});
