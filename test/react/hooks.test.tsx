// @vitest-environment jsdom
import {
  Activity,
  act,
  createContext,
  type ReactNode,
  StrictMode,
  Suspense,
  useLayoutEffect,
  useTransition,
} from 'react';
import { renderToString } from 'react-dom/server';
import { renderToReadableStream } from 'react-dom/server.browser';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SessionView } from '../../src/index.ts';
import type { ProviderConnection } from '../../src/react/connection.ts';
import { useSessionState, useSetter, useSettledSession } from '../../src/react/hooks.ts';
import { createProvider } from '../../src/react/provider.tsx';
import type { SessionState } from '../../src/react/state.ts';
import { ada, bob, networkError, type Patch, signedIn, signedOut, trpcError, type View } from './_support/answers.ts';
import { FakeChannel } from './_support/fake-channel.ts';
import { type FakeClient, fakeClient, nth } from './_support/fake-client.ts';
import { hydrate, hydrateUnassisted, mount, unmountAll } from './_support/render.tsx';

const context = createContext<ProviderConnection<View, Patch> | null>(null);
const SessionProvider = createProvider(context);
/** A server has modules of its own, and so a context of its own. */
const serverContext = createContext<ProviderConnection<View, Patch> | null>(null);
const ServerSessionProvider = createProvider(serverContext);

let client: FakeClient;

beforeEach(() => {
  client = fakeClient();
  vi.stubGlobal('BroadcastChannel', FakeChannel);
});

afterEach(async () => {
  await unmountAll();
  FakeChannel.reset();
  vi.unstubAllGlobals();
});

interface AppProps {
  readonly session?: SessionView<View> | Promise<SessionView<View>> | undefined;
  readonly children: ReactNode;
}

function App({ session, children }: AppProps): ReactNode {
  return (
    <SessionProvider session={session} client={client}>
      {children}
    </SessionProvider>
  );
}

function Who({ onRender }: { readonly onRender?: (state: SessionState<View>) => void }): ReactNode {
  const state = useSessionState(context);
  onRender?.(state);
  return `${state.status} ${state.data?.name ?? '-'} ${state.data?.theme ?? '-'}`;
}

function SettledWho({ from = context }: { readonly from?: typeof context }): ReactNode {
  const { status, data } = useSettledSession(from);
  return `${status} ${data?.name ?? '-'}`;
}

function ThemeButton({ onError }: { readonly onError?: (error: unknown) => void }): ReactNode {
  const { setSession, isPending, error } = useSetter(context);
  const dark = () => void setSession({ theme: 'dark' }).catch(onError ?? (() => {}));
  return (
    <button type="button" onClick={dark}>
      {isPending ? ' pending' : ' idle'}
      {error instanceof Error ? ` ${error.message}` : ''}
    </button>
  );
}

async function click(container: HTMLElement): Promise<void> {
  await act(async () => container.querySelector('button')?.click());
}

/** Everything a server sends for a page, holes filled. */
async function serverHtml(node: ReactNode): Promise<string> {
  const stream = await renderToReadableStream(node);
  await stream.allReady;
  return new Response(stream).text();
}

