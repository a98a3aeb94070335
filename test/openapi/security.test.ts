import { randomUUID } from 'node:crypto';
import { anyOf, createSessions, first, freshWithin, matches } from 'trpc-session';
import { createOpenApiSession } from 'trpc-session/openapi';
import { memoryStore } from 'trpc-session/stores/memory';
import { signInAs } from 'trpc-session/testing';
import type { CarrierScheme, SessionTransport } from 'trpc-session/transports';
import { cookie } from 'trpc-session/transports/cookie';
import { bearer, header } from 'trpc-session/transports/header';
import { createTrpcSession } from 'trpc-session/trpc';
import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { ada, secret } from '../_support/sessions.ts';
import { createOpenApiApp, createRequest } from './_support/app.ts';
import { getOperation } from './_support/document.ts';

/** Creates an app with one public procedure and one guarded procedure. */
function createGuardedApp(transport?: SessionTransport) {
  const store = memoryStore({ name: randomUUID(), production: true });
  const app = createOpenApiApp({ store, ...(transport && { transport }) });
  const { t, requireSession } = app;
  const router = t.router({
    open: t.procedure.query(() => 'open'),
    guarded: t.procedure.use(requireSession()).query(() => 'guarded'),
  });
  const document = app.describe(router);
  return { ...app, router, document, schemes: document.components.securitySchemes };
}

describe('the security schemes of a document', () => {
  test.each<[string, SessionTransport | undefined, Record<string, CarrierScheme>]>([
    ['the default cookie', undefined, { sessionCookie: { type: 'apiKey', in: 'cookie', name: 'ssid' } }],
    [
      'a cookie of another name',
      cookie({ name: 'sid' }),
      { sessionCookie: { type: 'apiKey', in: 'cookie', name: 'sid' } },
    ],
    [
      'a secure cookie',
      cookie({ secure: true }),
      { sessionCookie: { type: 'apiKey', in: 'cookie', name: '__Host-ssid' } },
    ],
    ['a bearer token', bearer(), { sessionBearer: { type: 'http', scheme: 'bearer' } }],
    ['a header', header('X-Session'), { sessionHeader: { type: 'apiKey', in: 'header', name: 'X-Session' } }],
    [
      'any of several',
      first(cookie(), bearer(), header('x-one'), header('x-two')),
      {
        sessionCookie: { type: 'apiKey', in: 'cookie', name: 'ssid' },
        sessionBearer: { type: 'http', scheme: 'bearer' },
        sessionHeader: { type: 'apiKey', in: 'header', name: 'x-one' },
        sessionHeader2: { type: 'apiKey', in: 'header', name: 'x-two' },
      },
    ],
  ])('are those of %s, and each is enough for a guarded procedure', (_, transport, schemes) => {
    const { document } = createGuardedApp(transport);
    expect(document.components.securitySchemes).toEqual(schemes);
    expect(getOperation(document, 'guarded').security).toEqual(Object.keys(schemes).map((name) => ({ [name]: [] })));
    expect(getOperation(document, 'open').security).toEqual([]);
  });

  test('name the cookie by the environment in which the document is created', () => {
    vi.stubEnv('NODE_ENV', 'production');
    expect(createGuardedApp().schemes.sessionCookie).toMatchObject({ name: '__Host-ssid' });
  });

  test.each<[string, () => SessionTransport]>([
    ['the cookie', () => cookie()],
    ['a bearer token', () => bearer()],
    ['a header', () => header('X-Session')],
  ])('are all that a client needs to call a guarded procedure with %s', async (_, transport) => {
    const { sessions, router, document, schemes, serve } = createGuardedApp(transport());
    const { cookie: pair, headers } = await signInAs(sessions, ada);
    const [scheme] = Object.values(schemes);
    const token = pair.split('=')[1] ?? (headers.get('authorization')?.slice(7) || headers.get('x-session'));
    const sent = createCredential(scheme as CarrierScheme, token ?? '');
    expect((await serve(router, createRequest(document, 'guarded', { headers: sent }))).status).toBe(200);
    expect((await serve(router, createRequest(document, 'guarded'))).status).toBe(401);
  });
});

/** Creates the headers of a client that knows only a scheme and a token. */
function createCredential(scheme: CarrierScheme, token: string): Record<string, string> {
  if (scheme.type === 'http') return { authorization: `Bearer ${token}` };
  return scheme.in === 'cookie' ? { cookie: `${scheme.name}=${token}` } : { [scheme.name]: token };
}

