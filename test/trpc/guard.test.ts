import { initTRPC } from '@trpc/server';
import { anyOf, freshWithin, matches, refuse } from 'trpc-session';
import { createTrpcSession } from 'trpc-session/trpc';
import { describe, expect, test } from 'vitest';
import { accountSessions, ada, Browser } from '../_support/sessions.ts';

function setting() {
  const { sessions, clock, calls, events } = accountSessions();
  const { createContext, requireSession } = createTrpcSession(sessions);
  const t = initTRPC.context<typeof createContext>().create();
  const browser = new Browser(sessions);
  const call = (...middlewares: Parameters<typeof t.procedure.use>[0][]) => {
    const guarded = middlewares.reduce((procedure, middleware) => procedure.use(middleware) as never, t.procedure);
    const router = t.router({ ask: guarded.query(({ ctx }) => ctx.session) });
    return router.createCaller({ session: browser.request() }).ask();
  };
  return { t, sessions, clock, calls, events, browser, requireSession, call };
}

describe('requireSession', () => {
  test('hands on the session that it saw, frozen, with its verbs', async () => {
    const { browser, call, requireSession } = setting();
    await browser.request().start(ada);
    const session = await call(requireSession() as never);
    expect(session).toMatchObject({ data: ada, revision: 1, id: expect.any(String) });
    expect((session as unknown as { data: object }).data).toSatisfy(Object.isFrozen);
    expect(await session.update({ visits: 3 })).toMatchObject({ data: { visits: 3 }, revision: 2 });
    expect(session).toMatchObject({ data: { visits: 0 } });
  });

  test('of several on one procedure all must pass, and they read once', async () => {
    const { browser, call, calls, requireSession } = setting();
    await browser.request().start(ada);
    calls.length = 0;
    await call(requireSession() as never, requireSession(matches({ role: 'member' })) as never);
    expect(calls).toEqual(['read']);
    await expect(
      call(requireSession() as never, requireSession(matches({ role: 'admin' })) as never),
    ).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  test.each([
    ['a function that says no', () => false, 'FORBIDDEN', 'REFUSED'],
    ['one that says so later', async () => false, 'FORBIDDEN', 'REFUSED'],
    ['one that answers something else that is true', () => 1 as never, 'FORBIDDEN', 'REFUSED'],
    ['words', () => refuse('Confirm your e-mail first.'), 'FORBIDDEN', 'REFUSED'],
    ['a refusal that signing in would cure', () => refuse(undefined, { code: 'STALE' }), 'UNAUTHORIZED', 'STALE'],
    [
      'none of several',
      anyOf((data: { visits: number }) => data.visits > 5, matches({ role: 'admin' })),
      'FORBIDDEN',
      'REFUSED',
    ],
  ])('refuses by %s', async (_, verifier, code, cause) => {
    const { browser, call, requireSession } = setting();
    await browser.request().start(ada);
    await expect(call(requireSession(verifier) as never)).rejects.toMatchObject({ code, cause: { code: cause } });
  });

  test('refuses a sign-in that was too long ago, until the password is confirmed', async () => {
    const { browser, call, clock, requireSession } = setting();
    await browser.request().start(ada);
    clock.advance(6 * 60_000);
    const guard = requireSession(freshWithin('5m')) as never;
    await expect(call(guard)).rejects.toMatchObject({ code: 'UNAUTHORIZED', cause: { reason: 'stale' } });
    await browser.request().regenerate({ reauthenticated: true });
    expect(await call(guard)).toMatchObject({ data: ada });
  });

  test('passes on what a verifier throws, as a failure and not as a refusal', async () => {
    const { browser, call, requireSession } = setting();
    await browser.request().start(ada);
    const broken = () => {
      throw new RangeError('out of tides');
    };
    await expect(call(requireSession(broken) as never)).rejects.toMatchObject({
      code: 'INTERNAL_SERVER_ERROR',
      cause: { name: 'RangeError' },
    });
  });

  test('tells of a refusal once', async () => {
    const { call, events, requireSession } = setting();
    await expect(call(requireSession() as never)).rejects.toThrow();
    expect(events).toEqual([{ type: 'rejected', reason: 'missing' }]);
  });

  test('leaves an answer alone that is no stream', async () => {
    const { t, browser, requireSession } = setting();
    await browser.request().start(ada);
    const answers = [null, undefined, 0, '', [1], { then: 1 }, new Map([[1, 2]]), new Date(0)];
    for (const answer of answers) {
      const router = t.router({ ask: t.procedure.use(requireSession()).query(() => answer) });
      expect(await router.createCaller({ session: browser.request() }).ask()).toBe(answer);
    }
  });
});
