// @vitest-environment jsdom
import { flushSync } from 'react-dom';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  ada,
  bob,
  deadlineAfter,
  networkError,
  rejectedPromise,
  settledPromise,
  signedIn,
  signedOut,
  trpcError,
  unauthorized,
  unavailable,
} from './_support/answers.ts';
import { nth } from './_support/fake-client.ts';
import { closeTabs, openTab, stubChannels } from './_support/tab.tsx';

beforeEach(stubChannels);
afterEach(closeTabs);

describe('the session of the provider', () => {
  test('a view is known in the first render, without a request', async () => {
    const tab = await openTab({ session: signedIn() });
    expect(tab.states[0]).toMatchObject({
      status: 'authenticated',
      data: ada,
      id: 'a',
      idleExpiresAt: deadlineAfter(1_000),
    });
    expect(tab.client.get).not.toHaveBeenCalled();
  });

  test('a promise is loading until it resolves', async () => {
    const tab = await openTab({ session: Promise.resolve(signedIn()) });
    expect(tab.states[0]).toMatchObject({ status: 'loading', data: null });
    expect(tab.session()).toMatchObject({ status: 'authenticated', data: ada });
  });

  test('a promise that rejects makes the session unavailable', async () => {
    const tab = await openTab({ session: Promise.reject(networkError) });
    expect(tab.session()).toMatchObject({
      status: 'unavailable',
      data: null,
      error: { reason: 'network', cause: networkError },
    });
  });

  test('a promise that React has seen reject makes the session unavailable', async () => {
    const tab = await openTab({ session: rejectedPromise(networkError) });
    expect(tab.session()).toMatchObject({
      status: 'unavailable',
      data: null,
      error: { reason: 'network', cause: networkError },
    });
  });

  test('without one, the browser fetches it once', async () => {
    const tab = await openTab();
    await tab.receive(undefined);
    expect(tab.client.get).toHaveBeenCalledTimes(1);
    expect(tab.session().status).toBe('loading');
  });
});

describe('the order of views', () => {
  test('any view replaces the loading state', async () => {
    const tab = await openTab();
    await tab.receive(signedOut(0));
    expect(tab.session()).toMatchObject({ status: 'unauthenticated' });
  });

  test('for the same id, the higher revision is newer, whatever the times are', async () => {
    const tab = await openTab({ session: signedIn({ revision: 2, at: 100 }) });
    await tab.receive(signedIn({ revision: 1, at: 150, data: bob }));
    expect(tab.session()).toMatchObject({ revision: 2, idleExpiresAt: deadlineAfter(100), data: ada });
    await tab.receive(signedIn({ revision: 3, at: 50, data: bob }));
    expect(tab.session()).toMatchObject({ revision: 3, idleExpiresAt: deadlineAfter(50), data: bob });
  });

  test('for the same revision, the later time is newer', async () => {
    const tab = await openTab({ session: signedIn({ at: 100 }) });
    await tab.receive(signedIn({ at: 100, data: bob }));
    expect(tab.session()).toMatchObject({ idleExpiresAt: deadlineAfter(100), data: ada });
    await tab.receive(signedIn({ at: 101, data: bob }));
    expect(tab.session()).toMatchObject({ idleExpiresAt: deadlineAfter(101), data: bob });
  });

  test('for different ids, the later time is newer, whatever the revisions are', async () => {
    const tab = await openTab({ session: signedIn({ id: 'a', revision: 9, at: 100 }) });
    await tab.receive(signedIn({ id: 'b', revision: 99, at: 99 }));
    expect(tab.session()).toMatchObject({ id: 'a', revision: 9 });
    await tab.receive(signedIn({ id: 'b', revision: 1, at: 101 }));
    expect(tab.session()).toMatchObject({ id: 'b', revision: 1 });
  });

  test('after a signed-out view, only a later view signs the user in', async () => {
    const tab = await openTab({ session: signedOut(100) });
    await tab.receive(signedIn({ at: 99 }));
    expect(tab.session().status).toBe('unauthenticated');
    await tab.receive(signedIn({ at: 101 }));
    expect(tab.session().status).toBe('authenticated');
  });

  test('a promise that React has seen settle counts like any other', async () => {
    const tab = await openTab({ session: signedIn({ revision: 2 }) });
    await tab.receive(settledPromise(signedIn({ revision: 1, data: bob })));
    expect(tab.session().data).toEqual(ada);
    await tab.receive(settledPromise(signedIn({ revision: 3, data: bob })));
    expect(tab.session().data).toEqual(bob);
  });
});

