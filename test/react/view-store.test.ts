import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { SessionView } from '../../src/index.ts';
import { ViewStore } from '../../src/react/view-store.ts';
import {
  ada,
  bob,
  networkError,
  type Patch,
  signedIn,
  signedOut,
  trpcError,
  unauthorized,
  unavailable,
  type View,
} from './_support/answers.ts';
import { type FakeClient, fakeClient, flush, nth } from './_support/fake-client.ts';

let client: FakeClient;
let tellTabs: ReturnType<typeof vi.fn<() => void>>;
let onIdentityChange: ReturnType<typeof vi.fn<(next: unknown) => void>>;

beforeEach(() => {
  client = fakeClient();
  tellTabs = vi.fn<() => void>();
  onIdentityChange = vi.fn<(next: unknown) => void>();
});

function storeOf(source?: SessionView<View> | Promise<SessionView<View>>): ViewStore<View, Patch> {
  const store = new ViewStore<View, Patch>(source, { client, onIdentityChange });
  store.setBroadcast(tellTabs);
  return store;
}

describe('what the provider is given', () => {
  test('a value is known from the first moment, and nothing is asked', () => {
    expect(storeOf(signedIn()).read()).toMatchObject({ status: 'authenticated', data: ada, id: 'a', at: 1_000 });
    expect(client.get).not.toHaveBeenCalled();
  });

  test('a promise is loading until it is offered and settles', async () => {
    const source = Promise.resolve(signedIn());
    const store = storeOf(source);
    store.offer(source);
    expect(store.read()).toMatchObject({ status: 'loading', data: null, at: null });
    await flush();
    expect(store.read()).toMatchObject({ status: 'authenticated', data: ada });
  });

  test('a promise that React has seen settle is known as soon as it is offered', () => {
    const source = Object.assign(Promise.resolve(signedIn()), { status: 'fulfilled', value: signedIn() });
    const store = storeOf(source);
    store.offer(source);
    expect(store.read().status).toBe('authenticated');
  });

  test('a promise that rejects means that nobody can say', async () => {
    const source = Promise.reject(networkError);
    const store = storeOf(source);
    store.offer(source);
    await flush();
    expect(store.read()).toMatchObject({ status: 'unavailable', data: null, error: networkError });
  });

  test('nothing makes it ask, once', () => {
    const store = storeOf();
    store.offer(undefined);
    store.offer(undefined);
    expect(client.get).toHaveBeenCalledTimes(1);
  });

  test('a newer value is taken, an older one is not', () => {
    const store = storeOf(signedIn({ revision: 2 }));
    store.offer(signedIn({ revision: 1, at: 2_000, data: bob }));
    expect(store.read().data).toEqual(ada);
    store.offer(signedIn({ revision: 3, at: 2_000, data: bob }));
    expect(store.read().data).toEqual(bob);
  });

  test('the frozen first state stays what the server rendered', async () => {
    const store = storeOf(signedIn());
    store.offer(signedIn({ revision: 2, data: bob }));
    expect(store.readInitial()).toMatchObject({ data: ada });
    expect(store.readInitial()).toBe(store.readInitial());
  });
});

describe('stable references', () => {
  test('the same answer again changes nothing and tells nobody', () => {
    const store = storeOf(signedIn());
    const before = store.read();
    const listener = vi.fn();
    store.subscribe(listener);
    store.offer(signedIn());
    expect(store.read()).toBe(before);
    expect(listener).not.toHaveBeenCalled();
  });

  test('new clocks leave the data the same object', () => {
    const store = storeOf(signedIn());
    const { data } = store.read();
    store.offer(signedIn({ at: 2_000, data: { ...ada } }));
    expect(store.read()).toMatchObject({ at: 2_000 });
    expect(store.read().data).toBe(data);
  });
});

