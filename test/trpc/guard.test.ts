import { initTRPC } from '@trpc/server';
import { anyOf, freshWithin, matches, refuse } from 'trpc-session';
import { createTrpcSession } from 'trpc-session/trpc';
import { describe, expect, test } from 'vitest';
import { ada, Browser, createAccountSessions } from '../_support/sessions.ts';

function setUp() {
  const { sessions, clock, calls, events } = createAccountSessions();
  const { createContext, requireSession } = createTrpcSession(sessions);
  const t = initTRPC.context<typeof createContext>().create();
  const browser = new Browser(sessions);
  type Guard = ReturnType<typeof requireSession>;
  const call = (first: Guard, ...others: Guard[]) => {
    const guarded = others.reduce((procedure, guard) => procedure.use(guard), t.procedure.use(first));
    const router = t.router({ ask: guarded.query(({ ctx }) => ctx.session) });
    return router.createCaller({ session: browser.request() }).ask();
  };
  return { t, sessions, clock, calls, events, browser, requireSession, call };
}

describe('requireSession', () => {
  test('passes on the session that it read, frozen and with its methods', async () => {
    const { browser, call, requireSession } = setUp();
    await browser.request().start(ada);
    const session = await call(requireSession());
    expect(session).toMatchObject({ data: ada, revision: 1, id: expect.any(String) });
    expect(session.data).toSatisfy(Object.isFrozen);
    expect(await session.update({ visits: 3 })).toMatchObject({ data: { visits: 3 }, revision: 2 });
    expect(session).toMatchObject({ data: { visits: 0 } });
  });

  test('all guards of a procedure must pass, and they read the session once', async () => {
    const { browser, call, calls, requireSession } = setUp();
    await browser.request().start(ada);
    calls.length = 0;
    await call(requireSession(), requireSession(matches({ role: 'member' })));
    expect(calls).toEqual(['read']);
    await expect(call(requireSession(), requireSession(matches({ role: 'admin' })))).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
  });

  test.each([
    ['a function that returns false', () => false, 'FORBIDDEN', 'REFUSED'],
    ['a function that resolves to false', async () => false, 'FORBIDDEN', 'REFUSED'],
    ['a function that returns another truthy value', () => 1 as never, 'FORBIDDEN', 'REFUSED'],
    ['a refusal with a message', () => refuse('Confirm your e-mail first.'), 'FORBIDDEN', 'REFUSED'],
    ['a refusal with the code STALE', () => refuse(undefined, { code: 'STALE' }), 'UNAUTHORIZED', 'STALE'],
    [
      'anyOf, when no branch passes',
      anyOf((data: { visits: number }) => data.visits > 5, matches({ role: 'admin' })),
      'FORBIDDEN',
      'REFUSED',
    ],
  ])('refuses: %s', async (_, verifier, code, cause) => {
    const { browser, call, requireSession } = setUp();
    await browser.request().start(ada);
    await expect(call(requireSession(verifier))).rejects.toMatchObject({ code, cause: { code: cause } });
  });

  test('refuses a sign-in that is too long ago until the user has confirmed their password', async () => {
    const { browser, call, clock, requireSession } = setUp();
    await browser.request().start(ada);
    clock.advance(6 * 60_000);
    const guard = requireSession(freshWithin('5m'));
    await expect(call(guard)).rejects.toMatchObject({ code: 'UNAUTHORIZED', cause: { reason: 'stale' } });
    await browser.request().regenerate({ reauthenticated: true });
    expect(await call(guard)).toMatchObject({ data: ada });
  });

  test('reports an error that a verifier throws as a failure, not as a refusal', async () => {
    const { browser, call, requireSession } = setUp();
    await browser.request().start(ada);
    const broken = () => {
      throw new RangeError('out of tides');
    };
    await expect(call(requireSession(broken))).rejects.toMatchObject({
      code: 'INTERNAL_SERVER_ERROR',
      cause: { name: 'RangeError' },
    });
  });

  test('emits one event for a refusal', async () => {
    const { call, events, requireSession } = setUp();
    await expect(call(requireSession())).rejects.toThrow();
    expect(events).toEqual([{ type: 'rejected', reason: 'missing' }]);
  });

  test('returns outputs that are no streams unchanged', async () => {
    const { t, browser, requireSession } = setUp();
    await browser.request().start(ada);
    const outputs = [null, undefined, 0, '', [1], { then: 1 }, new Map([[1, 2]]), new Date(0)];
    for (const output of outputs) {
      const router = t.router({ ask: t.procedure.use(requireSession()).query(() => output) });
      expect(await router.createCaller({ session: browser.request() }).ask()).toBe(output);
    }
  });
});
