// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { bob, deadlineAfter, signedIn, signedOut } from './_support/answers.ts';
import { nth } from './_support/fake-client.ts';
import { advanceTime, closeTabs, dispatch, openTab, stubChannels } from './_support/tab.tsx';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  stubChannels();
});

afterEach(async () => {
  await closeTabs();
  vi.useRealTimers();
  document.body.style.opacity = '';
});

const anotherUser = signedIn({ id: 'b', at: 2_000, data: bob });

describe('the page', () => {
  const cases = [
    ['a sign-in', signedOut(1_000), signedIn({ at: 2_000 }), [[false]]],
    ['another user', signedIn(), anotherUser, [[true]]],
    ['a sign-out or a revocation', signedIn(), signedOut(2_000), [[true]]],
    ['the expiry of the session', signedIn(), signedOut(deadlineAfter(1_000)), []],
    ['a change of the data', signedIn(), signedIn({ revision: 2, at: 2_000, data: bob }), []],
  ] as const;

  test.each(cases)('after %s, is rendered again as it must be', async (_, session, after, calls) => {
    const refreshPage = vi.fn();
    const tab = await openTab({ session, refreshPage });
    await tab.receive(after);
    await advanceTime(0);
    if (tab.client.gets[0]) await tab.client.gets[0].answer(after);
    expect(tab.session().status).toBe(after.status);
    expect(refreshPage.mock.calls).toEqual(calls);
  });

  test('after an expiry, keeps what was typed until the next sign-in', async () => {
    const refreshPage = vi.fn();
    const tab = await openTab({ session: signedIn(), refreshPage });
    await tab.receive(signedOut(deadlineAfter(1_000)));
    await nth(tab.client.gets, 0).answer(signedOut(deadlineAfter(1_000)));
    expect(refreshPage).not.toHaveBeenCalled();
    await tab.receive(signedIn({ id: 'b', at: deadlineAfter(2_000) }));
    expect(refreshPage.mock.calls).toEqual([[true]]);
  });

  test('is rendered after the app has dropped what it fetched, also if that throws', async () => {
    const calls: string[] = [];
    const uncaught = new Promise((resolve) => process.once('uncaughtException', resolve));
    const onIdentityChange = () => {
      calls.push('drop');
      throw new Error('from the app');
    };
    const tab = await openTab({ session: signedIn(), onIdentityChange, refreshPage: () => calls.push('render') });
    await tab.receive(anotherUser);
    expect(calls).toEqual(['drop', 'render']);
    expect(await uncaught).toMatchObject({ message: 'from the app' });
  });
});

describe('in the App Router of Next', () => {
  const refresh = vi.fn();

  beforeEach(() => {
    refresh.mockClear();
    vi.stubGlobal('next', { router: { refresh } });
  });

  test('the router drops its caches, and the former pages are unmounted', async () => {
    const tab = await openTab({ session: signedIn() });
    const rendersBefore = tab.states.length;
    await tab.receive(anotherUser);
    expect(refresh).toHaveBeenCalledTimes(1);
    expect(tab.states.length).toBeGreaterThan(rendersBefore);
  });

  test('a sign-in makes the router refresh', async () => {
    const tab = await openTab({ session: signedOut(1_000) });
    await tab.receive(signedIn({ at: 2_000 }));
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  test('false stops that', async () => {
    const tab = await openTab({ session: signedIn(), refreshPage: false });
    await tab.receive(anotherUser);
    expect(refresh).not.toHaveBeenCalled();
  });
});

describe('a page from the back/forward cache', () => {
  const restore = () => dispatch(Object.assign(new Event('pageshow'), { persisted: true }));

  test('of a user is shown after the user was checked', async () => {
    const tab = await openTab({ session: signedIn() });
    await dispatch(new Event('pagehide'));
    expect(document.body.style.opacity).toBe('0');
    await restore();
    expect(document.body.style.opacity).toBe('0');
    await nth(tab.client.gets, 0).answer(signedIn({ at: 2_000 }));
    expect(document.body.style.opacity).toBe('');
  });

  test('is shown if the check fails, because that does not sign the user out', async () => {
    const tab = await openTab({ session: signedIn() });
    await dispatch(new Event('pagehide'));
    await restore();
    await nth(tab.client.gets, 0).fail(new TypeError('Failed to fetch'));
    expect(document.body.style.opacity).toBe('');
  });

  test('of a former user stays hidden until it is loaded again', async () => {
    const tab = await openTab({ session: signedIn() });
    await dispatch(new Event('pagehide'));
    await restore();
    await nth(tab.client.gets, 0).answer(anotherUser);
    expect(document.body.style.opacity).toBe('0');
  });

  test('of a signed-out visitor was never hidden', async () => {
    await openTab({ session: signedOut(1_000) });
    await dispatch(new Event('pagehide'));
    expect(document.body.style.opacity).toBe('');
  });
});