describe('questions', () => {
  test('an answer asked before our own last change was settled is dropped, and asked again', async () => {
    const store = storeOf(signedIn());
    const looked = store.refetch();
    void store.change({ theme: 'dark' });
    await flush();
    await nth(client.sets, 0).answer(signedIn({ revision: 2, at: 1_500, data: { ...ada, theme: 'dark' } }));
    await nth(client.gets, 0).answer(signedIn({ id: 'b', at: 9_000, data: bob }));
    expect(store.read()).toMatchObject({ id: 'a', data: { theme: 'dark' } });
    await nth(client.gets, 1).answer(signedIn({ revision: 2, at: 9_500, data: { ...ada, theme: 'dark' } }));
    await looked;
    expect(client.get).toHaveBeenCalledTimes(2);
    expect(store.read()).toMatchObject({ id: 'a', at: 9_500 });
  });

  test('a look that fails after a later one succeeded says nothing', async () => {
    const store = storeOf(signedIn());
    void store.refetch();
    void store.refetch();
    await nth(client.gets, 1).answer(signedIn({ at: 2_000 }));
    await nth(client.gets, 0).fail(networkError);
    expect(store.read()).toMatchObject({ status: 'authenticated', at: 2_000 });
  });

  test('refresh resolves when the answer is in', async () => {
    const store = storeOf(signedIn());
    const refreshed = store.read().refetch();
    await nth(client.gets, 0).answer(signedIn({ revision: 2, at: 2_000, data: bob }));
    await refreshed;
    expect(store.read().data).toEqual(bob);
  });
});

describe('being signed out', () => {
  test('nobody, for a known session, is believed only after one fresh look', async () => {
    const store = storeOf(signedIn());
    void store.refetch();
    await nth(client.gets, 0).answer(signedOut(2_000));
    expect(store.read().status).toBe('authenticated');
    await nth(client.gets, 1).answer(signedOut(2_100));
    expect(store.read()).toMatchObject({ status: 'unauthenticated', data: null, at: 2_100 });
    expect(client.get).toHaveBeenCalledTimes(2);
  });

  test('the fresh look may contradict', async () => {
    const store = storeOf(signedIn());
    void store.refetch();
    await nth(client.gets, 0).answer(signedOut(2_000));
    await nth(client.gets, 1).answer(signedIn({ at: 2_100 }));
    expect(store.read()).toMatchObject({ status: 'authenticated', at: 2_100 });
  });

  test('a look that was already on its way does not count as the fresh one', async () => {
    const store = storeOf(signedIn());
    void store.refetch();
    void store.refetch();
    await nth(client.gets, 0).answer(signedOut(2_000));
    await nth(client.gets, 1).answer(signedOut(2_001));
    expect(store.read().status).toBe('authenticated');
  });

  test('the provider saying nobody is looked after too', async () => {
    const store = storeOf(signedIn());
    store.offer(signedOut(2_000));
    expect(store.read().status).toBe('authenticated');
    await nth(client.gets, 0).answer(signedOut(2_100));
    expect(store.read().status).toBe('unauthenticated');
  });

  test('an old nobody is not worth a look', () => {
    const store = storeOf(signedIn({ at: 2_000 }));
    store.offer(signedOut(1_000));
    expect(client.get).not.toHaveBeenCalled();
  });

  test('a 401 for a change starts the fresh look, and one for that is believed', async () => {
    const store = storeOf(signedIn());
    const changed = store.change({ theme: 'dark' });
    const rejected = expect(changed).rejects.toBe(unauthorized);
    await flush();
    await nth(client.sets, 0).fail(unauthorized);
    await rejected;
    expect(store.read()).toMatchObject({ status: 'authenticated', data: ada });
    await nth(client.gets, 0).fail(unauthorized);
    expect(store.read().status).toBe('unauthenticated');
    expect(client.get).toHaveBeenCalledTimes(1);
  });

  test('a 401 for a look needs the fresh look like any other', async () => {
    const store = storeOf(signedIn());
    void store.refetch();
    await nth(client.gets, 0).fail(unauthorized);
    expect(store.read().status).toBe('authenticated');
    await nth(client.gets, 1).fail(unauthorized);
    expect(store.read().status).toBe('unauthenticated');
    store.offer(signedIn());
    expect(store.read().status).toBe('unauthenticated');
  });

  test('nobody is believed at once where nobody was known', async () => {
    const store = storeOf();
    store.offer(undefined);
    await nth(client.gets, 0).answer(signedOut(1_000));
    expect(store.read().status).toBe('unauthenticated');
    expect(client.get).toHaveBeenCalledTimes(1);
  });
});

