import { createTRPCClient, type TRPCLink } from '@trpc/client';
import { observable } from '@trpc/server/observable';
import { describe, expect, test, vi } from 'vitest';
import { SessionError } from '../../src/index.ts';
import { isSignedOutError, type TrpcSessionClient, toActions } from '../../src/react/client.ts';
import { networkError, type Patch, signedIn, trpcError, unauthorized, type View } from './_support/answers.ts';

/** A real tRPC client's sub-proxy, whose link notes what is called. */
function trpcSession(calls: unknown[]): TrpcSessionClient<View, Patch> {
  const link: TRPCLink<never> =
    () =>
    ({ op }) => {
      calls.push([op.type, op.path, op.input]);
      return observable((observer) => {
        observer.next({ result: { type: 'data', data: signedIn() } });
        observer.complete();
      });
    };
  const client = createTRPCClient<never>({ links: [link] } as never) as unknown as {
    session: TrpcSessionClient<View, Patch>;
  };
  return client.session;
}

describe('actionsOf', () => {
  test('a tRPC proxy, which may itself be called, is asked by query and changed by mutate', async () => {
    const calls: unknown[] = [];
    const session = trpcSession(calls);
    expect(typeof session.get).toBe('function');
    const actions = toActions<View, Patch>(session);
    await expect(actions.get()).resolves.toEqual(signedIn());
    await expect(actions.set({ theme: 'dark' })).resolves.toEqual(signedIn());
    expect(calls).toEqual([
      ['query', 'session.get', undefined],
      ['mutation', 'session.set', { theme: 'dark' }],
    ]);
  });

  test('plain functions are called as they are', async () => {
    const get = vi.fn(async () => signedIn());
    const set = vi.fn(async (_: Patch) => signedIn({ revision: 2 }));
    const actions = toActions<View, Patch>({ get, set });
    await expect(actions.get()).resolves.toEqual(signedIn());
    await expect(actions.set({ theme: 'dark' })).resolves.toEqual(signedIn({ revision: 2 }));
    expect(get.mock.calls).toEqual([[]]);
    expect(set.mock.calls).toEqual([[{ theme: 'dark' }]]);
  });

  test('a function that throws at once rejects like any other', async () => {
    const get = (): never => {
      throw networkError;
    };
    await expect(toActions<View, never>({ get }).get()).rejects.toBe(networkError);
  });
});

describe('saysSignedOut', () => {
  test.each([
    ['a tRPC UNAUTHORIZED', unauthorized],
    ['a 401 under another code', trpcError('OTHER', 401)],
    ['an UNAUTHORIZED without a status', Object.assign(new Error(), { data: { code: 'UNAUTHORIZED' } })],
    ['MISSING', new SessionError('MISSING')],
    ['EXPIRED', new SessionError('EXPIRED')],
  ])('%s says so', (_, error) => {
    expect(isSignedOutError(error)).toBe(true);
  });

  test.each([
    ['a network error', networkError],
    ['SERVICE_UNAVAILABLE', trpcError('SERVICE_UNAVAILABLE', 503)],
    ['FORBIDDEN', trpcError('FORBIDDEN', 403)],
    ['UNAVAILABLE', new SessionError('UNAVAILABLE')],
    ['a string', 'UNAUTHORIZED'],
    ['nothing', null],
  ])('%s does not', (_, error) => {
    expect(isSignedOutError(error)).toBe(false);
  });
});
