// @vitest-environment jsdom
import type { ReactNode } from 'react';
import { createReactSession } from 'trpc-session/react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { networkError, signedIn, signedOut, trpcError } from './_support/answers.ts';
import { createFakeClient, nth } from './_support/fake-client.ts';
import { mount } from './_support/render.tsx';
import type { sessions } from './_support/sessions.ts';
import { advanceTime, closeTabs, dispatch, openTab, stubChannels, type Tab } from './_support/tab.tsx';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  stubChannels();
});

afterEach(async () => {
  await closeTabs();
  vi.useRealTimers();
});

function setOnline(isOnline: boolean): void {
  vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(isOnline);
}

function setVisibility(state: DocumentVisibilityState): void {
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(state === 'hidden');
}

/** Refetches, and fails that request and the next ones until there are this many failures. */
async function failTimes(tab: Tab, count: number): Promise<void> {
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  await tab.refetch();
  for (let index = 0; index < count; index += 1) {
    if (index > 0) await advanceTime(3 ** (index - 1) * 1_000);
    await nth(tab.client.gets, index).fail(networkError);
  }
}

describe('after a failed request', () => {
  test.each([
    [0, [800, 2_400, 7_200, 7_200]],
    [0.5, [1_000, 3_000, 9_000, 9_000]],
    [1, [1_200, 3_600, 10_800, 10_800]],
  ])('the next ones follow after about 1, 3, 9 and 9 seconds (jitter %d)', async (random, delays) => {
    vi.spyOn(Math, 'random').mockReturnValue(random);
    const tab = await openTab({ session: signedIn() });
    await tab.refetch();
    for (const [index, delayMs] of delays.entries()) {
      await nth(tab.client.gets, index).fail(networkError);
      await advanceTime(Math.round(delayMs) - 1);
      expect(tab.client.get).toHaveBeenCalledTimes(index + 1);
      await advanceTime(1);
      expect(tab.client.get).toHaveBeenCalledTimes(index + 2);
    }
  });

  test('a success ends them, and the next failure starts again with 1 second', async () => {
    const tab = await openTab({ session: signedIn() });
    await failTimes(tab, 2);
    await advanceTime(3_000);
    await nth(tab.client.gets, 2).answer(signedIn({ at: 2_000 }));
    await advanceTime(60_000);
    expect(tab.client.get).toHaveBeenCalledTimes(3);
    await tab.refetch();
    await nth(tab.client.gets, 3).fail(networkError);
    await advanceTime(1_000);
    expect(tab.client.get).toHaveBeenCalledTimes(5);
  });

  test('they go on if a success is too old to count, until one counts', async () => {
    const tab = await openTab({ session: signedIn({ at: 2_000 }) });
    await failTimes(tab, 1);
    await advanceTime(1_000);
    await nth(tab.client.gets, 1).answer(signedIn({ at: 1_500 }));
    expect(tab.session().error).not.toBeNull();
    await advanceTime(1_000);
    await nth(tab.client.gets, 2).answer(signedIn({ at: 2_500 }));
    expect(tab.session().error).toBeNull();
    await advanceTime(20_000);
    expect(tab.client.get).toHaveBeenCalledTimes(3);
  });

  test('none is sent while the browser is offline, and one at once when it is online again', async () => {
    const tab = await openTab({ session: signedIn() });
    setOnline(false);
    await tab.refetch();
    await nth(tab.client.gets, 0).fail(networkError);
    await advanceTime(30_000);
    expect(tab.client.get).toHaveBeenCalledTimes(1);
    setOnline(true);
    await dispatch(new Event('online'));
    expect(tab.client.get).toHaveBeenCalledTimes(2);
  });

  test('none is sent while the page is hidden, and one at once when it is shown', async () => {
    const tab = await openTab({ session: signedIn() });
    setVisibility('hidden');
    await tab.refetch();
    await nth(tab.client.gets, 0).fail(networkError);
    await advanceTime(30_000);
    expect(tab.client.get).toHaveBeenCalledTimes(1);
    setVisibility('visible');
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    expect(tab.client.get).toHaveBeenCalledTimes(2);
  });

  test.each(['keydown', 'pointerdown', 'scroll'])('%s causes one, at most every second', async (type) => {
    const tab = await openTab({ session: signedIn() });
    await failTimes(tab, 3);
    for (let presses = 0; presses < 20; presses += 1) {
      document.body.dispatchEvent(new Event(type));
      await advanceTime(100);
    }
    expect(tab.client.get).toHaveBeenCalledTimes(5);
  });

  test('activity causes none if the last request succeeded', async () => {
    const tab = await openTab({ session: signedIn() });
    document.body.dispatchEvent(new Event('keydown'));
    expect(tab.client.get).not.toHaveBeenCalled();
  });

  test('a hidden provider sends none, and goes on when it is shown', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.refetch();
    await nth(tab.client.gets, 0).fail(networkError);
    await tab.hide();
    await advanceTime(60_000);
    expect(tab.client.get).toHaveBeenCalledTimes(1);
    await tab.show();
    expect(tab.client.get).toHaveBeenCalledTimes(2);
  });
});

