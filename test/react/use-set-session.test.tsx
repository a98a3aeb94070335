// @vitest-environment jsdom
import { setTimeout as sleep } from 'node:timers/promises';
import { type ReactNode, useTransition } from 'react';
import { createReactSession } from 'trpc-session/react';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ada, bob, networkError, signedIn, trpcError } from './_support/answers.ts';
import { createFakeClient, type FakeClient, nth } from './_support/fake-client.ts';
import { mount, type Page } from './_support/render.tsx';
import type { Patch, sessions, View } from './_support/sessions.ts';
import { closeTabs, openTab, stubChannels } from './_support/tab.tsx';

const { SessionProvider, useSession, useSetSession } = createReactSession<typeof sessions>();
const dark = { ...ada, theme: 'dark' } as const;

let client: FakeClient;

beforeEach(() => {
  client = createFakeClient();
  stubChannels();
});
afterEach(closeTabs);

describe('a change', () => {
  test('is shown at once, and then replaced by the response', async () => {
    const tab = await openTab({ session: signedIn() });
    const { done } = await tab.change({ theme: 'dark' });
    expect(tab.session()).toMatchObject({ status: 'authenticated', data: dark, revision: 1 });
    await nth(tab.client.sets, 0).answer(signedIn({ revision: 2, at: 2_000, data: { ...dark, name: 'Ada L.' } }));
    await expect(done).resolves.toEqual({ ...dark, name: 'Ada L.' });
    expect(tab.session()).toMatchObject({ data: { name: 'Ada L.', theme: 'dark' }, revision: 2 });
  });

  test('is replaced in one step: the old view is never shown in between', async () => {
    const tab = await openTab({ session: signedIn() });
    const before = tab.states.length;
    await tab.change({ theme: 'dark' });
    await nth(tab.client.sets, 0).answer(signedIn({ revision: 2, at: 2_000, data: dark }));
    const shown = tab.states.slice(before).map(({ data }) => data?.theme);
    expect(new Set(shown)).toEqual(new Set(['dark']));
  });

  test('is rolled back if it fails, and rejects with the original error', async () => {
    const tab = await openTab({ session: signedIn() });
    const error = trpcError('BAD_REQUEST', 400);
    const { done } = await tab.change({ theme: 'dark' });
    await nth(tab.client.sets, 0).fail(error);
    await expect(done).rejects.toBe(error);
    expect(tab.session().data).toEqual(ada);
  });

  test('is followed by a refetch if it fails, since the server may have written it', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.change({ theme: 'dark' });
    await nth(tab.client.sets, 0).fail(networkError);
    await nth(tab.client.gets, 0).answer(signedIn({ revision: 2, at: 2_000, data: dark }));
    expect(tab.session().data).toEqual(dark);
  });

  test('does not replace a newer view with its response', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.change({ theme: 'dark' });
    await tab.receive(signedIn({ revision: 5, at: 3_000, data: bob }));
    await nth(tab.client.sets, 0).answer(signedIn({ revision: 2, at: 2_000, data: dark }));
    expect(tab.session().data).toEqual(bob);
  });
});

describe('several changes', () => {
  test('are applied to every view that arrives, and sent one after another', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.change({ theme: 'dark' });
    await tab.change({ count: 1 });
    expect(tab.session().data).toEqual({ ...dark, count: 1 });
    expect(tab.client.set.mock.calls).toEqual([[{ theme: 'dark' }]]);
    await tab.receive(signedIn({ revision: 2, at: 1_500, data: { ...ada, name: 'Ada L.' } }));
    expect(tab.session().data).toEqual({ name: 'Ada L.', theme: 'dark', count: 1 });
    await nth(tab.client.sets, 0).answer(signedIn({ revision: 3, at: 2_000, data: dark }));
    expect(tab.session().data).toEqual({ ...dark, count: 1 });
    expect(tab.client.set.mock.calls).toEqual([[{ theme: 'dark' }], [{ count: 1 }]]);
  });

  test('are independent: if one fails, the next is still sent', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.change({ theme: 'dark' });
    const second = await tab.change({ count: 1 });
    await nth(tab.client.sets, 0).fail(trpcError('BAD_REQUEST', 400));
    expect(tab.session().data).toEqual({ ...ada, count: 1 });
    await nth(tab.client.sets, 1).answer(signedIn({ revision: 2, at: 2_000, data: { ...ada, count: 1 } }));
    await expect(second.done).resolves.toEqual({ ...ada, count: 1 });
  });

  test('are neither shown for nor sent to another session', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.change({ theme: 'dark' });
    const second = await tab.change({ count: 1 });
    const light = { ...bob, theme: 'light' } as const;
    await tab.receive(signedIn({ id: 'b', at: 3_000, data: light }));
    expect(tab.session().data).toEqual(light);
    await nth(tab.client.sets, 0).answer(signedIn({ revision: 2, at: 2_000, data: dark }));
    await expect(second.done).rejects.toThrow(/^Another session replaced.*Try again/);
    expect(tab.session().data).toEqual(light);
    expect(tab.client.set).toHaveBeenCalledTimes(1);
  });
});

