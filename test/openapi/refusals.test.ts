import { randomUUID } from 'node:crypto';
import { TRPCError } from '@trpc/server';
import superjson from 'superjson';
import { anyOf, first, freshWithin, matches, refuse, type SessionTransport } from 'trpc-session';
import { memoryStore } from 'trpc-session/stores/memory';
import { faultyStore, signInAs } from 'trpc-session/testing';
import { cookie } from 'trpc-session/transports/cookie';
import { bearer, header } from 'trpc-session/transports/header';
import { describe, expect, test } from 'vitest';
import { ada, grace, testClock } from '../_support/sessions.ts';
import { type AppOptions, type FormatterOptions, openApiApp, requestFor } from './_support/app.ts';
import { answerOf, mismatch, operationAt } from './_support/document.ts';

/** An app with one guarded procedure of each kind, over a store that can be made to fail and a clock that can be moved. */
async function guardedApp(options: AppOptions = {}) {
  const clock = testClock();
  const plan: Parameters<typeof faultyStore>[1][number][] = [];
  const store = faultyStore(memoryStore({ name: randomUUID(), now: clock.now }), plan);
  const app = openApiApp({ store, now: clock.now, ...options });
  const { t, requireSession } = app;
  const isVerified = () => refuse('Confirm your e-mail first.');
  const router = t.router({
    read: t.procedure.use(requireSession()).query(() => 'read'),
    write: t.procedure.use(requireSession()).mutation(() => 'written'),
    fresh: t.procedure.use(requireSession(freshWithin('5m'))).query(() => 'fresh'),
    admin: t.procedure.use(requireSession(matches({ role: 'admin' }))).query(() => 'admin'),
    own: t.procedure.use(requireSession(isVerified)).query(() => 'own'),
    stepUp: t.procedure
      .use(requireSession(anyOf(matches({ role: 'admin' }), freshWithin('5m')), isVerified))
      .mutation(() => 'up'),
  });
  const document = app.describe(router);
  const { headers } = await signInAs(app.sessions, ada);
  const call = async (path: string, sent: HeadersInit = {}) => {
    const response = await app.serve(router, requestFor(document, path, { headers: sent }));
    return { status: response.status, body: await response.json() };
  };
  const failing = () => plan.push({ operation: 'read', at: 'before', fault: 'throw' });
  return { ...app, router, document, headers, call, clock, failing };
}

type GuardedApp = Awaited<ReturnType<typeof guardedApp>>;

const refusals: readonly (readonly [string, string, (app: GuardedApp) => ReturnType<GuardedApp['call']>])[] = [
  ['missing', 'read', ({ call }) => call('read')],
  [
    'expired',
    'read',
    ({ call, clock, headers }) => {
      clock.advance(7 * 60 * 60_000);
      return call('read', headers);
    },
  ],
  [
    'stale',
    'fresh',
    ({ call, clock, headers }) => {
      clock.advance(6 * 60_000);
      return call('fresh', headers);
    },
  ],
  ['refused', 'admin', ({ call, headers }) => call('admin', headers)],
  ['refused', 'own', ({ call, headers }) => call('own', headers)],
  [
    'unavailable',
    'read',
    ({ call, failing, headers }) => {
      failing();
      return call('read', headers);
    },
  ],
];

const statuses: Readonly<Record<string, number>> = {
  missing: 401,
  expired: 401,
  stale: 401,
  refused: 403,
  'cross-site': 403,
  unavailable: 503,
};

function reasonIn(body: { error: { json?: Shape } & Shape }): unknown {
  return (body.error.json ?? body.error).data?.session?.reason;
}

interface Shape {
  readonly data?: { readonly session?: { readonly reason: string } | null };
}

const transports: readonly (readonly [string, SessionTransport])[] = [
  ['a cookie', cookie()],
  ['a bearer token', bearer()],
  ['a header', header('x-session')],
  ['a cookie or a bearer token', first(cookie(), bearer())],
];

describe.each(transports)('with %s', (_, transport) => {
  describe.each([
    ['no transformer', undefined],
    ['superjson', superjson],
  ])('and %s', (_, transformer) => {
    test.each(refusals)('a refusal as %s, of `%s`, is what the document says', async (reason, path, provoke) => {
      const app = await guardedApp({ transport, ...(transformer && { transformer }) });
      const { status, body } = await provoke(app);
      expect([status, reasonIn(body)]).toEqual([statuses[reason], reason]);
      expect(mismatch(app.document, answerOf(app.document, path, status), body)).toBe(null);
      for (const other of [401, 403, 503].filter((other) => other !== status)) {
        expect(mismatch(app.document, answerOf(app.document, path, other), body)).not.toBe(null);
      }
    });
  });
});

