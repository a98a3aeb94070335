// @vitest-environment jsdom
import { createTRPCClient, type TRPCLink } from '@trpc/client';
import { observable } from '@trpc/server/observable';
import { SessionError } from 'trpc-session';
import { createReactSession, type SessionClient, type SetSession, type TrpcSessionClient } from 'trpc-session/react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ada, networkError, signedIn, trpcError, unauthorized } from './_support/answers.ts';
import { flush, nth } from './_support/fake-client.ts';
import { mount } from './_support/render.tsx';
import type { Patch, sessions, View } from './_support/sessions.ts';
import { closeTabs, openTab, stubChannels } from './_support/tab.tsx';

const { SessionProvider, useSession, useSetSession } = createReactSession<typeof sessions>();
const dark = { ...ada, theme: 'dark' } as const;

beforeEach(stubChannels);
afterEach(closeTabs);

/** Mounts a provider without a session, so that it reads it with `get`. */
async function mountWith(client: SessionClient<View, Patch>) {
  let setter: SetSession<View, Patch> | undefined;
  function Who() {
    const { status, data, error } = useSession();
    setter = useSetSession();
    return `${status} ${data?.theme ?? '-'} ${error?.cause instanceof Error ? error.cause.message : '-'}`;
  }
  const page = await mount(
    <SessionProvider client={client}>
      <Who />
    </SessionProvider>,
  );
  await page.run(flush);
  return { page, setSession: (patch: Patch) => page.run(() => setter?.setSession(patch)) };
}

/** The `session` of a real tRPC client, whose link records the calls. */
function createTrpcSessionClient(calls: unknown[]): TrpcSessionClient<View, Patch> {
  const link: TRPCLink<never> =
    () =>
    ({ op }) => {
      calls.push([op.type, op.path, op.input]);
      return observable((observer) => {
        const data = op.type === 'query' ? signedIn() : signedIn({ revision: 2, data: dark });
        observer.next({ result: { type: 'data', data } });
        observer.complete();
      });
    };
  const client = createTRPCClient<never>({ links: [link] } as never) as unknown as {
    session: TrpcSessionClient<View, Patch>;
  };
  return client.session;
}

describe('the client of a provider', () => {
  test('of tRPC is read with a query and changed with a mutation, although its proxy is callable', async () => {
    const calls: unknown[] = [];
    const client = createTrpcSessionClient(calls);
    expect(typeof client.get).toBe('function');
    const { page, setSession } = await mountWith(client);
    expect(page.text()).toBe('authenticated light -');
    await setSession({ theme: 'dark' });
    expect(page.text()).toBe('authenticated dark -');
    expect(calls).toEqual([
      ['query', 'session.get', undefined],
      ['mutation', 'session.set', { theme: 'dark' }],
    ]);
  });

  test('of two functions is called as it is', async () => {
    const get = vi.fn(async () => signedIn());
    const set = vi.fn(async (_: Patch) => signedIn({ revision: 2, data: dark }));
    const { page, setSession } = await mountWith({ get, set });
    expect(page.text()).toBe('authenticated light -');
    await setSession({ theme: 'dark' });
    expect(page.text()).toBe('authenticated dark -');
    expect(get.mock.calls).toEqual([[]]);
    expect(set.mock.calls).toEqual([[{ theme: 'dark' }]]);
  });

  test('may throw synchronously: that counts as a failed request', async () => {
    const get = (): never => {
      throw networkError;
    };
    const { page } = await mountWith({ get, set: async () => signedIn() });
    expect(page.text()).toBe('unavailable - Failed to fetch');
  });
});

describe('an error of the client', () => {
  test.each([
    ['a tRPC UNAUTHORIZED', unauthorized],
    ['a 401 with another code', trpcError('OTHER', 401)],
    ['an UNAUTHORIZED without a status', Object.assign(new Error(), { data: { code: 'UNAUTHORIZED' } })],
    ['MISSING', new SessionError('MISSING')],
    ['EXPIRED', new SessionError('EXPIRED')],
  ])('%s signs the user out', async (_, error) => {
    const tab = await openTab();
    await nth(tab.client.gets, 0).fail(error);
    expect(tab.session()).toMatchObject({ status: 'unauthenticated', error: null });
  });

  test.each([
    ['a network error', networkError],
    ['SERVICE_UNAVAILABLE', trpcError('SERVICE_UNAVAILABLE', 503)],
    ['FORBIDDEN', trpcError('FORBIDDEN', 403)],
    ['UNAVAILABLE', new SessionError('UNAVAILABLE')],
    ['a string', 'UNAUTHORIZED'],
    ['null', null],
  ])('%s makes the session unavailable', async (_, error) => {
    const tab = await openTab();
    await nth(tab.client.gets, 0).fail(error);
    expect(tab.session()).toMatchObject({ status: 'unavailable', error: { cause: error } });
  });
});