describe('a function', () => {
  const increment = ({ count }: View): Patch => ({ count: count + 1 });

  test('receives the view with the earlier changes, and is called again when it is sent', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.change(increment);
    await tab.change(increment);
    expect(tab.session().data).toMatchObject({ count: 2 });
    await nth(tab.client.sets, 0).fail(trpcError('CONFLICT', 409));
    expect(tab.session().data).toMatchObject({ count: 1 });
    expect(tab.client.set.mock.calls).toEqual([[{ count: 1 }], [{ count: 1 }]]);
  });

  test('is not called again once it is sent: what was sent is shown, whatever view arrives', async () => {
    const tab = await openTab({ session: signedIn() });
    await tab.change(increment);
    await tab.receive(signedIn({ revision: 2, at: 1_500, data: { ...ada, count: 7 } }));
    expect(tab.session().data).toMatchObject({ count: 1 });
  });

  test('that throws rejects, and nothing is sent', async () => {
    const tab = await openTab({ session: signedIn() });
    const error = new Error('no');
    const { done } = await tab.change(() => {
      throw error;
    });
    await expect(done).rejects.toBe(error);
    expect(tab.client.set).not.toHaveBeenCalled();
    expect(tab.client.get).not.toHaveBeenCalled();
  });

  test('that throws for a later view is not shown there, and rejects when it is sent', async () => {
    const tab = await openTab({ session: signedIn() });
    const error = new Error('no');
    await tab.change({ theme: 'dark' });
    const second = await tab.change(({ name }) => {
      if (name !== 'Ada') throw error;
      return { count: 1 };
    });
    await tab.receive(signedIn({ revision: 2, at: 1_500, data: bob }));
    expect(tab.session()).toMatchObject({ status: 'authenticated', data: bob });
    await nth(tab.client.sets, 0).answer(signedIn({ revision: 3, at: 2_000, data: bob }));
    await expect(second.done).rejects.toBe(error);
    expect(tab.client.set).toHaveBeenCalledTimes(1);
  });

  test('rejects if there is no session, with an error that says what to do', async () => {
    const tab = await openTab();
    const { done } = await tab.change(() => ({ count: 1 }));
    await expect(done).rejects.toThrow(/There is no session.*Wait/);
  });
});

function Theme(): ReactNode {
  const { status, data } = useSession();
  return `${status} ${data?.theme ?? '-'}`;
}

function ThemeButton({ onError }: { readonly onError?: (error: unknown) => void }): ReactNode {
  const { setSession, isPending, error } = useSetSession();
  const choose = () => {
    const done = setSession({ theme: 'dark' });
    if (onError) done.catch(onError);
  };
  return (
    <button type="button" onClick={choose}>
      {isPending ? ' pending' : ' idle'}
      {error instanceof Error ? ` ${error.message}` : ''}
    </button>
  );
}

function mountApp(children: ReactNode): Promise<Page> {
  return mount(
    <SessionProvider session={signedIn()} client={client}>
      {children}
    </SessionProvider>,
  );
}

function click(page: Page): Promise<void> {
  return page.run(() => page.container.querySelector('button')?.click());
}

describe('isPending and error', () => {
  test('isPending is true until the response', async () => {
    const page = await mountApp([<Theme key="theme" />, <ThemeButton key="button" />]);
    await click(page);
    expect(page.text()).toBe('authenticated dark pending');
    await nth(client.sets, 0).answer(signedIn({ revision: 2, at: 2_000, data: dark }));
    expect(page.text()).toBe('authenticated dark idle');
  });

  test('a failure is in `error` and in the promise, until the next change', async () => {
    const caught: unknown[] = [];
    const error = trpcError('BAD_REQUEST', 400);
    const page = await mountApp([
      <Theme key="theme" />,
      <ThemeButton key="button" onError={(reason) => caught.push(reason)} />,
    ]);
    await click(page);
    await nth(client.sets, 0).fail(error);
    expect(page.text()).toBe('authenticated light idle BAD_REQUEST');
    expect(caught).toEqual([error]);
    await click(page);
    expect(page.text()).toBe('authenticated dark pending');
  });

  test('a failure whose promise is ignored causes no unhandled rejection', async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => unhandled.push(error);
    process.prependOnceListener('unhandledRejection', note);
    const page = await mountApp(<ThemeButton />);
    await click(page);
    await nth(client.sets, 0).fail(trpcError('BAD_REQUEST', 400));
    await sleep(10);
    process.off('unhandledRejection', note);
    expect(page.text()).toBe(' idle BAD_REQUEST');
    expect(unhandled).toEqual([]);
  });

  test('both are updated at once inside a transition that is still pending', async () => {
    function Form(): ReactNode {
      const { setSession, isPending } = useSetSession();
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
    const page = await mountApp([<Theme key="theme" />, <Form key="form" />]);
    await click(page);
    expect(page.text()).toBe('authenticated dark pending');
    await nth(client.sets, 0).answer(signedIn({ revision: 2, at: 2_000, data: dark }));
    expect(page.text()).toBe('authenticated dark idle');
  });

  test('each hook has the state of its own changes only', async () => {
    const page = await mountApp([<ThemeButton key="one" />, <ThemeButton key="two" />]);
    await click(page);
    expect(page.text()).toBe(' pending idle');
    await nth(client.sets, 0).fail(networkError);
    expect(page.text()).toBe(' idle Failed to fetch idle');
  });
});