describe('late responses', () => {
  test('a response to a request from before a change is discarded, and the session is refetched', async () => {
    const tab = await openTab({ session: signedIn() });
    const refetch = await tab.refetch();
    await tab.change({ theme: 'dark' });
    const dark = { ...ada, theme: 'dark' } as const;
    await nth(tab.client.sets, 0).answer(signedIn({ revision: 2, at: 1_500, data: dark }));
    await nth(tab.client.gets, 0).answer(signedIn({ id: 'b', at: 9_000, data: bob }));
    expect(tab.session()).toMatchObject({ id: 'a', data: { theme: 'dark' } });
    await nth(tab.client.gets, 1).answer(signedIn({ revision: 2, at: 9_500, data: dark }));
    await refetch.done;
    expect(tab.client.get).toHaveBeenCalledTimes(2);
    expect(tab.session()).toMatchObject({ id: 'a', idleExpiresAt: deadlineAfter(9_500) });
  });

  test('a failure is ignored if a later request has succeeded', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.refetch();
    await tab.refetch();
    await nth(tab.client.gets, 1).answer(signedIn({ at: 2_000 }));
    await nth(tab.client.gets, 0).fail(networkError);
    expect(tab.session()).toMatchObject({ status: 'authenticated', idleExpiresAt: deadlineAfter(2_000) });
  });

  test('refetch resolves after the response has been applied', async () => {
    const tab = await openTab({ session: signedIn() });
    const { done } = await tab.refetch();
    await nth(tab.client.gets, 0).answer(signedIn({ revision: 2, at: 2_000, data: bob }));
    await done;
    expect(tab.session().data).toEqual(bob);
  });

  test('refetch resolves after a failure too', async () => {
    const tab = await openTab({ session: signedIn() });
    const { done } = await tab.refetch();
    await nth(tab.client.gets, 0).fail(networkError);
    await expect(done).resolves.toBeUndefined();
  });
});

