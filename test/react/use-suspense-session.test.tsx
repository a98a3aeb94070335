// @vitest-environment jsdom
import { type ReactNode, Suspense } from 'react';
import { renderToReadableStream } from 'react-dom/server.browser';
import type { SessionView } from 'trpc-session';
import { createReactSession, type SessionProviderProps } from 'trpc-session/react';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { networkError, rejectedPromise, settledPromise, signedIn } from './_support/answers.ts';
import { createFakeClient, type FakeClient, nth } from './_support/fake-client.ts';
import { hydrate, mount } from './_support/render.tsx';
import type { Patch, sessions, View } from './_support/sessions.ts';
import { closeTabs, stubChannels } from './_support/tab.tsx';

const browser = createReactSession<typeof sessions>();
/** The server has its own modules, and so its own context. */
const server = createReactSession<typeof sessions>();

let client: FakeClient;

beforeEach(() => {
  client = createFakeClient();
  stubChannels();
});
afterEach(closeTabs);

interface AppProps {
  readonly session: SessionProviderProps<View, Patch>['session'];
  readonly fallback?: ReactNode;
  readonly on?: typeof browser;
}

function App({ session, fallback = 'waiting', on = browser }: AppProps): ReactNode {
  return (
    <on.SessionProvider session={session} client={client}>
      <Suspense fallback={fallback}>
        <Who on={on} />
      </Suspense>
    </on.SessionProvider>
  );
}

function Who({ on }: { readonly on: typeof browser }): ReactNode {
  const { status, data } = on.useSuspenseSession();
  return `${status} ${data?.name ?? '-'}`;
}

test('suspends until the promise resolves', async () => {
  let resolve = (_: SessionView<View>): void => {};
  const session = new Promise<SessionView<View>>((done) => {
    resolve = done;
  });
  const page = await mount(<App session={session} />);
  expect(page.text()).toBe('waiting');
  await page.run(() => resolve(signedIn()));
  expect(page.text()).toBe('authenticated Ada');
});

test('the server waits for the promise, and its HTML hydrates without an error', async () => {
  const stream = await renderToReadableStream(<App session={Promise.resolve(signedIn())} on={server} />);
  await stream.allReady;
  const html = await new Response(stream).text();
  expect(html).toContain('authenticated Ada');
  const page = await hydrate(html, <App session={Promise.resolve(signedIn())} />);
  expect(page.text()).toBe('authenticated Ada');
  expect(page.errors).toEqual([]);
});

test('a promise that rejects makes the session unavailable, and reaches no error boundary', async () => {
  const page = await mount(<App session={Promise.reject(networkError)} />);
  expect(page.text()).toBe('unavailable -');
  expect(page.errors).toEqual([]);
});

test.each([
  ['resolved', settledPromise(signedIn()), 'authenticated Ada'],
  ['rejected', rejectedPromise(networkError), 'unavailable -'],
])('a promise that has %s shows no fallback', async (_, session, shown) => {
  let fallbacks = 0;
  function Fallback(): ReactNode {
    fallbacks += 1;
    return null;
  }
  const page = await mount(<App session={session} fallback={<Fallback />} />);
  expect(page.text()).toBe(shown);
  expect(fallbacks).toBe(0);
});

test('a new promise does not suspend again', async () => {
  const page = await mount(<App session={signedIn()} />);
  await page.render(<App session={new Promise(() => {})} />);
  expect(page.text()).toBe('authenticated Ada');
});

test('without a session, suspends until the response to the first request', async () => {
  const page = await mount(<App session={undefined} />);
  expect(page.text()).toBe('waiting');
  await nth(client.gets, 0).answer(signedIn());
  expect(page.text()).toBe('authenticated Ada');
});

test('a change that is made while it suspends does not end the waiting', async () => {
  function ThemeButton(): ReactNode {
    const { setSession } = browser.useSetSession();
    return (
      <button type="button" onClick={() => setSession({ theme: 'dark' })}>
        dark,{' '}
      </button>
    );
  }
  const page = await mount(
    <browser.SessionProvider client={client}>
      <ThemeButton />
      <Suspense fallback="waiting">
        <Who on={browser} />
      </Suspense>
    </browser.SessionProvider>,
  );
  await page.run(() => page.container.querySelector('button')?.click());
  expect(client.set).toHaveBeenCalledTimes(1);
  expect(page.text()).toBe('dark, waiting');
  await nth(client.gets, 0).answer(signedIn());
  expect(page.text()).toBe('dark, authenticated Ada');
});