describe('useSession', () => {
  test('a value is in the server HTML, hydrates without a complaint and asks nothing', async () => {
    const app = (
      <App session={signedIn()}>
        <Who />
      </App>
    );
    const html = renderToString(app);
    expect(html).toBe('authenticated Ada light');
    const page = await hydrate(html, app);
    expect(page.text()).toBe('authenticated Ada light');
    expect(page.complaints).toEqual([]);
    expect(client.get).not.toHaveBeenCalled();
  });

  test('a promise does not suspend: the server sends loading, and the browser goes on from there', async () => {
    const session = Promise.resolve(signedIn());
    const app = (
      <App session={session}>
        <Who />
      </App>
    );
    expect(renderToString(app)).toBe('loading - -');
    const page = await hydrate('loading - -', app);
    expect(page.text()).toBe('authenticated Ada light');
    expect(page.complaints).toEqual([]);
  });

  test('a promise that has settled when the browser hydrates is adopted before anything is painted', async () => {
    const session = Object.assign(Promise.resolve(signedIn()), { status: 'fulfilled', value: signedIn() });
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
      <App session={session}>
        <Who />
        <Probe />
      </App>
    );
    const html = renderToString(app);
    expect(html).toBe('loading - -');
    const page = await hydrateUnassisted(html, app);
    expect(beforePaint).toBe('authenticated Ada light');
    expect(page.complaints).toEqual([]);
  });

  test('signed out is never shown on the way to signed in', async () => {
    const seen: string[] = [];
    const app = (
      <App session={Promise.resolve(signedIn())}>
        <Who onRender={({ status }) => seen.push(status)} />
      </App>
    );
    await hydrate(renderToString(app), app);
    expect(new Set(seen)).toEqual(new Set(['loading', 'authenticated']));
  });

  test('without a session the browser asks', async () => {
    const page = await mount(
      <App>
        <Who />
      </App>,
    );
    expect(page.text()).toBe('loading - -');
    await act(() => nth(client.gets, 0).answer(signedOut(1_000)));
    expect(page.text()).toBe('unauthenticated - -');
  });

  test('a render that learns nothing gets the same object', async () => {
    const seen: SessionState<View>[] = [];
    const onRender = (state: SessionState<View>) => seen.push(state);
    const page = await mount(
      <App session={signedIn()}>
        <Who onRender={onRender} />
      </App>,
    );
    await page.render(
      <App session={signedIn()}>
        <Who onRender={onRender} />
      </App>,
    );
    expect(seen.length).toBeGreaterThan(1);
    expect(new Set(seen).size).toBe(1);
  });

  test('a new promise replaces the old without loading in between', async () => {
    const seen: string[] = [];
    const who = <Who onRender={({ status, data }) => seen.push(`${status} ${data?.name}`)} />;
    const page = await mount(<App session={signedIn()}>{who}</App>);
    await page.render(<App session={Promise.resolve(signedIn({ id: 'b', at: 2_000, data: bob }))}>{who}</App>);
    expect(page.text()).toBe('authenticated Bob dark');
    expect(new Set(seen)).toEqual(new Set(['authenticated Ada', 'authenticated Bob']));
  });

  test('outside of its provider it says what happened and what to do', () => {
    expect(() => renderToString(<Who />)).toThrow(
      /^useSession\(\) was called outside of its <SessionProvider>\. Render <SessionProvider/,
    );
    expect(() => renderToString(<SettledWho />)).toThrow(/^useSuspenseSession\(\) was called outside/);
    expect(() => renderToString(<ThemeButton />)).toThrow(/^useSetSession\(\) was called outside/);
  });
});

