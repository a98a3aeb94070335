import { randomUUID } from 'node:crypto';
import { TRPCError } from '@trpc/server';
import superjson from 'superjson';
import { anyOf, first, freshWithin, matches, refuse } from 'trpc-session';
import { memoryStore } from 'trpc-session/stores/memory';
import { createTestClock, faultyStore, signInAs } from 'trpc-session/testing';
import type { SessionTransport } from 'trpc-session/transports';
import { cookie } from 'trpc-session/transports/cookie';
import { bearer, header } from 'trpc-session/transports/header';
import { describe, expect, test } from 'vitest';
import { ada, grace } from '../_support/sessions.ts';
import { type AppOptions, createOpenApiApp, createRequest, type FormatterOptions } from './_support/app.ts';
import { findMismatch, getOperation, getResponse } from './_support/document.ts';

/** Creates an app with guarded procedures of each kind, a store that can fail and a clock that can be moved. */
async function createGuardedApp(options: AppOptions = {}) {
  const clock = createTestClock();
  const plan: Parameters<typeof faultyStore>[1][number][] = [];
  const store = faultyStore(memoryStore({ name: randomUUID(), now: clock.now }), plan);
  const app = createOpenApiApp({ store, now: clock.now, ...options });
  const { t, requireSession } = app;
  const requireVerifiedEmail = () => refuse('Confirm your e-mail first.');
  const router = t.router({
    read: t.procedure.use(requireSession()).query(() => 'read'),
    write: t.procedure.use(requireSession()).mutation(() => 'written'),
    fresh: t.procedure.use(requireSession(freshWithin('5m'))).query(() => 'fresh'),
    admin: t.procedure.use(requireSession(matches({ role: 'admin' }))).query(() => 'admin'),
    own: t.procedure.use(requireSession(requireVerifiedEmail)).query(() => 'own'),
    stepUp: t.procedure
      .use(requireSession(anyOf(matches({ role: 'admin' }), freshWithin('5m')), requireVerifiedEmail))
      .mutation(() => 'up'),
  });
  const document = app.describe(router);
  const { headers } = await signInAs(app.sessions, ada);
  const call = async (path: string, sent: HeadersInit = {}) => {
    const response = await app.serve(router, createRequest(document, path, { headers: sent }));
    return { status: response.status, body: await response.json() };
  };
  const breakStore = () => plan.push({ operation: 'read', at: 'before', fault: 'throw' });
  return { ...app, router, document, headers, call, clock, breakStore };
}

type GuardedApp = Awaited<ReturnType<typeof createGuardedApp>>;

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
    ({ call, breakStore, headers }) => {
      breakStore();
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

function getReason(body: { error: { json?: Shape } & Shape }): unknown {
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
    test.each(refusals)('the body of the refusal `%s` of %s matches the document', async (reason, path, provoke) => {
      const app = await createGuardedApp({ transport, ...(transformer && { transformer }) });
      const { status, body } = await provoke(app);
      expect([status, getReason(body)]).toEqual([statuses[reason], reason]);
      expect(findMismatch(app.document, getResponse(app.document, path, status), body)).toBe(null);
      for (const other of [401, 403, 503].filter((other) => other !== status)) {
        expect(findMismatch(app.document, getResponse(app.document, path, other), body)).not.toBe(null);
      }
    });
  });
});

describe('a request from another site', () => {
  const fromOtherSite = { 'sec-fetch-site': 'cross-site' };

  test('to a mutation is refused, and the document says so, if browsers send the credential automatically', async () => {
    const { call, document, headers } = await createGuardedApp();
    const { status, body } = await call('write', { ...Object.fromEntries(headers), ...fromOtherSite });
    expect([status, getReason(body)]).toEqual([403, 'cross-site']);
    expect(findMismatch(document, getResponse(document, 'write', 403), body)).toBe(null);
  });

  test('to a mutation is accepted, and the document omits the refusal, if browsers do not', async () => {
    const { call, document, headers } = await createGuardedApp({ transport: bearer() });
    expect((await call('write', { ...Object.fromEntries(headers), ...fromOtherSite })).status).toBe(200);
    expect(getResponse(document, 'write', 403)).toBeUndefined();
  });

  test('to a query is accepted, and the document omits the refusal', async () => {
    const { call, document, headers } = await createGuardedApp();
    expect((await call('read', { ...Object.fromEntries(headers), ...fromOtherSite })).status).toBe(200);
    expect(getResponse(document, 'read', 403)).toBeUndefined();
  });
});

