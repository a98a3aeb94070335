// @vitest-environment jsdom
import type { ReactNode } from 'react';
import { createReactSession } from 'trpc-session/react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { networkError, signedIn, signedOut, trpcError, unavailable } from './_support/answers.ts';
import { FakeChannel } from './_support/fake-channel.ts';
import { createFakeClient, type FakeClient, nth } from './_support/fake-client.ts';
import { mount, type Page } from './_support/render.tsx';
import type { sessions } from './_support/sessions.ts';
import { closeTabs, stubChannels } from './_support/tab.tsx';

const { SessionProvider, SignedIn, SignedOut, useSession, useSetSession, useSignOut } =
  createReactSession<typeof sessions>();

let client: FakeClient;

beforeEach(() => {
  client = createFakeClient();
  stubChannels();
});
afterEach(closeTabs);

function Status(): ReactNode {
  return `${useSession((session) => session.status)} `;
}

function SignOutButton({ onDone }: { readonly onDone?: (outcome: string) => void }): ReactNode {
  const { signOut, isPending, error, reset } = useSignOut();
  const press = () => {
    const done = signOut();
    if (onDone) void done.then(() => onDone('done')).catch((reason: Error) => onDone(reason.message));
  };
  return (
    <>
      <button id="out" type="button" disabled={isPending} onClick={press}>
        {isPending ? 'pending' : 'idle'}
        {error instanceof Error ? ` ${error.message}` : ''}
      </button>
      <button id="reset" type="button" onClick={reset} />
    </>
  );
}

const click = (page: Page, id: string) => page.run(() => page.container.querySelector<HTMLElement>(`#${id}`)?.click());

describe('useSignOut', () => {
  test('ends the session, then signs the user out in all tabs without another request', async () => {
    const outcomes: string[] = [];
    const onIdentityChange = vi.fn();
    const page = await mount(
      <SessionProvider session={signedIn()} client={client} onIdentityChange={onIdentityChange}>
        <Status />
        <SignOutButton onDone={(outcome) => outcomes.push(outcome)} />
      </SessionProvider>,
    );
    await click(page, 'out');
    expect(page.text()).toBe('authenticated pending');
    await nth(client.destroys, 0).answer({ cookieCleared: true });
    expect(page.text()).toBe('unauthenticated idle');
    expect(outcomes).toEqual(['done']);
    expect(onIdentityChange).toHaveBeenCalledTimes(1);
    expect(FakeChannel.posted).toHaveLength(1);
    expect(client.get).not.toHaveBeenCalled();
  });

  test('a session that was read before the sign-out does not come back', async () => {
    const toApp = (session: Promise<ReturnType<typeof signedIn>>) => (
      <SessionProvider session={session} client={client}>
        <Status />
        <SignOutButton />
      </SessionProvider>
    );
    let resolve = (_: ReturnType<typeof signedIn>): void => {};
    const page = await mount(toApp(Promise.resolve(signedIn())));
    await page.render(toApp(new Promise((done) => (resolve = done))));
    await click(page, 'out');
    await nth(client.destroys, 0).answer(null);
    await page.run(() => resolve(signedIn({ at: 1_500 })));
    expect(page.text()).toBe('unauthenticated idle');
    await nth(client.gets, 0).answer(signedOut(3_000));
    expect(page.text()).toBe('unauthenticated idle');
  });

  test('that fails keeps the user, and has the error in the hook and in the promise, until reset', async () => {
    const outcomes: string[] = [];
    const page = await mount(
      <SessionProvider session={signedIn()} client={client}>
        <Status />
        <SignOutButton onDone={(outcome) => outcomes.push(outcome)} />
      </SessionProvider>,
    );
    await click(page, 'out');
    await nth(client.destroys, 0).fail(networkError);
    expect(page.text()).toBe('authenticated idle Failed to fetch');
    expect(outcomes).toEqual(['Failed to fetch']);
    await click(page, 'reset');
    expect(page.text()).toBe('authenticated idle');
  });

  test('whose response was lost signs the user out after the server has confirmed it', async () => {
    const page = await mount(
      <SessionProvider session={signedIn()} client={client}>
        <Status />
        <SignOutButton />
      </SessionProvider>,
    );
    await click(page, 'out');
    await nth(client.destroys, 0).fail(networkError);
    await nth(client.gets, 0).answer(signedOut(2_000));
    await nth(client.gets, 1).answer(signedOut(2_001));
    expect(page.text()).toContain('unauthenticated');
  });

  test('without `destroy` in the client says what to add', async () => {
    const { get, set } = client;
    const page = await mount(
      <SessionProvider session={signedIn()} client={{ get, set }}>
        <SignOutButton />
      </SessionProvider>,
    );
    await click(page, 'out');
    expect(page.text()).toBe('idle The client has no `destroy`.');
  });
});

test('reset of useSetSession removes the error, and leaves a pending change alone', async () => {
  function Theme(): ReactNode {
    const { setSession, isPending, error, reset } = useSetSession();
    return (
      <>
        <button id="set" type="button" onClick={() => setSession({ theme: 'dark' })}>
          {isPending ? 'pending' : 'idle'} {error ? 'failed' : ''}
        </button>
        <button id="reset" type="button" onClick={reset} />
      </>
    );
  }
  const page = await mount(
    <SessionProvider session={signedIn()} client={client}>
      <Theme />
    </SessionProvider>,
  );
  await click(page, 'set');
  await nth(client.sets, 0).fail(trpcError('BAD_REQUEST', 400));
  expect(page.text()).toBe('idle failed');
  await click(page, 'reset');
  expect(page.text()).toBe('idle ');
  await click(page, 'set');
  await click(page, 'reset');
  expect(page.text()).toBe('pending ');
});

test.each([
  ['signed in', signedIn(), 'in'],
  ['signed out', signedOut(1_000), 'out'],
  ['unavailable', unavailable(1_000), ''],
  ['loading', new Promise<never>(() => {}), ''],
])('SignedIn and SignedOut show their children if the session is %s', async (_, session, shown) => {
  const page = await mount(
    <SessionProvider session={session} client={client}>
      <SignedIn>in</SignedIn>
      <SignedOut>out</SignedOut>
    </SessionProvider>,
  );
  expect(page.text()).toBe(shown);
});
