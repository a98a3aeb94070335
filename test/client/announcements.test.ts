// @vitest-environment jsdom
// Slow: it starts HTTP servers.
import { createTRPCClient, httpBatchLink } from '@trpc/client';
import superjson from 'superjson';
import { sessionFetch, sessionLink } from 'trpc-session/client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createTestApp, type TestRouter } from '../trpc/_support/app.ts';
import { Visitor } from '../trpc/_support/client.ts';
import { serve } from '../trpc/_support/servers.ts';

/** What was announced on the window. */
let announced: unknown[] = [];
const record = (event: Event): unknown => announced.push((event as CustomEvent).detail);

beforeEach(() => {
  announced = [];
  window.addEventListener('trpc-session', record);
});

afterEach(() => {
  window.removeEventListener('trpc-session', record);
  vi.unstubAllGlobals();
});

async function createSetting() {
  const app = createTestApp();
  const server = await serve('fetch', app);
  const { fetch } = new Visitor();
  const [url, transformer] = [server.url, superjson];
  const linked = createTRPCClient<TestRouter>({ links: [sessionLink({ url, transformer, fetch: fetch as never })] });
  vi.stubGlobal('fetch', wrapOnce(fetch));
  const fetched = createTRPCClient<TestRouter>({ links: [httpBatchLink({ url, transformer, fetch: sessionFetch })] });
  const revokeAll = () => app.sessions.of('ada').revokeAll();
  return { linked, fetched, revokeAll, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** The visitor's `fetch` calls the global one, which must then be the original. */
function wrapOnce(fetch: Visitor['fetch']): typeof globalThis.fetch {
  const original = globalThis.fetch;
  return async (input, init) => {
    vi.stubGlobal('fetch', original);
    const response = await fetch(input, init as never).finally(() => vi.stubGlobal('fetch', wrapOnce(fetch)));
    return response;
  };
}

describe.each(['linked', 'fetched'] as const)('a client whose responses are read (%s)', (name) => {
  test('announces a sign-in, a change, a new token and a sign-out', async () => {
    await using it = await createSetting();
    const { direct } = it[name];
    for (const call of ['signIn', 'update', 'regenerate', 'signOut'] as const) {
      announced = [];
      await direct[call].mutate();
      expect(announced).toEqual(['changed']);
    }
  });

  test('announces one change for a batch', async () => {
    await using it = await createSetting();
    await Promise.all([it[name].direct.signIn.mutate(), it[name].direct.update.mutate()]);
    expect(announced).toEqual(['changed']);
  });

  test('announces a change also if the call fails after it', async () => {
    await using it = await createSetting();
    await expect(it[name].signInThenFail.mutate({ name: 'Ada' })).rejects.toThrow('too late');
    expect(announced).toEqual(['changed']);
  });

  test('announces that a call was refused because the session was revoked elsewhere', async () => {
    await using it = await createSetting();
    await it[name].direct.signIn.mutate();
    await it.revokeAll();
    announced = [];
    await expect(it[name].me.query()).rejects.toThrow();
    expect(announced).toEqual(['refused']);
  });
});

describe('sessionLink', () => {
  test('announces a use after a call that succeeds, and nothing after one that fails', async () => {
    await using it = await createSetting();
    await it.linked.hello.query();
    expect(announced).toEqual(['used']);
    announced = [];
    await expect(it.linked.fails.mutate()).rejects.toThrow('no');
    await expect(it.linked.signInAs.mutate(1 as never)).rejects.toThrow();
    expect(announced).toEqual([]);
  });

  test('announces a refusal that a streamed response holds beside other results', async () => {
    await using it = await createSetting();
    const [hello, me] = await Promise.allSettled([it.linked.hello.query(), it.linked.me.query()]);
    expect([hello.status, me.status]).toEqual(['fulfilled', 'rejected']);
    expect(announced.toSorted()).toEqual(['refused', 'used']);
  });

  test('announces nothing of a call that a provider makes, because the provider has its result', async () => {
    await using it = await createSetting();
    const context = { 'trpc-session': true };
    await it.linked.direct.signIn.mutate(undefined, { context });
    await it.linked.hello.query(undefined, { context });
    expect(announced).toEqual([]);
  });

  test('announces nothing where there is no document', async () => {
    await using it = await createSetting();
    vi.stubGlobal('document', undefined);
    await it.linked.direct.signIn.mutate();
    expect(announced).toEqual([]);
  });
});