describe('the reasons of an operation', () => {
  test('are only those that its verifiers and its method make possible', async () => {
    const { document } = await createGuardedApp();
    const reasons = Object.keys(document.paths).map((path) => {
      const extension = getOperation(document, path.slice(1))['x-session'] as { reasons: readonly string[] };
      return [path, extension.reasons.join(' ')];
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

describe('an error that a procedure throws itself', () => {
  test.each([401, 403, 503])('with status %i has the documented body, without a reason', async (status) => {
    const app = createOpenApiApp();
    const codes = { 401: 'UNAUTHORIZED', 403: 'FORBIDDEN', 503: 'SERVICE_UNAVAILABLE' } as const;
    const fail = app.t.procedure.use(app.requireSession(() => true)).query(() => {
      throw new TRPCError({ code: codes[status as 401], message: 'Thrown by the procedure.' });
    });
    const router = app.t.router({ fail });
    const document = app.describe(router);
    const { headers } = await signInAs(app.sessions, grace);
    const response = await app.serve(router, createRequest(document, 'fail', { headers }));
    expect(response.status).toBe(status);
    expect(findMismatch(document, getResponse(document, 'fail', status), await response.json())).toBe(null);
  });

  test('with any other status has the documented default body', async () => {
    const app = createOpenApiApp();
    const router = app.t.router({
      ask: app.t.procedure.input((input) => input as { id: string }).query(({ input }) => input.id),
    });
    const document = app.describe(router);
    const response = await app.serve(router, createRequest(document, 'ask'));
    expect(response.status).toBe(500);
    expect(findMismatch(document, getResponse(document, 'ask', 'default'), await response.json())).toBe(null);
  });
});

describe('an error formatter of the app', () => {
  test('that adds no reason: the document and the response contain no reason', async () => {
    const { call, document } = await createGuardedApp({ errorFormatter: 'none' });
    const { status, body } = await call('read');
    expect(body.error.data).not.toHaveProperty('session');
    expect(findMismatch(document, getResponse(document, 'read', status), body)).toBe(null);
    expect(JSON.stringify(getResponse(document, 'read', 401)?.content)).not.toContain('session');
  });

  test.each([
    ['uses its own error code', () => ({ message: 'no', code: -1, data: {} })],
    ['keeps only the error code', ({ shape }: FormatterOptions) => ({ ...shape, data: {} })],
    ['drops the status', ({ shape }: FormatterOptions) => ({ ...shape, data: { code: shape.data.code } })],
    ['throws without a context', ({ ctx, shape }: FormatterOptions) => ({ ...shape, message: ctx.session.toString() })],
  ])('that %s also changes the status, so the document promises no status', async (_, errorFormatter) => {
    const { call, document, breakStore } = await createGuardedApp({ errorFormatter });
    breakStore();
    for (const path of ['read', 'write']) {
      const { body } = await call(path);
      expect(Object.keys(getOperation(document, path).responses as object)).toEqual(['200', 'default']);
      expect(findMismatch(document, getResponse(document, path, 'default'), body)).toBe(null);
      expect(getResponse(document, path, 'default')?.description).toContain('`unavailable`');
    }
  });

  test('of one procedure leaves only the errors of that procedure open', async () => {
    const app = createOpenApiApp();
    const { t, requireSession } = app;
    const own = t.procedure.errors(({ shape }) => ({ ...shape, data: { ...shape.data, httpStatus: 418 } }));
    const router = t.router({
      own: own.use(requireSession()).query(() => 1),
      usual: t.procedure.use(requireSession()).query(() => 1),
    });
    const document = app.describe(router);
    const [teapot, usual] = await Promise.all(
      ['own', 'usual'].map((path) => app.serve(router, createRequest(document, path))),
    );
    expect([teapot?.status, usual?.status]).toEqual([418, 401]);
    expect(getResponse(document, 'own', 401)).toBeUndefined();
    expect(findMismatch(document, getResponse(document, 'own', 'default'), await teapot?.json())).toBe(null);
    expect(findMismatch(document, getResponse(document, 'usual', 401), await usual?.json())).toBe(null);
  });
});