describe('a request without a response', () => {
  test('counts as failed after 10 seconds, and is sent again', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    const tab = await openTab({ session: signedIn() });
    const { done } = await tab.refetch();
    await advanceTime(9_999);
    expect(tab.session().error).toBeNull();
    await advanceTime(1);
    expect(tab.session()).toMatchObject({ status: 'authenticated', error: { reason: 'network' } });
    await expect(done).resolves.toBeUndefined();
    await advanceTime(1_000);
    expect(tab.client.get).toHaveBeenCalledTimes(2);
  });

  test('that still comes counts', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.refetch();
    await advanceTime(10_000);
    await nth(tab.client.gets, 0).answer(signedIn({ revision: 2, at: 9_000 }));
    expect(tab.session()).toMatchObject({ revision: 2, error: null });
  });
});

describe('in an outage', () => {
  const { SessionProvider, useSession, useSetSession, useSignOut, SignedIn } = createReactSession<typeof sessions>();

  /** Components as many apps write them: what needs a user returns null without one. */
  function ThemeSwitch(): ReactNode {
    const { status, data } = useSession();
    const { setSession, error } = useSetSession();
    if (status !== 'authenticated') return null;
    const message = error ? 'not saved' : '';
    return (
      <button id="theme" type="button" onClick={() => setSession({ theme: 'dark' })}>
        {data.theme} {message}
      </button>
    );
  }

  function SignOutButton(): ReactNode {
    const { signOut } = useSignOut();
    return (
      <SignedIn>
        <button type="button" onClick={signOut}>
          sign out,
        </button>
      </SignedIn>
    );
  }

  test.each([
    ['the network', networkError],
    ['the store', trpcError('SERVICE_UNAVAILABLE', 503)],
    ['the server', trpcError('INTERNAL_SERVER_ERROR', 500)],
  ])('of %s no control is lost, the error of a change stays, and the next success ends it', async (_, error) => {
    const client = createFakeClient();
    const page = await mount(
      <SessionProvider session={signedIn()} client={client}>
        <SignOutButton />
        <ThemeSwitch />
      </SessionProvider>,
    );
    expect(page.text()).toBe('sign out,light ');
    await page.run(() => page.container.querySelector<HTMLElement>('#theme')?.click());
    await nth(client.sets, 0).fail(error);
    await nth(client.gets, 0).fail(error);
    expect(page.text()).toBe('sign out,light not saved');
    await advanceTime(1_200);
    await nth(client.gets, 1).fail(error);
    expect(page.text()).toBe('sign out,light not saved');
    await advanceTime(3_600);
    await nth(client.gets, 2).answer(signedIn({ at: 2_000 }));
    expect(page.text()).toBe('sign out,light not saved');
  });

  test('a sign-out that the server confirms afterwards still signs the user out', async () => {
    const tab = await openTab({ session: signedIn() });
    await failTimes(tab, 1);
    await advanceTime(1_200);
    await nth(tab.client.gets, 1).answer(signedOut(2_000));
    await nth(tab.client.gets, 2).answer(signedOut(2_001));
    expect(tab.session()).toMatchObject({ status: 'unauthenticated', error: null });
  });
});