describe('trouble', () => {
  test.each([
    ['a network error', networkError],
    ['SERVICE_UNAVAILABLE', trpcError('SERVICE_UNAVAILABLE', 503)],
  ])('%s signs nobody out: the last view stays, and the next answer recovers', async (_, error) => {
    const store = storeOf(signedIn());
    void store.refetch();
    await nth(client.gets, 0).fail(error);
    expect(store.read()).toMatchObject({ status: 'unavailable', data: ada, id: 'a', at: 1_000, error });
    void store.refetch();
    await nth(client.gets, 1).answer(signedIn({ at: 2_000 }));
    expect(store.read()).toMatchObject({ status: 'authenticated', data: ada, error: null });
  });

  test('a server that cannot say is trouble without an error', async () => {
    const store = storeOf(signedIn());
    store.offer(unavailable(2_000));
    expect(store.read()).toMatchObject({ status: 'unavailable', data: ada, at: 2_000, error: null });
  });

  test('an old answer of a server that could not say is nothing', () => {
    const store = storeOf(signedIn({ at: 2_000 }));
    store.offer(unavailable(1_000));
    expect(store.read().status).toBe('authenticated');
  });

  test('an answer from before the trouble does not end it', () => {
    const store = storeOf(signedIn());
    store.offer(unavailable(3_000));
    store.offer(signedIn());
    expect(store.read().status).toBe('unavailable');
  });

  test('a look that succeeds ends it even when what it brings is not newer', async () => {
    const store = storeOf(signedIn({ revision: 2 }));
    store.offer(unavailable(2_000));
    void store.refetch();
    await nth(client.gets, 0).answer(signedIn({ revision: 1, at: 3_000, data: bob }));
    expect(store.read()).toMatchObject({ status: 'authenticated', data: ada });
  });

  test('the fresh look that fails leaves the session unavailable, not signed out', async () => {
    const store = storeOf(signedIn());
    void store.refetch();
    await nth(client.gets, 0).answer(signedOut(2_000));
    await nth(client.gets, 1).fail(networkError);
    expect(store.read()).toMatchObject({ status: 'unavailable', data: ada });
  });
});

