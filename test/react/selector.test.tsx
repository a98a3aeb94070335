// @vitest-environment jsdom
import { Fragment, Profiler, type ReactNode, StrictMode } from 'react';
import { renderToString } from 'react-dom/server';
import { createReactSession, type SessionState } from 'trpc-session/react';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ada, bob, settledPromise, signedIn, type signedOut } from './_support/answers.ts';
import { createFakeClient, type FakeClient, nth } from './_support/fake-client.ts';
import { hydrate, mount, type Page } from './_support/render.tsx';
import type { sessions, View } from './_support/sessions.ts';
import { closeTabs, stubChannels } from './_support/tab.tsx';

const { SessionProvider, useSession, useSetSession } = createReactSession<typeof sessions>();
const dark = { ...ada, theme: 'dark' } as const;

let client: FakeClient;

beforeEach(() => {
  client = createFakeClient();
  stubChannels();
});
afterEach(closeTabs);

describe('1,000 components', () => {
  const renders = { whole: 0, theme: 0, name: 0, setter: 0 };

  function Whole(): ReactNode {
    renders.whole += 1;
    return useSession().data?.theme;
  }
  function Theme(): ReactNode {
    renders.theme += 1;
    return useSession((session) => session.data?.theme);
  }
  function Name(): ReactNode {
    renders.name += 1;
    return useSession(({ data }) => ({ name: data?.name })).name;
  }
  function Setter(): ReactNode {
    renders.setter += 1;
    return useSetSession().isPending ? 'pending' : null;
  }

  const keys = Array.from({ length: 250 }, (_, index) => `number ${index}`);
  const components = [Whole, Theme, Name, Setter].map((Component) => (
    <Fragment key={Component.name}>
      {keys.map((key) => (
        <Component key={key} />
      ))}
    </Fragment>
  ));

  function ThemeButton(): ReactNode {
    const { setSession } = useSetSession();
    return <button type="button" onClick={() => setSession({ theme: 'dark' })} />;
  }

  const toApp = (session: Promise<ReturnType<typeof signedIn>>) => (
    <SessionProvider session={session} client={client}>
      <ThemeButton />
      {components}
    </SessionProvider>
  );

  async function mountAll(): Promise<Page> {
    const page = await mount(toApp(settledPromise(signedIn())));
    Object.assign(renders, { whole: 0, theme: 0, name: 0, setter: 0 });
    return page;
  }

  test('do not render for a refetch with the same result', async () => {
    const page = await mountAll();
    await page.run(() => window.dispatchEvent(new Event('focus')));
    const times = { idleExpiresAt: signedIn().idleExpiresAt, expiresAt: signedIn().expiresAt };
    await nth(client.gets, 0).answer(signedIn({ at: 5_000, data: { ...ada }, ...times }));
    expect(renders).toEqual({ whole: 0, theme: 0, name: 0, setter: 0 });
  });

  test('do not render for a new promise with the same id, revision and view', async () => {
    const page = await mountAll();
    const times = { idleExpiresAt: signedIn().idleExpiresAt, expiresAt: signedIn().expiresAt };
    const next = signedIn({ at: 5_000, data: { ...ada }, ...times });
    await page.render(toApp(Promise.resolve(next)));
    await page.render(toApp(settledPromise({ ...next, at: 6_000 })));
    expect(renders).toEqual({ whole: 0, theme: 0, name: 0, setter: 0 });
  });

  test('that select something else do not render when the idle deadline moves', async () => {
    const page = await mountAll();
    await page.render(toApp(settledPromise(signedIn({ at: 5_000 }))));
    expect(renders).toEqual({ whole: 250, theme: 0, name: 0, setter: 0 });
  });

  test('render if they read a changed field: once optimistically, and not again when the server confirms it', async () => {
    const page = await mountAll();
    await page.run(() => page.container.querySelector('button')?.click());
    expect(renders).toEqual({ whole: 250, theme: 250, name: 0, setter: 0 });
    await nth(client.sets, 0).answer(signedIn({ revision: 2, at: 2_000, data: dark }));
    expect(renders).toMatchObject({ theme: 250, name: 0, setter: 0 });
    expect(page.text()).toContain('dark');
  });
});

function Selected({ select }: { readonly select: (session: SessionState<View>) => unknown }): ReactNode {
  return JSON.stringify(useSession(select));
}

describe('a selector', () => {
  test('may create its result: while that is equal, the same object is returned', async () => {
    const results: unknown[] = [];
    function Theme(): ReactNode {
      results.push(useSession(({ data }) => [{ theme: data?.theme }]));
      return null;
    }
    const toApp = (name: string) => (
      <SessionProvider session={signedIn()} client={client}>
        <Theme key="theme" />
        {name}
      </SessionProvider>
    );
    const page = await mount(<StrictMode>{toApp('one')}</StrictMode>);
    await page.render(<StrictMode>{toApp('two')}</StrictMode>);
    expect(results.length).toBeGreaterThan(2);
    expect(new Set(results.slice(-2)).size).toBe(1);
    expect(page.errors).toEqual([]);
  });

  test('may change from render to render', async () => {
    const toApp = (field: 'name' | 'theme') => (
      <SessionProvider session={signedIn()} client={client}>
        <Selected select={({ data }) => data?.[field]} />
      </SessionProvider>
    );
    const page = await mount(toApp('name'));
    expect(page.text()).toBe('"Ada"');
    await page.render(toApp('theme'));
    expect(page.text()).toBe('"light"');
  });

  test('may return a status, and hydrates without an error', async () => {
    const app = (
      <SessionProvider session={settledPromise(signedIn({ data: bob }))} client={client}>
        <Selected select={({ status, data }) => ({ status, name: data?.name })} />
      </SessionProvider>
    );
    const html = renderToString(app);
    expect(html).toContain('loading');
    const page = await hydrate(html, app);
    expect(page.text()).toBe('{"status":"authenticated","name":"Bob"}');
    expect(page.errors).toEqual([]);
  });

  test('renders once for another user', async () => {
    let commits = 0;
    const toApp = (session: ReturnType<typeof signedIn> | ReturnType<typeof signedOut>) => (
      <SessionProvider session={session} client={client}>
        <Profiler id="name" onRender={() => (commits += 1)}>
          <Selected select={({ data }) => data?.name ?? null} />
        </Profiler>
      </SessionProvider>
    );
    const page = await mount(toApp(signedIn()));
    await page.run(() => window.dispatchEvent(new Event('focus')));
    commits = 0;
    await nth(client.gets, 0).answer(signedIn({ id: 'b', at: 2_000, data: bob }));
    expect(page.text()).toBe('"Bob"');
    expect(commits).toBe(1);
  });
});
