// @vitest-environment jsdom
import { type ReactNode, StrictMode } from 'react';
import type { SessionView } from 'trpc-session';
import { createReactSession } from 'trpc-session/react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { bob, signedIn, signedOut } from './_support/answers.ts';
import { FakeChannel } from './_support/fake-channel.ts';
import { createFakeClient, type FakeClient, nth } from './_support/fake-client.ts';
import { mount } from './_support/render.tsx';
import type { sessions, View } from './_support/sessions.ts';
import { closeTabs, openTab, stubChannels } from './_support/tab.tsx';

const { SessionProvider, useSession, useSetSession } = createReactSession<typeof sessions>();

let client: FakeClient;

beforeEach(() => {
  client = createFakeClient();
  stubChannels();
});
afterEach(closeTabs);

function Who(): ReactNode {
  const { status, data } = useSession();
  return `${status} ${data?.name ?? '-'}`;
}

function ThemeButton(): ReactNode {
  const { setSession } = useSetSession();
  return (
    <button type="button" onClick={() => setSession({ theme: 'dark' })}>
      dark
    </button>
  );
}

describe('in StrictMode', () => {
  test('it leaves one channel open and sends no request', async () => {
    await mount(
      <StrictMode>
        <SessionProvider session={signedIn()} client={client}>
          <Who />
        </SessionProvider>
      </StrictMode>,
    );
    expect(FakeChannel.open.size).toBe(1);
    expect(client.get).not.toHaveBeenCalled();
  });

  test('it fetches the session once if the server passed none', async () => {
    await mount(
      <StrictMode>
        <SessionProvider client={client}>
          <Who />
        </SessionProvider>
      </StrictMode>,
    );
    expect(client.get).toHaveBeenCalledTimes(1);
  });

  test('a change is broadcast to the other tabs', async () => {
    const page = await mount(
      <StrictMode>
        <SessionProvider session={signedIn()} client={client}>
          <ThemeButton />
        </SessionProvider>
      </StrictMode>,
    );
    await page.run(() => page.container.querySelector('button')?.click());
    await nth(client.sets, 0).answer(signedIn({ revision: 2, at: 2_000 }));
    expect(FakeChannel.posted).toEqual([{ name: 'trpc-session', data: 'refetch' }]);
  });
});

describe('while it is hidden', () => {
  test('its channel is closed, and it refetches when it is shown again', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.hide();
    expect(FakeChannel.open.size).toBe(0);
    await tab.show();
    expect(FakeChannel.open.size).toBe(1);
    expect(tab.client.get).toHaveBeenCalledTimes(1);
    await nth(tab.client.gets, 0).answer(signedIn({ id: 'b', at: 2_000, data: bob }));
    expect(tab.session().data).toEqual(bob);
  });

  test('it does not react to focus or the network', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.hide();
    window.dispatchEvent(new Event('focus'));
    window.dispatchEvent(new Event('online'));
    expect(tab.client.get).not.toHaveBeenCalled();
  });
});

test('unmounting closes the channel', async () => {
  await openTab({ session: signedIn() });
  expect(FakeChannel.open.size).toBe(1);
  await closeTabs();
  expect(FakeChannel.open.size).toBe(0);
});

test('the client and the callback of the last render are used', async () => {
  const other = createFakeClient();
  const called = vi.fn();
  const toApp = (name: string, of: FakeClient) => (
    <SessionProvider session={signedIn()} client={of} onIdentityChange={() => called(name)}>
      <Who />
    </SessionProvider>
  );
  const page = await mount(toApp('first', client));
  await page.render(toApp('last', other));
  await page.run(() => window.dispatchEvent(new Event('focus')));
  expect(client.get).not.toHaveBeenCalled();
  await nth(other.gets, 0).answer(signedIn({ id: 'b', at: 2_000 }));
  expect(called.mock.calls).toEqual([['last']]);
});

test('another channel name moves it to that channel without a request', async () => {
  const tab = await openTab({ session: signedIn(), channel: 'one' });
  await tab.rename('two');
  expect([...FakeChannel.open].map(({ name }) => name)).toEqual(['two']);
  expect(tab.client.get).not.toHaveBeenCalled();
});

describe('a second provider', () => {
  test('that replaces the first keeps its state, so the change of identity is noticed', async () => {
    const called = vi.fn();
    const toApp = (key: string, session: SessionView<View>) => (
      <SessionProvider key={key} session={session} client={client} onIdentityChange={called}>
        <Who />
      </SessionProvider>
    );
    const page = await mount(toApp('before', signedIn()));
    await page.render(toApp('after', signedOut(2_000)));
    expect(page.text()).toBe('authenticated Ada');
    await nth(client.gets, 0).answer(signedOut(3_000));
    expect(page.text()).toBe('unauthenticated -');
    expect(called).toHaveBeenCalledTimes(1);
    expect(FakeChannel.posted).toHaveLength(1);
  });

  test('that is mounted after the first was removed starts with its own session', async () => {
    const toApp = (session: SessionView<View>) => (
      <SessionProvider session={session} client={client}>
        <Who />
      </SessionProvider>
    );
    const page = await mount(toApp(signedIn()));
    await page.render(null);
    await page.render(toApp(signedOut(500)));
    expect(page.text()).toBe('unauthenticated -');
  });
});
