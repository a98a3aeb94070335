// Slow: it generates documents for random routers.
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { freshWithin, matches } from 'trpc-session';
import { memoryStore } from 'trpc-session/stores/memory';
import { faultyStore, signInAs } from 'trpc-session/testing';
import { bearer } from 'trpc-session/transports/header';
import { createOpenApiFetchHandler, generateOpenApiDocument } from 'trpc-to-openapi';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ada } from '../_support/sessions.ts';
import { type AppOptions, createOpenApiApp } from './_support/app.ts';
import { compileSchemas, findSchemaMismatch, validateDocument } from './_support/document.ts';

type Json = Readonly<Record<string, unknown>>;
type Document = ReturnType<typeof generateOpenApiDocument>;

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

interface Endpoint {
  readonly method: (typeof methods)[number];
  readonly type: 'query' | 'mutation';
  readonly guard: 'none' | 'plain' | 'verified';
  readonly openapi: Json;
}

/** Creates an app with these endpoints, its document by `trpc-to-openapi`, and the same document with our security. */
function createRestApp(endpoints: readonly Endpoint[], options: AppOptions = {}) {
  const app = createOpenApiApp(options);
  const { t, requireSession } = app;
  const record = endpoints.map(({ method, type, guard, openapi }, at) => {
    const meta = { openapi: { method, path: `/things/${at}/{id}/`, ...openapi } };
    const base = t.procedure
      .meta(meta)
      .input(z.object({ id: z.string() }))
      .output(z.string());
    const verified = requireSession(matches({ role: 'admin' }), freshWithin('5m'));
    const guarded = guard === 'none' ? base : base.use(guard === 'plain' ? requireSession() : (verified as never));
    return [`p${at}`, type === 'query' ? guarded.query(() => 'yes') : guarded.mutation(() => 'yes')] as const;
  });
  const router = t.router({ rest: Object.fromEntries(record) });
  const document = generateOpenApiDocument(router as never, {
    title: 'Rest',
    version: '1',
    baseUrl: 'http://localhost/rest',
  });
  const call = async (at: number, headers: Json = {}) => {
    const { method = 'GET' } = endpoints[at] ?? {};
    const body = method === 'GET' || method === 'DELETE' ? {} : { body: '{}' };
    const sent = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', ...headers };
    const req = new Request(`http://localhost/rest/things/${at}/x`, { method, headers: sent, ...body });
    const createContext = app.createContext as never;
    const response = await createOpenApiFetchHandler({
      endpoint: '/rest',
      router: router as never,
      createContext,
      req,
    });
    return { status: response.status, body: await response.json() };
  };
  return { ...app, router, document, secured: app.addSessionSecurity(document, router), call };
}

function getEndpoint(document: Document, at: number): Json & { responses: Record<string, Json>; security?: unknown[] } {
  const [operation] = Object.values(document.paths?.[`/things/${at}/{id}`] ?? {});
  return operation as never;
}

function getBodySchema(document: Document, at: number, status: number): object | undefined {
  const { content } = getEndpoint(document, at).responses[status] ?? {};
  return (content as Record<string, { schema: object }> | undefined)?.['application/json']?.schema;
}

const endpoint: fc.Arbitrary<Endpoint> = fc.record({
  method: fc.constantFrom(...methods),
  type: fc.constantFrom('query' as const, 'mutation' as const),
  guard: fc.constantFrom('none' as const, 'plain' as const, 'verified' as const),
  openapi: fc.record(
    {
      protect: fc.boolean(),
      description: fc.constant('Words.'),
      errorResponses: fc.constant({ 403: 'Not yours.', 404: 'Not found.' }),
    },
    { requiredKeys: [] },
  ),
});

