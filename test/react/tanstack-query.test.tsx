// @vitest-environment jsdom
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { act, type ReactNode } from 'react';
import { createReactSession } from 'trpc-session/react';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bob, signedIn, signedOut } from './_support/answers.ts';
import { createFakeClient, type FakeClient, flush, nth } from './_support/fake-client.ts';
import { mount, type Page } from './_support/render.tsx';
import type { sessions } from './_support/sessions.ts';
import { closeTabs, stubChannels } from './_support/tab.tsx';

const { SessionProvider, useSession } = createReactSession<typeof sessions>();

/** The pending requests for messages. Each is answered with a name. */
let requests: ((name: string) => void)[];
let queryClient: QueryClient;
let client: FakeClient;

beforeEach(() => {
  stubChannels();
  requests = [];
  client = createFakeClient();
  queryClient = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity, retry: false } } });
});

afterEach(async () => {
  await closeTabs();
  queryClient.clear();
});

function User(): ReactNode {
  const { data } = useSession();
  return `${data?.name ?? 'signed out'}: `;
}

/** Renders when its query changes, and not when the user changes. */
function Messages(): ReactNode {
  const fetchMessages = () => new Promise<string>((resolve) => requests.push((name) => resolve(`messages of ${name}`)));
  const { data } = useQuery({ queryKey: ['messages'], queryFn: fetchMessages });
  return data ?? 'none';
}

async function openInbox(onIdentityChange: () => void): Promise<Page> {
  return mount(
    <QueryClientProvider client={queryClient}>
      <SessionProvider session={signedIn()} client={client} onIdentityChange={onIdentityChange} refreshPage={false}>
        <User />
        <Messages />
      </SessionProvider>
    </QueryClientProvider>,
  );
}

/** TanStack Query notifies its components in a timeout. */
async function answerMessages(index: number, name: string): Promise<void> {
  await act(async () => {
    nth(requests, index)(name);
    await flush();
    await new Promise((resolve) => setTimeout(resolve, 5));
  });
}

async function signInBob(): Promise<void> {
  window.dispatchEvent(new Event('focus'));
  await nth(client.gets, 0).answer(signedIn({ id: 'b', at: 2_000, data: bob }));
  await act(() => new Promise((resolve) => setTimeout(resolve, 5)));
}

const reset = () => void queryClient.resetQueries();

describe('with onIdentityChange={() => queryClient.resetQueries()}', () => {
  test('a mounted query shows nothing of the former user, and is fetched for the new one', async () => {
    const page = await openInbox(reset);
    await answerMessages(0, 'Ada');
    expect(page.text()).toBe('Ada: messages of Ada');
    await signInBob();
    expect(page.text()).toBe('Bob: none');
    await answerMessages(1, 'Bob');
    expect(page.text()).toBe('Bob: messages of Bob');
  });

  test('the answer to a request of the former user is dropped', async () => {
    const page = await openInbox(reset);
    await signInBob();
    await answerMessages(0, 'Ada');
    expect(page.text()).toBe('Bob: none');
    await answerMessages(1, 'Bob');
    expect(page.text()).toBe('Bob: messages of Bob');
  });

  test('after a sign-out, nothing of the user is shown', async () => {
    const page = await openInbox(reset);
    await answerMessages(0, 'Ada');
    window.dispatchEvent(new Event('focus'));
    await nth(client.gets, 0).answer(signedOut(2_000));
    await nth(client.gets, 1).answer(signedOut(2_001));
    await act(() => new Promise((resolve) => setTimeout(resolve, 5)));
    expect(page.text()).toBe('signed out: none');
  });
});

test('with queryClient.clear(), a mounted query goes on showing the former user: so the docs advise resetQueries', async () => {
  const page = await openInbox(() => queryClient.clear());
  await answerMessages(0, 'Ada');
  await signInBob();
  expect(page.text()).toBe('Bob: messages of Ada');
});