describe('several guards', () => {
  const createManagers = () => {
    const customers = createOpenApiApp();
    const staff = createSessions({
      schema: z.object({ name: z.string() }),
      view: () => null,
      store: memoryStore({ name: randomUUID() }),
      secret,
      prefix: 'staff:',
      transport: first(cookie({ name: 'staff' }), bearer()),
    });
    return {
      customers,
      staff: createTrpcSession(staff),
      describeByStaff: createOpenApiSession(staff).createOpenApiDocument,
    };
  };

  test('of two managers have separate schemes, each with its own cookie', () => {
    const { customers, staff } = createManagers();
    const { t, requireSession } = customers;
    const router = t.router({
      customer: t.procedure.use(requireSession()).query(() => 1),
      employee: t.procedure.use(staff.requireSession() as never).query(() => 1),
    });
    const document = customers.describe(router);
    expect(getOperation(document, 'customer').security).toEqual([{ sessionCookie: [] }]);
    expect(getOperation(document, 'employee').security).toEqual([{ sessionCookie2: [] }, { sessionBearer: [] }]);
    expect(document.components.securitySchemes.sessionCookie2).toMatchObject({ name: 'staff' });
  });

  test('of two managers on one procedure require a session of each', () => {
    const { customers, staff } = createManagers();
    const { t, requireSession } = customers;
    const both = t.procedure.use(requireSession()).use(staff.requireSession() as never);
    const document = customers.describe(t.router({ both: both.query(() => 1) }));
    expect(getOperation(document, 'both').security).toEqual([
      { sessionCookie: [], sessionCookie2: [] },
      { sessionCookie: [], sessionBearer: [] },
    ]);
  });

  test('of one manager on one procedure require one session', () => {
    const { t, requireSession, describe: describeRouter } = createOpenApiApp({ transport: first(cookie(), bearer()) });
    const twice = t.procedure.use(requireSession()).use(requireSession(matches({ role: 'admin' })));
    const document = describeRouter(t.router({ twice: twice.query(() => 1) }));
    expect(getOperation(document, 'twice').security).toEqual([{ sessionCookie: [] }, { sessionBearer: [] }]);
  });
});

test('forty stacked guards have no more requirements than one', () => {
  const {
    t,
    requireSession,
    describe: describeRouter,
  } = createOpenApiApp({ transport: first(cookie(), bearer(), header('x-s')) });
  const stacked = Array.from({ length: 40 }).reduce<typeof t.procedure>(
    (to) => to.use(requireSession()) as never,
    t.procedure,
  );
  const document = describeRouter(t.router({ stacked: stacked.query(() => 1) }));
  expect(getOperation(document, 'stacked').security).toHaveLength(3);
});

describe('the verifiers of a guard', () => {
  interface Account {
    readonly role: string;
  }
  function isAdmin({ role }: Account): boolean {
    return role === 'admin';
  }

  test.each([
    ['a function of the app', isAdmin, 'isAdmin'],
    [
      'a pattern',
      matches({ role: 'admin', visits: 3, tags: ['a', null], deep: { is: true } }),
      "matches({ role: 'admin', visits: 3, tags: ['a', null], deep: { is: true } })",
    ],
    ['an empty pattern', matches({}), 'matches({})'],
    ['a schema', matches(z.object({ role: z.string() })), 'matches(schema)'],
    ['an age', freshWithin('5m'), "freshWithin('5m')"],
    ['an age in milliseconds', freshWithin(1000), 'freshWithin(1000)'],
    ['one of several', anyOf(isAdmin, freshWithin('5m'), () => true), "anyOf(isAdmin, freshWithin('5m'), a function)"],
  ])('are named: %s', (_, verifier, name) => {
    const { t, requireSession, describe: describeRouter } = createOpenApiApp();
    const document = describeRouter(
      t.router({ ask: t.procedure.use(requireSession(verifier as never)).query(() => 1) }),
    );
    const operation = getOperation(document, 'ask');
    expect(operation['x-session']).toMatchObject({ verifiers: [name] });
    expect(operation.description).toBe(`Needs a session that passes \`${name}\`.`);
  });

  test('are listed as unnamed if they are functions without a name', () => {
    const { t, requireSession, describe: describeRouter } = createOpenApiApp();
    const document = describeRouter(
      t.router({ ask: t.procedure.use(requireSession(() => true, isAdmin)).query(() => 1) }),
    );
    expect(getOperation(document, 'ask')).toMatchObject({
      'x-session': { verifiers: [null, 'isAdmin'] },
      description: 'Needs a session that passes an unnamed verifier and `isAdmin`.',
    });
  });

  test('are listed once if both a base procedure and the procedure require them', () => {
    const { t, requireSession, describe: describeRouter } = createOpenApiApp();
    const twice = t.procedure.use(requireSession(isAdmin)).use(requireSession(isAdmin, freshWithin('1h')));
    const document = describeRouter(t.router({ ask: twice.query(() => 1) }));
    expect(getOperation(document, 'ask')['x-session']).toMatchObject({ verifiers: ['isAdmin', "freshWithin('1h')"] });
  });
});

describe('a middleware that is not a guard', () => {
  test('is not described as a guard, even if it requires a session', async () => {
    const app = createOpenApiApp();
    const { t, requireSession } = app;
    const byHand = t.procedure.use(async ({ ctx, next }) => next({ ctx: { session: await ctx.session.require() } }));
    const within = t.procedure.use((options) => requireSession()(options as never) as never);
    const router = t.router({ byHand: byHand.query(() => 1), within: within.query(() => 1) });
    const document = app.describe(router);
    for (const path of ['byHand', 'within']) {
      expect(getOperation(document, path)).toMatchObject({ security: [] });
      expect(getOperation(document, path)).not.toHaveProperty('x-session');
    }
  });
});
