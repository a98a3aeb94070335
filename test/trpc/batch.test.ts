// Slow: 100 batches run one after the other for each of two adapters, to see that the order never changes.
import { describe, expect, test } from 'vitest';
import { createTestApp } from './_support/app.ts';
import { Visitor } from './_support/client.ts';
import { type AdapterName, serve } from './_support/servers.ts';

const input = { name: 'Ada' };
/** Two adapters that write headers in different ways. */
const adapters: readonly AdapterName[] = ['fetch', 'standalone'];

async function setUp(adapter: AdapterName) {
  const app = createTestApp();
  const server = await serve(adapter, app);
  const visitor = new Visitor();
  const client = visitor.client(server, 'httpBatchLink');
  /** The number of live sessions of a user, and the name that the visitor's cookie leads to. The two must agree. */
  const state = async (subject = 'ada') => {
    const sessions = await app.sessions.of(subject).list();
    const me = await visitor.copy().client(server).maybe.query();
    return { sessions: sessions.length, me };
  };
  return { app, server, visitor, client, state, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const signedIn = { sessions: 1, me: 'Ada' };
const signedOut = { sessions: 0, me: null };

describe.each(adapters)('a batch through the %s adapter', (adapter) => {
  test('is one request and reads the session once', async () => {
    await using it = await setUp(adapter);
    await it.client.direct.signIn.mutate();
    it.app.calls.length = 0;
    const { responses } = it.visitor;
    const before = responses.length;
    const results = await Promise.all(Array.from({ length: 20 }, () => it.client.me.query()));
    expect(new Set(results)).toEqual(new Set(['Ada']));
    expect(responses.length - before).toBe(1);
    expect(it.app.calls).toEqual(['read']);
  });

  test('loses no update when all of its calls update the session', async () => {
    await using it = await setUp(adapter);
    await it.client.direct.signIn.mutate();
    await Promise.all(Array.from({ length: 10 }, () => it.client.slow.update.mutate(input)));
    expect(await it.client.visits.query()).toBe(10);
  });

  test('runs a sign-in and a sign-out in the order in which they were sent', async () => {
    await using it = await setUp(adapter);
    for (let round = 0; round < 50; round += 1) {
      const pace = round % 2 === 0 ? it.client.direct : it.client.slow;
      await Promise.all([pace.signIn.mutate(input as never), pace.signOut.mutate(input as never)]);
      expect(it.visitor.setCookies).toHaveLength(1);
      expect(await it.state()).toEqual(signedOut);
      await Promise.all([pace.signOut.mutate(input as never), pace.signIn.mutate(input as never)]);
      expect(it.visitor.setCookies).toHaveLength(1);
      expect(await it.state()).toEqual(signedIn);
    }
  });

  test('ends with the call that reached the session last, and cookie and store agree', async () => {
    await using it = await setUp(adapter);
    await Promise.all([it.client.slow.signIn.mutate(input), it.client.direct.signOut.mutate()]);
    expect(it.visitor.setCookies).toHaveLength(1);
    expect(await it.state()).toEqual(signedIn);
    await Promise.all([it.client.slow.signOut.mutate(input), it.client.direct.signIn.mutate()]);
    expect(it.visitor.setCookies).toHaveLength(1);
    expect(await it.state()).toEqual(signedOut);
  });

  test('leaves one session and one cookie after two sign-ins: those of the last', async () => {
    await using it = await setUp(adapter);
    await Promise.all([it.client.signInAs.mutate('ada'), it.client.signInAs.mutate('grace')]);
    expect(it.visitor.setCookies).toHaveLength(1);
    expect(await it.state('ada')).toEqual({ sessions: 0, me: 'grace' });
    expect(await it.state('grace')).toEqual({ sessions: 1, me: 'grace' });
    await Promise.all(Array.from({ length: 5 }, () => it.client.direct.signIn.mutate()));
    expect(it.visitor.setCookies).toHaveLength(1);
    expect(await it.state('grace')).toEqual({ sessions: 0, me: 'Ada' });
    expect(await it.state()).toEqual(signedIn);
  });

  test('leaves one session and one cookie after a sign-in and a regenerate', async () => {
    await using it = await setUp(adapter);
    await it.client.direct.signIn.mutate();
    await Promise.all([it.client.direct.signIn.mutate(), it.client.slow.regenerate.mutate(input)]);
    expect(it.visitor.setCookies).toHaveLength(1);
    expect(await it.state()).toEqual(signedIn);
  });

  test('gives a guarded call that runs before the sign-in no session', async () => {
    await using it = await setUp(adapter);
    const [signIn, update] = await Promise.allSettled([
      it.client.slow.signIn.mutate(input),
      it.client.direct.update.mutate(),
    ]);
    expect(signIn.status).toBe('fulfilled');
    expect(update).toMatchObject({ reason: { data: { code: 'UNAUTHORIZED', session: { reason: 'missing' } } } });
    expect(await it.state()).toEqual(signedIn);
    const [, after] = await Promise.allSettled([
      it.client.direct.signOut.mutate(),
      it.client.slow.update.mutate(input),
    ]);
    expect(after).toMatchObject({ reason: { data: { code: 'UNAUTHORIZED' } } });
  });

  test('gives a guarded call that runs after the sign-in the new session', async () => {
    await using it = await setUp(adapter);
    const [, update] = await Promise.allSettled([
      it.client.direct.signIn.mutate(),
      it.client.slow.update.mutate(input),
    ]);
    expect(update.status).toBe('fulfilled');
    expect(await it.client.visits.query()).toBe(1);
  });

  test('delivers the cookie of one call if another call fails', async () => {
    await using it = await setUp(adapter);
    for (const order of [0, 1]) {
      const calls = [() => it.client.direct.signIn.mutate(), () => it.client.fails.mutate()];
      if (order === 1) calls.reverse();
      const results = await Promise.allSettled(calls.map((call) => call()));
      expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      expect(it.visitor.last.status).toBe(207);
      expect(it.visitor.setCookies).toHaveLength(1);
      expect(await it.state()).toEqual(signedIn);
      await it.client.direct.signOut.mutate();
    }
  });

  test('keeps the session of a call that failed after it had signed in', async () => {
    await using it = await setUp(adapter);
    const results = await Promise.allSettled([
      it.client.signInThenFail.mutate(input),
      it.client.direct.signOut.mutate(),
    ]);
    expect(results).toMatchObject([{ reason: { data: { code: 'CONFLICT', session: null } } }, { status: 'fulfilled' }]);
    expect(it.visitor.setCookies).toHaveLength(1);
    expect(await it.state()).toEqual(signedIn);
  });

  test('refuses a sign-in in a streamed batch and runs the other calls', async () => {
    await using it = await setUp(adapter);
    const client = it.visitor.client(it.server, 'httpBatchStreamLink');
    await it.client.direct.signIn.mutate();
    const results = await Promise.allSettled([
      client.direct.update.mutate(),
      client.signInAs.mutate('grace'),
      client.slow.update.mutate(input),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(it.visitor.setCookies).toEqual([]);
    expect(await it.state('grace')).toEqual({ sessions: 0, me: 'Ada' });
    expect(await it.client.visits.query()).toBe(2);
  });

  test('reads the session once if one procedure is unknown', async () => {
    await using it = await setUp(adapter);
    await it.client.direct.signIn.mutate();
    it.app.calls.length = 0;
    const response = await it.visitor.fetch(`${it.server.url}/unknown,me,visits?batch=1&input=%7B%7D`);
    expect(await response.json()).toMatchObject([{ error: {} }, { result: {} }, { result: {} }]);
    expect(it.app.calls).toEqual(['read']);
  });
});
