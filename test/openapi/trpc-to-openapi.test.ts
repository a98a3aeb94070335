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
import { type AppOptions, openApiApp } from './_support/app.ts';
import { complaintsAbout, schemaMismatch, schemasIn } from './_support/document.ts';

type Json = Readonly<Record<string, unknown>>;
type Document = ReturnType<typeof generateOpenApiDocument>;

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

interface Endpoint {
  readonly method: (typeof methods)[number];
  readonly type: 'query' | 'mutation';
  readonly guard: 'none' | 'plain' | 'verified';
  readonly openapi: Json;
}

/** An app of these endpoints, its document by `trpc-to-openapi`, and the same with our security. */
function restApp(endpoints: readonly Endpoint[], options: AppOptions = {}) {
  const app = openApiApp(options);
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
  return { ...app, router, document, truthful: app.addSessionSecurity(document, router), call };
}

function operationOf(document: Document, at: number): Json & { responses: Record<string, Json>; security?: unknown[] } {
  const [operation] = Object.values(document.paths?.[`/things/${at}/{id}`] ?? {});
  return operation as never;
}

function bodySchema(document: Document, at: number, status: number): object | undefined {
  const { content } = operationOf(document, at).responses[status] ?? {};
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
      errorResponses: fc.constant({ 403: 'Not yours.', 404: 'Nowhere.' }),
    },
    { requiredKeys: [] },
  ),
});

describe('a document by trpc-to-openapi', () => {
  test('says "protected" of what refuses strangers, and of nothing else, once it has our security', async () => {
    const property = fc.asyncProperty(fc.array(endpoint, { minLength: 1, maxLength: 5 }), async (endpoints) => {
      const { truthful, call, sessions } = restApp(endpoints);
      const { headers } = await signInAs(sessions, ada);
      expect(schemasIn(truthful).length).toBeGreaterThan(endpoints.length);
      for (const [at, { guard, openapi, method }] of endpoints.entries()) {
        const { security, responses, description } = operationOf(truthful, at);
        const { status, body } = await call(at);
        expect([status, security]).toEqual(guard === 'none' ? [200, []] : [401, [{ sessionCookie: [] }]]);
        expect(schemaMismatch(truthful, bodySchema(truthful, at, status), body)).toBe(null);
        const told = openapi.errorResponses ? ['403'] : [];
        const ours = {
          none: [],
          plain: method === 'GET' ? ['401', '503'] : ['401', '403', '503'],
          verified: ['401', '403', '503'],
        };
        const claimed = Object.keys(responses).filter((claim) => ['401', '403', '503'].includes(claim));
        expect(claimed).toEqual([...new Set([...ours[guard], ...told])].toSorted());
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

  test('is right about nothing of this by itself', () => {
    const { document } = restApp([one({ guard: 'none' }), one({ guard: 'plain', openapi: { protect: false } })]);
    expect(operationOf(document, 0).security).toEqual([{ Authorization: [] }]);
    expect(operationOf(document, 1).security).toBeUndefined();
  });

  test('is a valid document afterwards, without the scheme that nothing asks for any more', async () => {
    const { document, truthful } = restApp([one(), one({ guard: 'none' })]);
    expect(await complaintsAbout(JSON.parse(JSON.stringify(truthful)) as object)).toBe(null);
    expect(document.components?.securitySchemes).toHaveProperty('Authorization');
    expect(truthful.components?.securitySchemes).toEqual({
      sessionCookie: { type: 'apiKey', in: 'cookie', name: 'ssid' },
    });
  });

  test('is a copy: the one that was given stays as it was', () => {
    const { document, addSessionSecurity, router } = restApp([one(), one({ guard: 'none' })]);
    const before = structuredClone(document);
    addSessionSecurity(document, router);
    expect(document).toEqual(before);
  });

  test('is the same when it gets our security twice', () => {
    const { truthful, addSessionSecurity, router } = restApp([
      one({ openapi: { errorResponses: { 403: 'Not yours.' } } }),
      one({ guard: 'none' }),
    ]);
    expect(addSessionSecurity(truthful, router)).toEqual(truthful);
  });

  test('keeps what the app says, and what is not of the router', () => {
    const { document, addSessionSecurity, router } = restApp([
      one({ openapi: { description: 'Moves.', errorResponses: { 403: 'Not yours.' } } }),
    ]);
    const health = { get: { responses: { 200: { description: 'Well.' } }, security: [{ Authorization: [] }] } };
    const added = { ...document, paths: { ...document.paths, '/health': health } };
    const truthful = addSessionSecurity(added, router);
    const { description, responses } = operationOf(truthful, 0);
    expect(truthful.paths['/health']).toEqual(health);
    expect(truthful.components?.securitySchemes).toHaveProperty('Authorization');
    expect(description).toMatch(/^Moves\.\n\nNeeds a session that passes/);
    // Whichever words the generator was first given for 403 in this process: it keeps them for all of its documents.
    const words = operationOf(document, 0).responses[403]?.description;
    expect(responses[403]?.description).toMatch(new RegExp(`^${words} \`refused\``));
  });

  test('has the real bodies of all refusals', async () => {
    const store = faultyStore(memoryStore({ name: randomUUID() }), [
      { operation: 'read', at: 'before', fault: 'throw', call: 2 },
    ]);
    const { truthful, call, sessions } = restApp([one()], { store });
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
      expect(schemaMismatch(truthful, bodySchema(truthful, 0, status), body)).toBe(null);
    }
  });

  test('tells of other sites by the HTTP method that an endpoint has, whatever its procedure is', async () => {
    const { truthful, call, sessions } = restApp([
      one({ type: 'query', guard: 'plain' }),
      one({ method: 'GET', guard: 'plain' }),
    ]);
    const { headers } = await signInAs(sessions, ada);
    const elsewhere = { ...Object.fromEntries(headers), 'sec-fetch-site': 'cross-site' };
    expect([(await call(0, elsewhere)).status, (await call(1, elsewhere)).status]).toEqual([403, 200]);
    expect(operationOf(truthful, 0).responses).toHaveProperty('403');
    expect(operationOf(truthful, 1).responses).not.toHaveProperty('403');
  });

  test('keeps a scheme of the same name apart from ours', () => {
    const { document, addSessionSecurity, router } = restApp([one()], { transport: bearer() });
    const theirs = { type: 'http', scheme: 'basic' } as const;
    const taken = {
      ...document,
      security: [{ sessionBearer: [] }],
      components: { ...document.components, securitySchemes: { sessionBearer: theirs } },
    };
    const truthful = addSessionSecurity(taken, router);
    expect(truthful.components.securitySchemes).toEqual({
      sessionBearer: theirs,
      sessionBearer2: { type: 'http', scheme: 'bearer' },
    });
    expect(operationOf(truthful as never, 0).security).toEqual([{ sessionBearer2: [] }]);
  });
});