describe('useSuspenseSession', () => {
  const waiting = (session: AppProps['session']) => (
    <App session={session}>
      <Suspense fallback="waiting">
        <SettledWho />
      </Suspense>
    </App>
  );

  test('it suspends until the promise settles', async () => {
    let settle = (_: SessionView<View>): void => {};
    const session = new Promise<SessionView<View>>((resolve) => {
      settle = resolve;
    });
    const page = await mount(waiting(session));
    expect(page.text()).toBe('waiting');
    await act(async () => settle(signedIn()));
    expect(page.text()).toBe('authenticated Ada');
  });

  test('what the server waited for is in its HTML, and hydrates without a complaint', async () => {
    const html = await serverHtml(
      <ServerSessionProvider session={Promise.resolve(signedIn())} client={client}>
        <Suspense fallback="waiting">
          <SettledWho from={serverContext} />
        </Suspense>
      </ServerSessionProvider>,
    );
    expect(html).toContain('authenticated Ada');
    const page = await hydrate(html, waiting(Promise.resolve(signedIn())));
    expect(page.text()).toBe('authenticated Ada');
    expect(page.complaints).toEqual([]);
  });

  test('a promise that rejects means that nobody can say, and reaches no error boundary', async () => {
    const page = await mount(waiting(Promise.reject(networkError)));
    expect(page.text()).toBe('unavailable -');
    expect(page.complaints).toEqual([]);
  });

  test('a promise that has settled needs no fallback', async () => {
    const session = Object.assign(Promise.resolve(signedIn()), { status: 'fulfilled', value: signedIn() });
    let fallbacks = 0;
    function Fallback(): ReactNode {
      fallbacks += 1;
      return null;
    }
    const page = await mount(
      <App session={session}>
        <Suspense fallback={<Fallback />}>
          <SettledWho />
        </Suspense>
      </App>,
    );
    expect(page.text()).toBe('authenticated Ada');
    expect(fallbacks).toBe(0);
  });

  test('a new promise does not make it wait again', async () => {
    const page = await mount(waiting(signedIn()));
    await page.render(waiting(new Promise(() => {})));
    expect(page.text()).toBe('authenticated Ada');
  });

  test('without a session it waits for the browser to ask', async () => {
    const page = await mount(waiting(undefined));
    expect(page.text()).toBe('waiting');
    await act(() => nth(client.gets, 0).answer(signedIn()));
    expect(page.text()).toBe('authenticated Ada');
  });
});

describe('useSetSession', () => {
  const app = (session: AppProps['session'], onError?: (error: unknown) => void) => (
    <App session={session}>
      <Who />
      <ThemeButton {...(onError && { onError })} />
    </App>
  );

  test('a change is visible at once, and then confirmed', async () => {
    const page = await mount(app(signedIn()));
    await click(page.container);
    expect(page.text()).toBe('authenticated Ada dark pending');
    await act(() =>
      nth(client.sets, 0).answer(signedIn({ revision: 2, at: 2_000, data: { name: 'Ada L.', theme: 'dark' } })),
    );
    expect(page.text()).toBe('authenticated Ada L. dark idle');
  });

  test('a change that fails is taken back, and the error is there to show and to catch', async () => {
    const caught: unknown[] = [];
    const error = trpcError('BAD_REQUEST', 400);
    const page = await mount(app(signedIn(), (reason) => caught.push(reason)));
    await click(page.container);
    await act(() => nth(client.sets, 0).fail(error));
    expect(page.text()).toBe('authenticated Ada light idle BAD_REQUEST');
    expect(caught).toEqual([error]);
    await click(page.container);
    expect(page.text()).toBe('authenticated Ada dark pending');
  });

  test('inside a transition that is still pending, the change and isPending show all the same', async () => {
    function Form(): ReactNode {
      const { setSession, isPending } = useSetter(context);
      const [, start] = useTransition();
      const submit = () =>
        start(async () => {
          await setSession({ theme: 'dark' });
        });
      return (
        <button type="button" onClick={submit}>
          {isPending ? ' pending' : ' idle'}
        </button>
      );
    }
    const page = await mount(
      <App session={signedIn()}>
        <Who />
        <Form />
      </App>,
    );
    await click(page.container);
    expect(page.text()).toBe('authenticated Ada dark pending');
    await act(() => nth(client.sets, 0).answer(signedIn({ revision: 2, at: 2_000, data: { ...ada, theme: 'dark' } })));
    expect(page.text()).toBe('authenticated Ada dark idle');
  });

  test('each hook knows its own changes only', async () => {
    const page = await mount(
      <App session={signedIn()}>
        <ThemeButton />
        <ThemeButton />
      </App>,
    );
    await click(page.container);
    expect(page.text()).toBe(' pending idle');
    await act(() => nth(client.sets, 0).fail(networkError));
    expect(page.text()).toBe(' idle Failed to fetch idle');
  });
});

