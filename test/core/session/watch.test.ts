import type { SessionStore } from 'trpc-session/stores';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ada, Browser, createAccountSessions } from '../../_support/sessions.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

interface WatchOptions {
  readonly learnsOfChanges?: boolean;
  readonly watchEvery?: '1s';
  readonly idle?: '1m';
  readonly touchEvery?: '1s';
}

/** A signed-in user whose session is watched, and another request of that user. */
async function watchAda({ learnsOfChanges = true, ...options }: WatchOptions = {}) {
  const { store, calls } = createAccountSessions();
  const read = vi.fn(store.read);
  const watched: SessionStore = { ...store, read, ...(!learnsOfChanges && { watch: undefined }) } as SessionStore;
  const { sessions } = createAccountSessions({ store: watched, ...options });
  const browser = new Browser(sessions);
  await browser.request().start(ada);
  const onEnd = vi.fn();
  const session = await browser.copy().request().require();
  const stop = session.watch(onEnd);
  await vi.advanceTimersByTimeAsync(0);
  read.mockClear();
  return { sessions, store, calls, read, onEnd, stop, request: () => browser.request() };
}

/** Lets pending promises settle, and no time pass. */
const settle = () => vi.advanceTimersByTimeAsync(0);

describe('watch, with a store that learns of changes,', () => {
  test('calls onEnd at once when the session is signed out, and once only', async () => {
    const { request, onEnd, sessions } = await watchAda();
    await request().destroy();
    await settle();
    expect(onEnd).toHaveBeenCalledTimes(1);
    await sessions.of('ada').revokeAll();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(onEnd).toHaveBeenCalledTimes(1);
  });

  test('calls onEnd at once when the session is revoked, or moves to another token', async () => {
    const [revoked, moved] = [await watchAda(), await watchAda()];
    await revoked.sessions.of('ada').revokeAll();
    await moved.request().regenerate();
    await settle();
    expect(revoked.onEnd).toHaveBeenCalledTimes(1);
    expect(moved.onEnd).toHaveBeenCalledTimes(1);
  });

  test('reads the session after a change that does not end it, and continues', async () => {
    const { request, onEnd, read } = await watchAda();
    await request().update({ visits: 1 });
    await settle();
    // That of the request, and that of the watch.
    expect(read).toHaveBeenCalledTimes(2);
    expect(read).toHaveBeenLastCalledWith(expect.anything(), { fresh: true });
    expect(onEnd).not.toHaveBeenCalled();
    await request().destroy();
    await settle();
    expect(onEnd).toHaveBeenCalledTimes(1);
  });

  test('reads again after a change during its read', async () => {
    const { sessions, onEnd, read, request, store } = await watchAda();
    const session = request();
    await session.get();
    let release = (): void => {};
    read.mockImplementationOnce(async (at) => {
      const found = await store.read(at);
      await new Promise<void>((resolve) => (release = resolve));
      return found;
    });
    await session.update({ visits: 1 });
    await settle();
    await sessions.of('ada').revokeAll();
    await settle();
    expect(onEnd).not.toHaveBeenCalled();
    release();
    await settle();
    expect(onEnd).toHaveBeenCalledTimes(1);
  });

  test('notices that the session ended before the watch began', async () => {
    const { sessions, request } = await watchAda();
    const session = await request().require();
    await sessions.of('ada').revokeAll();
    const onEnd = vi.fn();
    session.watch(onEnd);
    await settle();
    expect(onEnd).toHaveBeenCalledTimes(1);
  });

  test('watches the session that the request itself has started', async () => {
    const { sessions } = createAccountSessions();
    const session = new Browser(sessions).request();
    await session.start(ada);
    const onEnd = vi.fn();
    session.watch(onEnd);
    await settle();
    expect(onEnd).not.toHaveBeenCalled();
    await sessions.of('ada').revokeAll();
    await settle();
    expect(onEnd).toHaveBeenCalledTimes(1);
  });
});

describe('watch, with a store that does not learn of changes,', () => {
  test('reads the session every 15 seconds by default', async () => {
    const { sessions, onEnd, read } = await watchAda({ learnsOfChanges: false });
    await vi.advanceTimersByTimeAsync(14_999);
    expect(read).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(read).toHaveBeenCalledTimes(1);
    await sessions.of('ada').revokeAll();
    await vi.advanceTimersByTimeAsync(14_999);
    expect(onEnd).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(onEnd).toHaveBeenCalledTimes(1);
  });

  test('reads it every `watchEvery`', async () => {
    const { read } = await watchAda({ learnsOfChanges: false, watchEvery: '1s' });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(read).toHaveBeenCalledTimes(5);
  });
});

describe('watch', () => {
  test('continues while the store cannot be reached', async () => {
    const { sessions, onEnd, read, request, store } = await watchAda();
    read.mockRejectedValue(new Error('down'));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(onEnd).not.toHaveBeenCalled();
    read.mockImplementation(store.read);
    expect(await request().get()).not.toBeNull();
    await sessions.of('ada').revokeAll();
    await settle();
    expect(onEnd).toHaveBeenCalledTimes(1);
  });

  test('is not a use of the session', async () => {
    const { onEnd, calls } = await watchAda({ idle: '1m', touchEvery: '1s' });
    calls.length = 0;
    await vi.advanceTimersByTimeAsync(40_000);
    expect(calls).not.toContain('touch');
    expect(onEnd).not.toHaveBeenCalled();
  });

  test('stops when its function is called', async () => {
    const { sessions, onEnd, stop } = await watchAda();
    stop();
    stop();
    await sessions.of('ada').revokeAll();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(onEnd).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('stops when the manager is closed, without calling onEnd', async () => {
    const { sessions, onEnd } = await watchAda();
    await sessions.close();
    await sessions.of('ada').revokeAll();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(onEnd).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });
});
