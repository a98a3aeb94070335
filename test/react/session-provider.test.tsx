// @vitest-environment jsdom
import { Fragment, type ReactNode, StrictMode } from 'react';
import type { SessionView } from 'trpc-session';
import { createReactSession } from 'trpc-session/react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ada, bob, signedIn, signedOut } from './_support/answers.ts';
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
  await tab.update({ channel: 'two' });
  expect([...FakeChannel.open].map(({ name }) => name)).toEqual(['two']);
  expect(tab.client.get).not.toHaveBeenCalled();
});

describe('two providers', () => {
  const toApp = (session: SessionView<View> | Promise<SessionView<View>>, of = client) => (
    <SessionProvider session={session} client={of}>
      <Who />
    </SessionProvider>
  );

  test('side by side each show their own session, also if one is mounted later', async () => {
    const page = await mount([<Fragment key="one">{toApp(signedIn())}</Fragment>]);
    await page.render([
      <Fragment key="one">{toApp(signedIn())}</Fragment>,
      <Fragment key="two">{toApp(signedIn({ id: 'b', at: 500, data: bob }))}</Fragment>,
    ]);
    expect(page.text()).toBe('authenticated Adaauthenticated Bob');
  });

  test('inside each other each show their own session', async () => {
    const page = await mount(
      <SessionProvider session={signedIn()} client={client}>
        <Who />
        {toApp(Promise.resolve(signedIn({ id: 'b', at: 500, data: bob })))}
      </SessionProvider>,
    );
    expect(page.text()).toBe('authenticated Adaauthenticated Bob');
  });

  test('in two roots each show their own session, and a change in one does not show in the other', async () => {
    const other = createFakeClient();
    const one = await mount(toApp(Promise.resolve(signedIn())));
    const two = await mount(toApp(Promise.resolve(signedIn({ id: 'b', at: 500, data: bob })), other));
    await one.run(() => window.dispatchEvent(new Event('focus')));
    await nth(client.gets, 0).answer(signedIn({ revision: 2, at: 2_000, data: { ...ada, name: 'Ada L.' } }));
    expect([one.text(), two.text()]).toEqual(['authenticated Ada L.', 'authenticated Bob']);
  });

  test('that follow each other start with their own sessions, as stories and tests do without a cleanup', async () => {
    const page = await mount(<Fragment key="story 1">{toApp(signedIn({ at: 9_000 }))}</Fragment>);
    await page.render(<Fragment key="story 2">{toApp(signedOut(500))}</Fragment>);
    expect(page.text()).toBe('unauthenticated -');
    await page.render(<Fragment key="story 3">{toApp(signedIn({ id: 'b', at: 1, data: bob }))}</Fragment>);
    expect(page.text()).toBe('authenticated Bob');
    expect(client.get).not.toHaveBeenCalled();
    expect(FakeChannel.posted).toEqual([]);
  });

  test('of which the second is mounted later do not know each other, even with promises', async () => {
    const page = await mount(toApp(Promise.resolve(signedIn())));
    await page.render(null);
    await page.render(toApp(Promise.resolve(signedOut(500))));
    expect(page.text()).toBe('unauthenticated -');
  });
});

describe('a provider that React replaces in one commit, as Next may do after a redirect', () => {
  const called = vi.fn();
  const toApp = (key: string, session: SessionView<View>) => (
    <SessionProvider key={key} session={Promise.resolve(session)} client={client} onIdentityChange={called}>
      <Who />
    </SessionProvider>
  );

  test('hands over what it knew, so that another user is noticed and the other tabs refetch', async () => {
    const page = await mount(toApp('before', signedIn()));
    await page.render(toApp('after', signedIn({ id: 'b', at: 2_000, data: bob })));
    expect(page.text()).toBe('authenticated Bob');
    expect(called).toHaveBeenCalledTimes(1);
    expect(FakeChannel.posted).toHaveLength(1);
  });

  test('hands over who was signed in, so that a sign-out is confirmed by a request', async () => {
    const page = await mount(toApp('before', signedIn()));
    await page.render(toApp('after', signedOut(2_000)));
    expect(page.text()).toBe('authenticated Ada');
    await nth(client.gets, 0).answer(signedOut(3_000));
    expect(page.text()).toBe('unauthenticated -');
  });

  test('hands over nothing to a provider with another client', async () => {
    const page = await mount(toApp('before', signedIn()));
    await page.render(
      <SessionProvider key="after" session={Promise.resolve(signedOut(2_000))} client={createFakeClient()}>
        <Who />
      </SessionProvider>,
    );
    expect(page.text()).toBe('unauthenticated -');
  });
});