describe('SessionProvider', () => {
  test('StrictMode leaves one channel and asks nothing', async () => {
    await mount(
      <StrictMode>
        <App session={signedIn()}>
          <Who />
        </App>
      </StrictMode>,
    );
    expect(FakeChannel.open.size).toBe(1);
    expect(client.get).not.toHaveBeenCalled();
  });

  test('in StrictMode, too, a change tells the other tabs', async () => {
    const page = await mount(
      <StrictMode>
        <App session={signedIn()}>
          <ThemeButton />
        </App>
      </StrictMode>,
    );
    await click(page.container);
    await act(() => nth(client.sets, 0).answer(signedIn({ revision: 2, at: 2_000 })));
    expect(FakeChannel.posted).toEqual([{ name: 'trpc-session', data: 'look' }]);
  });

  test('unmounting leaves nothing open', async () => {
    await mount(
      <App session={signedIn()}>
        <Who />
      </App>,
    );
    await unmountAll();
    expect(FakeChannel.open.size).toBe(0);
  });

  test('hidden it lets go of everything, and shown again it looks and follows', async () => {
    const inside = (mode: 'hidden' | 'visible') => (
      <Activity mode={mode}>
        <App session={signedIn()}>
          <Who />
        </App>
      </Activity>
    );
    const page = await mount(inside('visible'));
    await page.render(inside('hidden'));
    expect(FakeChannel.open.size).toBe(0);
    await page.render(inside('visible'));
    expect(FakeChannel.open.size).toBe(1);
    expect(client.get).toHaveBeenCalledTimes(1);
    await act(() => nth(client.gets, 0).answer(signedIn({ id: 'b', at: 2_000, data: bob })));
    expect(page.text()).toBe('authenticated Bob dark');
  });

  test('it asks the client of the last render, and calls the function of the last render', async () => {
    const other = fakeClient();
    const heard = vi.fn();
    const page = await mount(
      <SessionProvider session={signedIn()} client={client} onIdentityChange={() => heard('first')}>
        <Who />
      </SessionProvider>,
    );
    await page.render(
      <SessionProvider session={signedIn()} client={other} onIdentityChange={() => heard('last')}>
        <Who />
      </SessionProvider>,
    );
    await act(async () => window.dispatchEvent(new Event('focus')));
    expect(client.get).not.toHaveBeenCalled();
    await act(() => nth(other.gets, 0).answer(signedIn({ id: 'b', at: 2_000 })));
    expect(heard.mock.calls).toEqual([['last']]);
  });

  test('another channel name moves it to that channel without a look', async () => {
    const named = (channel: string) => (
      <SessionProvider session={signedIn()} client={client} channel={channel}>
        <Who />
      </SessionProvider>
    );
    const page = await mount(named('one'));
    await page.render(named('two'));
    expect([...FakeChannel.open].map(({ name }) => name)).toEqual(['two']);
    expect(client.get).not.toHaveBeenCalled();
  });

  test('a provider mounted in the place of another goes on with what that one knew', async () => {
    const heard = vi.fn();
    const placed = (key: string, session: SessionView<View>) => (
      <SessionProvider key={key} session={session} client={client} onIdentityChange={heard}>
        <Who />
      </SessionProvider>
    );
    const page = await mount(placed('before', signedIn()));
    await page.render(placed('after', signedOut(2_000)));
    expect(page.text()).toContain('authenticated');
    await act(() => nth(client.gets, 0).answer(signedOut(3_000)));
    expect(page.text()).toContain('unauthenticated');
    expect(heard).toHaveBeenCalledTimes(1);
    expect(FakeChannel.posted).toHaveLength(1);
  });

  test('a provider mounted after another is gone begins anew', async () => {
    const page = await mount(<App session={signedIn()}>{<Who />}</App>);
    await page.render(null);
    await page.render(<App session={signedOut(500)}>{<Who />}</App>);
    expect(page.text()).toContain('unauthenticated');
  });
});