describe('signing out', () => {
  test('a signed-out response signs the user out only after a second request', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.refetch();
    await nth(tab.client.gets, 0).answer(signedOut(2_000));
    expect(tab.session().status).toBe('authenticated');
    await nth(tab.client.gets, 1).answer(signedOut(2_100));
    expect(tab.session()).toMatchObject({ status: 'unauthenticated', data: null });
    expect(tab.client.get).toHaveBeenCalledTimes(2);
  });

  test('the second response may say that the user is still signed in', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.refetch();
    await nth(tab.client.gets, 0).answer(signedOut(2_000));
    await nth(tab.client.gets, 1).answer(signedIn({ at: 2_100 }));
    expect(tab.session()).toMatchObject({ status: 'authenticated', idleExpiresAt: deadlineAfter(2_100) });
  });

  test('a request that was already pending does not count as the second one', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.refetch();
    await tab.refetch();
    await nth(tab.client.gets, 0).answer(signedOut(2_000));
    await nth(tab.client.gets, 1).answer(signedOut(2_001));
    expect(tab.session().status).toBe('authenticated');
  });

  test('a signed-out view of the provider is checked by a request too', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.receive(signedOut(2_000));
    expect(tab.session().status).toBe('authenticated');
    await nth(tab.client.gets, 0).answer(signedOut(2_100));
    expect(tab.session().status).toBe('unauthenticated');
  });

  test('a signed-out view that is older than the session causes no request', async () => {
    const tab = await openTab({ session: signedIn({ at: 2_000 }) });
    await tab.receive(signedOut(1_000));
    expect(tab.client.get).not.toHaveBeenCalled();
    expect(tab.session().status).toBe('authenticated');
  });

  test('a change that fails with 401 counts as the first response', async () => {
    const tab = await openTab({ session: signedIn() });
    const { done } = await tab.change({ theme: 'dark' });
    await nth(tab.client.sets, 0).fail(unauthorized);
    await expect(done).rejects.toBe(unauthorized);
    expect(tab.session()).toMatchObject({ status: 'authenticated', data: ada });
    await nth(tab.client.gets, 0).fail(unauthorized);
    expect(tab.session().status).toBe('unauthenticated');
    expect(tab.client.get).toHaveBeenCalledTimes(1);
  });

  test('a change that fails with another error does not count as the first response', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.change({ theme: 'dark' });
    await nth(tab.client.sets, 0).fail(networkError);
    await nth(tab.client.gets, 0).answer(signedOut(2_000));
    expect(tab.session().status).toBe('authenticated');
    await nth(tab.client.gets, 1).answer(signedOut(2_001));
    expect(tab.session().status).toBe('unauthenticated');
  });

  test('two requests that fail with 401 sign the user out, and the old view does not return', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.refetch();
    await nth(tab.client.gets, 0).fail(unauthorized);
    expect(tab.session().status).toBe('authenticated');
    await nth(tab.client.gets, 1).fail(unauthorized);
    expect(tab.session().status).toBe('unauthenticated');
    await tab.receive(signedIn());
    expect(tab.session().status).toBe('unauthenticated');
  });

  test('if no session was known, one signed-out response is enough', async () => {
    const tab = await openTab();
    await nth(tab.client.gets, 0).answer(signedOut(1_000));
    expect(tab.session().status).toBe('unauthenticated');
    expect(tab.client.get).toHaveBeenCalledTimes(1);
  });
});

