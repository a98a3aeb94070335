// @vitest-environment jsdom
import { type ReactNode, Suspense, use, useLayoutEffect } from 'react';
import { renderToString } from 'react-dom/server';
import { createReactSession, type SessionProviderProps, type SessionState } from 'trpc-session/react';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ada, bob, deadlineAfter, settledPromise, signedIn, signedOut } from './_support/answers.ts';
import { createFakeClient, type FakeClient, nth } from './_support/fake-client.ts';
import { hydrate, hydrateUnassisted, mount } from './_support/render.tsx';
import type { Patch, sessions, View } from './_support/sessions.ts';
import { closeTabs, openTab, stubChannels } from './_support/tab.tsx';

const { SessionProvider, useSession, useSuspenseSession, useSetSession } = createReactSession<typeof sessions>();

let client: FakeClient;

beforeEach(() => {
  client = createFakeClient();
  stubChannels();
});
afterEach(closeTabs);

function App({ session, children }: Pick<SessionProviderProps<View, Patch>, 'session' | 'children'>): ReactNode {
  return (
    <SessionProvider session={session} client={client}>
      {children}
    </SessionProvider>
  );
}

function Who({ onRender }: { readonly onRender?: (state: SessionState<View>) => void }): ReactNode {
  const state = useSession();
  onRender?.(state);
  return `${state.status} ${state.data?.name ?? '-'}`;
}

test('a signed-out user can read why the session ended', async () => {
  const page = await mount(
    <App session={{ ...signedOut(1), ended: 'evicted' }}>
      <Ending />
    </App>,
  );
  expect(page.text()).toBe('unauthenticated evicted');
});

function Ending(): ReactNode {
  const state = useSession();
  return `${state.status} ${state.status === 'unauthenticated' ? state.ended : '-'}`;
}

describe('hydration', () => {
  test('a view is in the HTML of the server, and hydrates without an error or a request', async () => {
    const app = (
      <App session={signedIn()}>
        <Who />
      </App>
    );
    const html = renderToString(app);
    expect(html).toBe('authenticated Ada');
    const page = await hydrate(html, app);
    expect(page.text()).toBe('authenticated Ada');
    expect(page.errors).toEqual([]);
    expect(client.get).not.toHaveBeenCalled();
  });

  test('a promise does not suspend: the server renders loading, and the browser continues from there', async () => {
    const app = (
      <App session={Promise.resolve(signedIn())}>
        <Who />
      </App>
    );
    expect(renderToString(app)).toBe('loading -');
    const page = await hydrate('loading -', app);
    expect(page.text()).toBe('authenticated Ada');
    expect(page.errors).toEqual([]);
  });

  test('a promise that has settled before hydration is shown in the first paint', async () => {
    let beforePaint = '';
    function Probe(): ReactNode {
      useLayoutEffect(
        () =>
          queueMicrotask(() => {
            beforePaint ||= document.body.textContent;
          }),
        [],
      );
      return null;
    }
    const app = (
      <App session={settledPromise(signedIn())}>
        <Who />
        <Probe />
      </App>
    );
    const html = renderToString(app);
    expect(html).toBe('loading -');
    const page = await hydrateUnassisted(html, app);
    expect(beforePaint).toBe('authenticated Ada');
    expect(page.errors).toEqual([]);
  });

  test('a part of the page that hydrates late starts with the view that the server rendered', async () => {
    let finish = (): void => {};
    const code = new Promise<void>((resolve) => {
      finish = resolve;
    });
    function Late({ on }: { readonly on: Promise<void> }): ReactNode {
      use(on);
      return <Who />;
    }
    const toApp = (on: Promise<void>) => (
      <App session={signedIn()}>
        <Who />
        <Suspense fallback="waiting">
          <Late on={on} />
        </Suspense>
      </App>
    );
    const page = await hydrate(renderToString(toApp(settledPromise(undefined))), toApp(code));
    await page.run(() => window.dispatchEvent(new Event('focus')));
    await nth(client.gets, 0).answer(signedIn({ id: 'b', at: 2_000, data: bob }));
    expect(page.text()).toBe('authenticated Bobauthenticated Ada');
    await page.run(finish);
    expect(page.text()).toBe('authenticated Bobauthenticated Bob');
    expect(page.errors).toEqual([]);
  });

  test('the signed-out state is never shown before the signed-in one', async () => {
    const seen: string[] = [];
    const app = (
      <App session={Promise.resolve(signedIn())}>
        <Who onRender={({ status }) => seen.push(status)} />
      </App>
    );
    await hydrate(renderToString(app), app);
    expect(new Set(seen)).toEqual(new Set(['loading', 'authenticated']));
  });
});

describe('without a session of the server', () => {
  test('it is loading until the response to the first request', async () => {
    const page = await mount(
      <App>
        <Who />
      </App>,
    );
    expect(page.text()).toBe('loading -');
    await nth(client.gets, 0).answer(signedOut(1_000));
    expect(page.text()).toBe('unauthenticated -');
  });
});

describe('another session of the server', () => {
  test('a new promise replaces the old view without a loading state in between', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.receive(Promise.resolve(signedIn({ id: 'b', at: 2_000, data: bob })));
    expect(tab.session().data).toEqual(bob);
    expect(new Set(tab.states.map(({ data }) => data?.name))).toEqual(new Set(['Ada', 'Bob']));
    expect(new Set(tab.states.map(({ status }) => status))).toEqual(new Set(['authenticated']));
  });
});

describe('stable references', () => {
  test('the same view again renders no component and returns the same object', async () => {
    const tab = await openTab({ session: signedIn() });
    const renders = tab.states.length;
    await tab.receive(signedIn());
    expect(tab.states).toHaveLength(renders);
    expect(new Set(tab.states).size).toBe(1);
  });

  test('a response that changes nothing renders no component', async () => {
    const tab = await openTab({ session: signedIn() });
    const renders = tab.states.length;
    await tab.refetch();
    await nth(tab.client.gets, 0).answer(signedIn());
    expect(tab.states).toHaveLength(renders);
  });

  test('a later expiry leaves `data` the same object', async () => {
    const tab = await openTab({ session: signedIn() });
    const { data } = tab.session();
    await tab.receive(signedIn({ at: 2_000, data: { ...ada } }));
    expect(tab.session()).toMatchObject({ idleExpiresAt: deadlineAfter(2_000) });
    expect(tab.session().data).toBe(data);
  });
});

test('a hook outside of its provider throws an error that says what to do', () => {
  function Settled(): ReactNode {
    return useSuspenseSession().status;
  }
  function Setter(): ReactNode {
    return String(useSetSession().isPending);
  }
  expect(() => renderToString(<Who />)).toThrow(
    /^useSession\(\) was called outside of its <SessionProvider>\. Render <SessionProvider/,
  );
  expect(() => renderToString(<Settled />)).toThrow(/^useSuspenseSession\(\) was called outside/);
  expect(() => renderToString(<Setter />)).toThrow(/^useSetSession\(\) was called outside/);
});
