// Slow: the generator type-checks the whole router.
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { createOpenApiSession, type OpenApiDocument } from 'trpc-session/openapi';
import { signInAs } from 'trpc-session/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { createRequest } from './_support/app.ts';
import { compileSchemas, findMismatch, getOperation, getResponse, validateDocument } from './_support/document.ts';
import { appRouter, createContext, sessions } from './_support/typed-router.ts';

const { addSessionSecurity } = createOpenApiSession(sessions);
const source = fileURLToPath(new URL('_support/typed-router.ts', import.meta.url));

let document: OpenApiDocument;
let secured: OpenApiDocument;

// `@trpc/openapi` reads types through a compiler API that the repository's own TypeScript does not have. The fixture
// package `consumer-openapi` brings both.
beforeAll(async () => {
  const consumer = createRequire(createRequire(import.meta.url).resolve('consumer-openapi/package.json'));
  const generator = (await import(pathToFileURL(consumer.resolve('@trpc/openapi')).href)) as Generator;
  const servers = [{ url: 'http://localhost/api/trpc' }];
  document = await generator.generateOpenAPIDocument(source, { exportName: 'AppRouter', servers });
  secured = addSessionSecurity(document, appRouter);
}, 120_000);

interface Generator {
  generateOpenAPIDocument(file: string, options: object): Promise<OpenApiDocument>;
}

async function call(path: string, { headers, input }: Parameters<typeof createRequest>[2] = {}) {
  const req = createRequest(secured, path, { input, ...(headers && { headers }) });
  const response = await fetchRequestHandler({ endpoint: '/api/trpc', router: appRouter, req, createContext });
  return { status: response.status, body: (await response.json()) as unknown };
}

describe('a document by @trpc/openapi', () => {
  test('has no security before ours is added', () => {
    expect(document.paths['/account.me']?.get?.security).toBeUndefined();
    expect(JSON.stringify(document)).not.toContain('securitySchemes');
  });

  test('stays as valid as before when our security is added', async () => {
    expect(await validateDocument(secured)).toEqual(await validateDocument(document));
    expect(await validateDocument({ ...secured, paths: { '/account.me': secured.paths['/account.me'] } })).toBe(null);
    expect(compileSchemas(secured).length).toBeGreaterThan(10);
    expect(secured.components.securitySchemes).toEqual({
      sessionCookie: { type: 'apiKey', in: 'cookie', name: 'ssid' },
    });
  });

  test.each([
    ['hello', false],
    ['account.me', true],
    ['account.rename', true],
    ['admin.close', true],
  ])('describes what %s really does (guarded: %s)', async (path, isGuarded) => {
    const { security, responses } = getOperation(secured, path);
    const { status, body } = await call(path, { input: { name: 'Ada' } });
    expect([status, security]).toEqual(isGuarded ? [401, [{ sessionCookie: [] }]] : [200, []]);
    expect(findMismatch(secured, getResponse(secured, path, status), body)).toBe(null);
    if (!isGuarded) expect(responses).toEqual(document.paths[`/${path}`]?.get?.responses);
  });

  test('has the reasons and the error bodies of the guards', async () => {
    const { headers } = await signInAs(sessions, { userId: 'ada', role: 'member' });
    const { status, body } = await call('admin.close', { headers });
    expect([status, body]).toMatchObject([403, { error: { data: { session: { reason: 'refused' } } } }]);
    expect(findMismatch(secured, getResponse(secured, 'admin.close', 403), body)).toBe(null);
    expect(getOperation(secured, 'admin.close')['x-session']).toEqual({
      verifiers: ["matches({ role: 'admin' })", "freshWithin('5m')"],
      reasons: ['missing', 'expired', 'stale', 'refused', 'cross-site', 'unavailable'],
    });
  });

  test('keeps its descriptions and its schemas', () => {
    expect(getOperation(secured, 'hello')).toMatchObject({ description: 'For everyone.', tags: ['hello'] });
    expect(getOperation(secured, 'account.rename').requestBody).toEqual(
      document.paths['/account.rename']?.post?.requestBody,
    );
    expect(secured.components.schemas).toEqual(document.components.schemas);
  });
});