describe('outages', () => {
  const failures = [
    ['network', 'a network error', networkError],
    ['network', 'a network error below a tRPC error', Object.assign(new Error('Failed'), { cause: networkError })],
    ['network', 'an aborted request', new DOMException('The operation was aborted.', 'AbortError')],
    ['server', 'a response that is no JSON', Object.assign(new Error('Bad'), { cause: new SyntaxError('Unexpected') })],
    ['server', 'INTERNAL_SERVER_ERROR', trpcError('INTERNAL_SERVER_ERROR', 500)],
    ['server', 'TOO_MANY_REQUESTS', trpcError('TOO_MANY_REQUESTS', 429)],
    ['store', 'SERVICE_UNAVAILABLE', trpcError('SERVICE_UNAVAILABLE', 503)],
  ] as const;

  test.each(failures)(
    'of the %s: %s changes neither status nor data, and the next response ends it',
    async (...row) => {
      const [reason, , error] = row;
      const tab = await openTab({ session: signedIn() });
      const { data } = tab.session();
      await tab.refetch();
      await nth(tab.client.gets, 0).fail(error);
      expect(tab.session()).toMatchObject({ status: 'authenticated', id: 'a', error: { reason, cause: error } });
      expect(tab.session().data).toBe(data);
      await tab.refetch();
      await nth(tab.client.gets, 1).answer(signedIn({ at: 2_000 }));
      expect(tab.session()).toMatchObject({ status: 'authenticated', error: null });
      expect(tab.session().data).toBe(data);
    },
  );

  test('a signed-out user stays signed out too', async () => {
    const tab = await openTab({ session: signedOut(1_000) });
    await tab.refetch();
    await nth(tab.client.gets, 0).fail(networkError);
    expect(tab.session()).toMatchObject({ status: 'unauthenticated', error: { reason: 'network' } });
  });

  test('a second failure for the same reason renders no component', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.refetch();
    await nth(tab.client.gets, 0).fail(new TypeError('Failed to fetch'));
    const renders = tab.states.length;
    await tab.refetch();
    await nth(tab.client.gets, 1).fail(new TypeError('Failed to fetch'));
    expect(tab.states).toHaveLength(renders);
  });

  test('an unavailable view names the store, and has no cause', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.receive(unavailable(2_000));
    expect(tab.session()).toMatchObject({
      status: 'authenticated',
      data: ada,
      error: { reason: 'store', cause: null },
    });
  });

  test('if nothing was known before, the session is unavailable until a request succeeds', async () => {
    const tab = await openTab({ session: unavailable(2_000) });
    expect(tab.session()).toMatchObject({ status: 'unavailable', data: null, error: { reason: 'store' } });
    await tab.refetch();
    await nth(tab.client.gets, 0).answer(signedIn({ at: 3_000 }));
    expect(tab.session()).toMatchObject({ status: 'authenticated', error: null });
  });

  test('an unavailable view that is older than the session is ignored', async () => {
    const tab = await openTab({ session: signedIn({ at: 2_000 }) });
    await tab.receive(unavailable(1_000));
    expect(tab.session().error).toBeNull();
  });

  test('a view from before the outage does not end it', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.receive(unavailable(3_000));
    await tab.receive(signedIn());
    expect(tab.session().error).not.toBeNull();
  });

  test('a later response ends the outage, even if its revision is old', async () => {
    const tab = await openTab({ session: signedIn({ revision: 2 }) });
    await tab.receive(unavailable(2_000));
    await tab.refetch();
    await nth(tab.client.gets, 0).answer(signedIn({ revision: 1, at: 3_000, data: bob }));
    expect(tab.session()).toMatchObject({ status: 'authenticated', data: ada, error: null });
  });

  test('if the second request of a sign-out fails, the user stays signed in', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.refetch();
    await nth(tab.client.gets, 0).answer(signedOut(2_000));
    await nth(tab.client.gets, 1).fail(networkError);
    expect(tab.session()).toMatchObject({ status: 'authenticated', data: ada, error: { reason: 'network' } });
  });
});

describe('onIdentityChange', () => {
  test('is called for another id and for a sign-out, not for the first view or a new revision', async () => {
    const onIdentityChange = vi.fn();
    const tab = await openTab({ onIdentityChange });
    await tab.receive(signedIn({ at: 1_000 }));
    await tab.receive(signedIn({ at: 2_000, revision: 2 }));
    expect(onIdentityChange).not.toHaveBeenCalled();
    const other = signedIn({ id: 'b', at: 3_000, data: bob });
    await tab.receive(other);
    expect(onIdentityChange.mock.calls).toEqual([[other]]);
    await tab.receive(signedOut(4_000));
    await nth(tab.client.gets, 1).answer(signedOut(4_001));
    expect(onIdentityChange.mock.calls[1]).toEqual([signedOut(4_001)]);
  });

  test('is called before any component renders the new session', async () => {
    const shown: unknown[] = [];
    const onIdentityChange = () => {
      // Renders everything that is due, so that a session published before this call would show.
      flushSync(() => {});
      shown.push(tab.session().id);
    };
    const tab = await openTab({ session: signedIn(), onIdentityChange });
    await tab.refetch();
    await nth(tab.client.gets, 0).answer(signedIn({ id: 'b', at: 2_000 }));
    expect(shown).toEqual(['a']);
    expect(tab.session().id).toBe('b');
  });

  test('is not called for an outage', async () => {
    const onIdentityChange = vi.fn();
    const tab = await openTab({ session: signedIn(), onIdentityChange });
    await tab.refetch();
    await nth(tab.client.gets, 0).fail(networkError);
    await tab.refetch();
    await nth(tab.client.gets, 1).answer(signedIn({ at: 2_000 }));
    expect(tab.session().status).toBe('authenticated');
    expect(onIdentityChange).not.toHaveBeenCalled();
  });
});