describe('changes', () => {
  const dark = { ...ada, theme: 'dark' } as const;

  test('a change shows at once, and the answer takes its place', async () => {
    const store = storeOf(signedIn());
    const changed = store.change({ theme: 'dark' });
    expect(store.read()).toMatchObject({ status: 'authenticated', data: dark, at: 1_000 });
    await flush();
    await nth(client.sets, 0).answer(signedIn({ revision: 2, at: 2_000, data: { ...dark, name: 'Ada L.' } }));
    await expect(changed).resolves.toEqual({ ...dark, name: 'Ada L.' });
    expect(store.read()).toMatchObject({ data: { name: 'Ada L.', theme: 'dark' }, at: 2_000 });
  });

  test('the change and its answer take over in one step', async () => {
    const store = storeOf(signedIn());
    void store.change({ theme: 'dark' });
    const seen: unknown[] = [];
    store.subscribe(() => seen.push(store.read().data));
    await flush();
    await nth(client.sets, 0).answer(signedIn({ revision: 2, at: 2_000, data: dark }));
    expect(seen).toEqual([dark]);
  });

  test('a change that fails is taken back, and rejects with the original error', async () => {
    const store = storeOf(signedIn());
    const error = trpcError('BAD_REQUEST', 400);
    const rejected = expect(store.change({ theme: 'dark' })).rejects.toBe(error);
    await flush();
    await nth(client.sets, 0).fail(error);
    await rejected;
    expect(store.read().data).toEqual(ada);
  });

  test('after a change that failed, what is true is looked up', async () => {
    const store = storeOf(signedIn());
    store.change({ theme: 'dark' }).catch(() => {});
    await flush();
    await nth(client.sets, 0).fail(networkError);
    await nth(client.gets, 0).answer(signedIn({ revision: 2, at: 2_000, data: dark }));
    expect(store.read().data).toEqual(dark);
  });

  test('two changes are replayed over every answer, and sent one after another', async () => {
    const store = storeOf(signedIn());
    void store.change({ theme: 'dark' });
    void store.change({ count: 1 });
    expect(store.read().data).toEqual({ ...dark, count: 1 });
    await flush();
    expect(client.set.mock.calls).toEqual([[{ theme: 'dark' }]]);
    store.offer(signedIn({ revision: 2, at: 1_500, data: { ...ada, name: 'Ada L.' } }));
    expect(store.read().data).toEqual({ name: 'Ada L.', theme: 'dark', count: 1 });
    await nth(client.sets, 0).answer(signedIn({ revision: 3, at: 2_000, data: dark }));
    expect(store.read().data).toEqual({ ...dark, count: 1 });
    expect(client.set.mock.calls).toEqual([[{ theme: 'dark' }], [{ count: 1 }]]);
  });

  test('one that fails does not take the next with it', async () => {
    const store = storeOf(signedIn());
    store.change({ theme: 'dark' }).catch(() => {});
    const second = store.change({ count: 1 });
    await flush();
    await nth(client.sets, 0).fail(trpcError('BAD_REQUEST', 400));
    expect(store.read().data).toEqual({ ...ada, count: 1 });
    await nth(client.sets, 1).answer(signedIn({ revision: 2, at: 2_000, data: { ...ada, count: 1 } }));
    await expect(second).resolves.toEqual({ ...ada, count: 1 });
  });

  test('a function sees the changes before it, and is asked again when it is sent', async () => {
    const store = storeOf(signedIn());
    const next = (view: View): Patch => ({ count: (view.count ?? 0) + 1 });
    store.change(next).catch(() => {});
    void store.change(next);
    expect(store.read().data).toMatchObject({ count: 2 });
    await flush();
    await nth(client.sets, 0).fail(trpcError('CONFLICT', 409));
    expect(store.read().data).toMatchObject({ count: 1 });
    expect(client.set.mock.calls).toEqual([[{ count: 1 }], [{ count: 1 }]]);
  });

  test('a function that throws rejects, and nothing is sent', async () => {
    const store = storeOf(signedIn());
    const error = new Error('no');
    const thrown = store.change(() => {
      throw error;
    });
    await expect(thrown).rejects.toBe(error);
    await flush();
    expect(client.set).not.toHaveBeenCalled();
    expect(client.get).not.toHaveBeenCalled();
  });

  test('what a function made is shown as it was sent, whatever is heard meanwhile', async () => {
    const store = storeOf(signedIn());
    void store.change((view) => ({ count: (view.count ?? 0) + 1 }));
    await flush();
    store.offer(signedIn({ revision: 2, at: 1_500, data: { ...ada, count: 7 } }));
    expect(store.read().data).toMatchObject({ count: 1 });
  });

  test('a function without a session to call it with is refused, and says what to do', async () => {
    await expect(storeOf().change(() => ({ count: 1 }))).rejects.toThrow(/there is no session.*Wait until/);
  });

  test('an answer older than what is known is not adopted', async () => {
    const store = storeOf(signedIn());
    void store.change({ theme: 'dark' });
    await flush();
    store.offer(signedIn({ revision: 5, at: 3_000, data: bob }));
    await nth(client.sets, 0).answer(signedIn({ revision: 2, at: 2_000, data: dark }));
    expect(store.read().data).toEqual(bob);
  });

  test('changes made for one session are never shown on, or sent to, another', async () => {
    const store = storeOf(signedIn());
    void store.change({ theme: 'dark' });
    const second = expect(store.change({ count: 1 })).rejects.toThrow(/became another one.*Call setSession again/);
    await flush();
    const light = { ...bob, theme: 'light' } as const;
    store.offer(signedIn({ id: 'b', at: 3_000, data: light }));
    expect(store.read().data).toEqual(light);
    await nth(client.sets, 0).answer(signedIn({ revision: 2, at: 2_000, data: dark }));
    await second;
    expect(store.read().data).toEqual(light);
    expect(client.set).toHaveBeenCalledTimes(1);
  });
});