describe('a document by trpc-to-openapi', () => {
  test('marks exactly the endpoints that refuse signed-out users, once it has our security', async () => {
    const property = fc.asyncProperty(fc.array(endpoint, { minLength: 1, maxLength: 5 }), async (endpoints) => {
      const { secured, call, sessions } = createRestApp(endpoints);
      const { headers } = await signInAs(sessions, ada);
      expect(compileSchemas(secured).length).toBeGreaterThan(endpoints.length);
      for (const [at, { guard, openapi, method }] of endpoints.entries()) {
        const { security, responses, description } = getEndpoint(secured, at);
        const { status, body } = await call(at);
        expect([status, security]).toEqual(guard === 'none' ? [200, []] : [401, [{ sessionCookie: [] }]]);
        expect(findSchemaMismatch(secured, getBodySchema(secured, at, status), body)).toBe(null);
        const declared = openapi.errorResponses ? ['403'] : [];
        const expected = {
          none: [],
          plain: method === 'GET' ? ['401', '503'] : ['401', '403', '503'],
          verified: ['401', '403', '503'],
        };
        const claimed = Object.keys(responses).filter((claim) => ['401', '403', '503'].includes(claim));
        expect(claimed).toEqual([...new Set([...expected[guard], ...declared])].toSorted());
        expect(description === undefined).toBe(guard === 'none' && !openapi.description);
        if (guard !== 'verified') expect((await call(at, Object.fromEntries(headers))).status).toBe(200);
      }
    });
    await fc.assert(property, { numRuns: 60 });
  }, 60_000);

  const one = (overrides: Partial<Endpoint> = {}): Endpoint => ({
    method: 'POST',
    type: 'mutation',
    guard: 'verified',
    openapi: {},
    ...overrides,
  });

  test('is wrong about security before ours is added', () => {
    const { document } = createRestApp([one({ guard: 'none' }), one({ guard: 'plain', openapi: { protect: false } })]);
    expect(getEndpoint(document, 0).security).toEqual([{ Authorization: [] }]);
    expect(getEndpoint(document, 1).security).toBeUndefined();
  });

  test('is valid with our security, without the scheme that no operation requires any more', async () => {
    const { document, secured } = createRestApp([one(), one({ guard: 'none' })]);
    expect(await validateDocument(JSON.parse(JSON.stringify(secured)) as object)).toBe(null);
    expect(document.components?.securitySchemes).toHaveProperty('Authorization');
    expect(secured.components?.securitySchemes).toEqual({
      sessionCookie: { type: 'apiKey', in: 'cookie', name: 'ssid' },
    });
  });

  test('is copied: the given document does not change', () => {
    const { document, addSessionSecurity, router } = createRestApp([one(), one({ guard: 'none' })]);
    const before = structuredClone(document);
    addSessionSecurity(document, router);
    expect(document).toEqual(before);
  });

  test('stays the same if our security is added again: idempotent', () => {
    const { secured, addSessionSecurity, router } = createRestApp([
      one({ openapi: { errorResponses: { 403: 'Not yours.' } } }),
      one({ guard: 'none' }),
    ]);
    expect(addSessionSecurity(secured, router)).toEqual(secured);
  });

  test('keeps the texts of the app, and operations that are not of the router', () => {
    const { document, addSessionSecurity, router } = createRestApp([
      one({ openapi: { description: 'Moves.', errorResponses: { 403: 'Not yours.' } } }),
    ]);
    const health = { get: { responses: { 200: { description: 'Healthy.' } }, security: [{ Authorization: [] }] } };
    const added = { ...document, paths: { ...document.paths, '/health': health } };
    const secured = addSessionSecurity(added, router);
    const { description, responses } = getEndpoint(secured, 0);
    expect(secured.paths['/health']).toEqual(health);
    expect(secured.components?.securitySchemes).toHaveProperty('Authorization');
    expect(description).toMatch(/^Moves\.\n\nNeeds a session that passes/);
    // The generator keeps the first text for 403 of this process and uses it in all its documents.
    const text = getEndpoint(document, 0).responses[403]?.description;
    expect(responses[403]?.description).toMatch(new RegExp(`^${text} \`refused\``));
  });

  test('describes the real bodies of all refusals', async () => {
    const store = faultyStore(memoryStore({ name: randomUUID() }), [
      { operation: 'read', at: 'before', fault: 'throw', call: 2 },
    ]);
    const { secured, call, sessions } = createRestApp([one()], { store });
    const { headers } = await signInAs(sessions, ada);
    const sent = Object.fromEntries(headers);
    for (const [expected, asked] of [
      [403, sent],
      [503, sent],
      [403, { ...sent, 'sec-fetch-site': 'cross-site' }],
      [401, {}],
    ] as const) {
      const { status, body } = await call(0, asked);
      expect(status).toBe(expected);
      expect(findSchemaMismatch(secured, getBodySchema(secured, 0, status), body)).toBe(null);
    }
  });

  test('lists `cross-site` by the HTTP method of the endpoint, not by the type of the procedure', async () => {
    const { secured, call, sessions } = createRestApp([
      one({ type: 'query', guard: 'plain' }),
      one({ method: 'GET', guard: 'plain' }),
    ]);
    const { headers } = await signInAs(sessions, ada);
    const fromOtherSite = { ...Object.fromEntries(headers), 'sec-fetch-site': 'cross-site' };
    expect([(await call(0, fromOtherSite)).status, (await call(1, fromOtherSite)).status]).toEqual([403, 200]);
    expect(getEndpoint(secured, 0).responses).toHaveProperty('403');
    expect(getEndpoint(secured, 1).responses).not.toHaveProperty('403');
  });

  test('does not overwrite a scheme of the same name', () => {
    const { document, addSessionSecurity, router } = createRestApp([one()], { transport: bearer() });
    const existing = { type: 'http', scheme: 'basic' } as const;
    const withScheme = {
      ...document,
      security: [{ sessionBearer: [] }],
      components: { ...document.components, securitySchemes: { sessionBearer: existing } },
    };
    const secured = addSessionSecurity(withScheme, router);
    expect(secured.components.securitySchemes).toEqual({
      sessionBearer: existing,
      sessionBearer2: { type: 'http', scheme: 'bearer' },
    });
    expect(getEndpoint(secured as never, 0).security).toEqual([{ sessionBearer2: [] }]);
  });
});