describe('a request from another site', () => {
  const elsewhere = { 'sec-fetch-site': 'cross-site' };

  test('is refused to a mutation, and the document says so, where browsers send the credential by themselves', async () => {
    const { call, document, headers } = await guardedApp();
    const { status, body } = await call('write', { ...Object.fromEntries(headers), ...elsewhere });
    expect([status, reasonIn(body)]).toEqual([403, 'cross-site']);
    expect(mismatch(document, answerOf(document, 'write', 403), body)).toBe(null);
  });

  test('is let in, and the document says nothing of it, where they do not', async () => {
    const { call, document, headers } = await guardedApp({ transport: bearer() });
    expect((await call('write', { ...Object.fromEntries(headers), ...elsewhere })).status).toBe(200);
    expect(answerOf(document, 'write', 403)).toBeUndefined();
  });

  test('is let in to a query, of which the document says nothing either', async () => {
    const { call, document, headers } = await guardedApp();
    expect((await call('read', { ...Object.fromEntries(headers), ...elsewhere })).status).toBe(200);
    expect(answerOf(document, 'read', 403)).toBeUndefined();
  });
});

describe('the reasons of an operation', () => {
  test('are those that its verifiers and its method allow', async () => {
    const { document } = await guardedApp();
    const reasons = Object.keys(document.paths).map((path) => {
      const facts = operationAt(document, path.slice(1))['x-session'] as { reasons: readonly string[] };
      return [path, facts.reasons.join(' ')];
    });
    expect(Object.fromEntries(reasons)).toMatchInlineSnapshot(`
      {
        "/admin": "missing expired refused unavailable",
        "/fresh": "missing expired stale unavailable",
        "/own": "missing expired stale refused unavailable",
        "/read": "missing expired unavailable",
        "/stepUp": "missing expired stale refused cross-site unavailable",
        "/write": "missing expired cross-site unavailable",
      }
    `);
  });
});

describe('an error that is not of the session', () => {
  test.each([401, 403, 503])('has the documented body of its status, %i, with no reason', async (status) => {
    const app = openApiApp();
    const codes = { 401: 'UNAUTHORIZED', 403: 'FORBIDDEN', 503: 'SERVICE_UNAVAILABLE' } as const;
    const fail = app.t.procedure.use(app.requireSession(() => true)).query(() => {
      throw new TRPCError({ code: codes[status as 401], message: 'The procedure says so.' });
    });
    const router = app.t.router({ fail });
    const document = app.describe(router);
    const { headers } = await signInAs(app.sessions, grace);
    const response = await app.serve(router, requestFor(document, 'fail', { headers }));
    expect(response.status).toBe(status);
    expect(mismatch(document, answerOf(document, 'fail', status), await response.json())).toBe(null);
  });

  test('has the documented body of any other error', async () => {
    const app = openApiApp();
    const router = app.t.router({
      ask: app.t.procedure.input((input) => input as { id: string }).query(({ input }) => input.id),
    });
    const document = app.describe(router);
    const response = await app.serve(router, requestFor(document, 'ask'));
    expect(response.status).toBe(500);
    expect(mismatch(document, answerOf(document, 'ask', 'default'), await response.json())).toBe(null);
  });
});

describe('what an app does to the shape of errors', () => {
  test('without our formatter no reason is promised, and none comes', async () => {
    const { call, document } = await guardedApp({ errorFormatter: 'none' });
    const { status, body } = await call('read');
    expect(body.error.data).not.toHaveProperty('session');
    expect(mismatch(document, answerOf(document, 'read', status), body)).toBe(null);
    expect(JSON.stringify(answerOf(document, 'read', 401)?.content)).not.toContain('session');
  });

  test.each([
    ['has a number of its own', () => ({ message: 'no', code: -1, data: {} })],
    ['keeps the number alone', ({ shape }: FormatterOptions) => ({ ...shape, data: {} })],
    ['keeps all but the status', ({ shape }: FormatterOptions) => ({ ...shape, data: { code: shape.data.code } })],
    ['fails without a context', ({ ctx, shape }: FormatterOptions) => ({ ...shape, message: ctx.session.toString() })],
  ])('a formatter that %s decides over the status too, so that no status is promised', async (_, errorFormatter) => {
    const { call, document, failing } = await guardedApp({ errorFormatter });
    failing();
    for (const path of ['read', 'write']) {
      const { body } = await call(path);
      expect(Object.keys(operationAt(document, path).responses as object)).toEqual(['200', 'default']);
      expect(mismatch(document, answerOf(document, path, 'default'), body)).toBe(null);
      expect(answerOf(document, path, 'default')?.description).toContain('`unavailable`');
    }
  });

  test('a formatter of one procedure leaves open what that procedure answers, and no more', async () => {
    const app = openApiApp();
    const { t, requireSession } = app;
    const own = t.procedure.errors(({ shape }) => ({ ...shape, data: { ...shape.data, httpStatus: 418 } }));
    const router = t.router({
      own: own.use(requireSession()).query(() => 1),
      usual: t.procedure.use(requireSession()).query(() => 1),
    });
    const document = app.describe(router);
    const [teapot, usual] = await Promise.all(
      ['own', 'usual'].map((path) => app.serve(router, requestFor(document, path))),
    );
    expect([teapot?.status, usual?.status]).toEqual([418, 401]);
    expect(answerOf(document, 'own', 401)).toBeUndefined();
    expect(mismatch(document, answerOf(document, 'own', 'default'), await teapot?.json())).toBe(null);
    expect(mismatch(document, answerOf(document, 'usual', 401), await usual?.json())).toBe(null);
  });
});