describe('identity', () => {
  test('another id and nobody are changes, the first answer and a new revision are not', async () => {
    const store = storeOf();
    store.offer(signedIn({ at: 1_000 }));
    store.offer(signedIn({ at: 2_000, revision: 2 }));
    expect(onIdentityChange).not.toHaveBeenCalled();
    const other = signedIn({ id: 'b', at: 3_000, data: bob });
    store.offer(other);
    expect(onIdentityChange.mock.calls).toEqual([[other]]);
    store.offer(signedOut(4_000));
    await nth(client.gets, 0).answer(signedOut(4_001));
    expect(onIdentityChange.mock.calls[1]).toEqual([signedOut(4_001)]);
  });

  test('the app hears of it before the components do', () => {
    const store = storeOf(signedIn());
    const order: string[] = [];
    onIdentityChange.mockImplementation(() => order.push(`app, while ${store.read().id} is shown`));
    store.subscribe(() => order.push(`component, ${store.read().id}`));
    store.offer(signedIn({ id: 'b', at: 2_000 }));
    expect(order).toEqual(['app, while a is shown', 'component, b']);
  });

  test('trouble is not a change', async () => {
    const store = storeOf(signedIn());
    void store.refetch();
    await nth(client.gets, 0).fail(networkError);
    void store.refetch();
    await nth(client.gets, 1).answer(signedIn({ at: 2_000 }));
    expect(onIdentityChange).not.toHaveBeenCalled();
  });
});

describe('telling the other tabs', () => {
  test('a change of our own tells them once', async () => {
    const store = storeOf(signedIn());
    void store.change({ theme: 'dark' });
    await flush();
    expect(tellTabs).not.toHaveBeenCalled();
    await nth(client.sets, 0).answer(signedIn({ id: 'b', at: 2_000 }));
    expect(tellTabs).toHaveBeenCalledTimes(1);
  });

  test('a change that failed does not', async () => {
    const store = storeOf(signedIn());
    store.change({ theme: 'dark' }).catch(() => {});
    await flush();
    await nth(client.sets, 0).fail(networkError);
    expect(tellTabs).not.toHaveBeenCalled();
  });

  test('another identity tells them, through the provider or a look of our own', async () => {
    const store = storeOf(signedIn());
    store.offer(signedIn({ id: 'b', at: 2_000 }));
    expect(tellTabs).toHaveBeenCalledTimes(1);
    void store.refetch();
    await nth(client.gets, 0).answer(signedIn({ id: 'c', at: 3_000 }));
    expect(tellTabs).toHaveBeenCalledTimes(2);
  });

  test('a look that changes nobody does not', async () => {
    const store = storeOf(signedIn());
    void store.refetch();
    await nth(client.gets, 0).answer(signedIn({ revision: 2, at: 2_000 }));
    expect(tellTabs).not.toHaveBeenCalled();
  });

  test('a look because they said so never does, nor does the fresh look after it', async () => {
    const store = storeOf(signedIn());
    void store.refetchQuietly();
    await nth(client.gets, 0).answer(signedOut(2_000));
    await nth(client.gets, 1).answer(signedOut(2_001));
    expect(store.read().status).toBe('unauthenticated');
    void store.refetchQuietly();
    await nth(client.gets, 2).answer(signedIn({ id: 'b', at: 3_000 }));
    expect(store.read().status).toBe('authenticated');
    expect(tellTabs).not.toHaveBeenCalled();
  });
});
