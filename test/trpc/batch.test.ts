import { describe, expect, test } from 'vitest';
import { testApp } from './_support/app.ts';
import { Visitor } from './_support/client.ts';
import { type AdapterName, serve } from './_support/servers.ts';

const input = { name: 'Ada' };
/** Two that write headers in different ways. */
const adapters: readonly AdapterName[] = ['fetch', 'standalone'];

async function setting(adapter: AdapterName) {
  const app = testApp();
  const server = await serve(adapter, app);
  const visitor = new Visitor();
  const client = visitor.client(server, 'httpBatchLink');
  /** The live sessions of a subject, and whether the visitor's cookie opens one: they have to agree. */
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
  test('is one request, one session and one read', async () => {
    await using it = await setting(adapter);
    await it.client.direct.signIn.mutate();
    it.app.calls.length = 0;
    const { responses } = it.visitor;
    const before = responses.length;
    const answers = await Promise.all(Array.from({ length: 20 }, () => it.client.me.query()));
    expect(new Set(answers)).toEqual(new Set(['Ada']));
    expect(responses.length - before).toBe(1);
    expect(it.app.calls).toEqual(['read']);
  });

  test('of parallel updates loses none', async () => {
    await using it = await setting(adapter);
    await it.client.direct.signIn.mutate();
    await Promise.all(Array.from({ length: 10 }, () => it.client.slow.update.mutate(input)));
    expect(await it.client.visits.query()).toBe(10);
  });

  test('of a sign-in and a sign-out does them in the order in which they were sent', async () => {
    await using it = await setting(adapter);
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

  test('of two that take unequally long goes by which reaches the session last, and cookie and record agree', async () => {
    await using it = await setting(adapter);
    await Promise.all([it.client.slow.signIn.mutate(input), it.client.direct.signOut.mutate()]);
    expect(it.visitor.setCookies).toHaveLength(1);
    expect(await it.state()).toEqual(signedIn);
    await Promise.all([it.client.slow.signOut.mutate(input), it.client.direct.signIn.mutate()]);
    expect(it.visitor.setCookies).toHaveLength(1);
    expect(await it.state()).toEqual(signedOut);
  });

  test('of two sign-ins leaves one session, the last, and one cookie', async () => {
    await using it = await setting(adapter);
    await Promise.all([it.client.signInAs.mutate('ada'), it.client.signInAs.mutate('grace')]);
    expect(it.visitor.setCookies).toHaveLength(1);
    expect(await it.state('ada')).toEqual({ sessions: 0, me: 'grace' });
    expect(await it.state('grace')).toEqual({ sessions: 1, me: 'grace' });
    await Promise.all(Array.from({ length: 5 }, () => it.client.direct.signIn.mutate()));
    expect(it.visitor.setCookies).toHaveLength(1);
    expect(await it.state('grace')).toEqual({ sessions: 0, me: 'Ada' });
    expect(await it.state()).toEqual(signedIn);
  });

  test('of a sign-in and a new token leaves one session and one cookie', async () => {
    await using it = await setting(adapter);
    await it.client.direct.signIn.mutate();
    await Promise.all([it.client.direct.signIn.mutate(), it.client.slow.regenerate.mutate(input)]);
    expect(it.visitor.setCookies).toHaveLength(1);
    expect(await it.state()).toEqual(signedIn);
  });

  test('lets a guarded call beside a sign-in see the session that was there when it was asked', async () => {
    await using it = await setting(adapter);
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

  test('shows a guarded call after a sign-in the new session', async () => {
    await using it = await setting(adapter);
    const [, update] = await Promise.allSettled([
      it.client.direct.signIn.mutate(),
      it.client.slow.update.mutate(input),
    ]);
    expect(update.status).toBe('fulfilled');
    expect(await it.client.visits.query()).toBe(1);
  });

  test('delivers the cookie of one call where another fails', async () => {
    await using it = await setting(adapter);
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

  test('keeps the session of a call that fails after it signed in', async () => {
    await using it = await setting(adapter);
    const results = await Promise.allSettled([
      it.client.signInThenFail.mutate(input),
      it.client.direct.signOut.mutate(),
    ]);
    expect(results).toMatchObject([{ reason: { data: { code: 'CONFLICT', session: null } } }, { status: 'fulfilled' }]);
    expect(it.visitor.setCookies).toHaveLength(1);
    expect(await it.state()).toEqual(signedIn);
  });

  test('that streams refuses the sign-in and runs the rest', async () => {
    await using it = await setting(adapter);
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

  test('with an unknown procedure in it is still one read', async () => {
    await using it = await setting(adapter);
    await it.client.direct.signIn.mutate();
    it.app.calls.length = 0;
    const response = await it.visitor.fetch(`${it.server.url}/unknown,me,visits?batch=1&input=%7B%7D`);
    expect(await response.json()).toMatchObject([{ error: {} }, { result: {} }, { result: {} }]);
    expect(it.app.calls).toEqual(['read']);
  });
});
