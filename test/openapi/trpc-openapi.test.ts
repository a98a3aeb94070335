import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { createOpenApiSession, type OpenApiDocument } from 'trpc-session/openapi';
import { signInAs } from 'trpc-session/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { requestFor } from './_support/app.ts';
import { answerOf, complaintsAbout, mismatch, operationAt, schemasIn } from './_support/document.ts';
import { appRouter, createContext, sessions } from './_support/typed-router.ts';

const { addSessionSecurity } = createOpenApiSession(sessions);
const source = fileURLToPath(new URL('_support/typed-router.ts', import.meta.url));

let document: OpenApiDocument;
let truthful: OpenApiDocument;

/** Its generator reads types, by a compiler that has an API: a package of its own holds both. */
beforeAll(async () => {
  const consumer = createRequire(createRequire(import.meta.url).resolve('consumer-openapi/package.json'));
  const generator = (await import(pathToFileURL(consumer.resolve('@trpc/openapi')).href)) as Generator;
  const servers = [{ url: 'http://localhost/api/trpc' }];
  document = await generator.generateOpenAPIDocument(source, { exportName: 'AppRouter', servers });
  truthful = addSessionSecurity(document, appRouter);
}, 120_000);

interface Generator {
  generateOpenAPIDocument(file: string, options: object): Promise<OpenApiDocument>;
}

async function call(path: string, { headers, input }: Parameters<typeof requestFor>[2] = {}) {
  const req = requestFor(truthful, path, { input, ...(headers && { headers }) });
  const response = await fetchRequestHandler({ endpoint: '/api/trpc', router: appRouter, req, createContext });
  return { status: response.status, body: (await response.json()) as unknown };
}

describe('a document by @trpc/openapi', () => {
  test('says nothing of security by itself', () => {
    expect(document.paths['/account.me']?.get?.security).toBeUndefined();
    expect(JSON.stringify(document)).not.toContain('securitySchemes');
  });

  test('is as valid once it has ours as it was before', async () => {
    expect(await complaintsAbout(truthful)).toEqual(await complaintsAbout(document));
    expect(await complaintsAbout({ ...truthful, paths: { '/account.me': truthful.paths['/account.me'] } })).toBe(null);
    expect(schemasIn(truthful).length).toBeGreaterThan(10);
    expect(truthful.components.securitySchemes).toEqual({
      sessionCookie: { type: 'apiKey', in: 'cookie', name: 'ssid' },
    });
  });

  test.each([
    ['hello', false],
    ['account.me', true],
    ['account.rename', true],
    ['admin.close', true],
  ])('says of %s what it does: guarded %s', async (path, isGuarded) => {
    const { security, responses } = operationAt(truthful, path);
    const { status, body } = await call(path, { input: { name: 'Ada' } });
    expect([status, security]).toEqual(isGuarded ? [401, [{ sessionCookie: [] }]] : [200, []]);
    expect(mismatch(truthful, answerOf(truthful, path, status), body)).toBe(null);
    if (!isGuarded) expect(responses).toEqual(document.paths[`/${path}`]?.get?.responses);
  });

  test('has the reasons and the bodies of what guards refuse', async () => {
    const { headers } = await signInAs(sessions, { userId: 'ada', role: 'member' });
    const { status, body } = await call('admin.close', { headers });
    expect([status, body]).toMatchObject([403, { error: { data: { session: { reason: 'refused' } } } }]);
    expect(mismatch(truthful, answerOf(truthful, 'admin.close', 403), body)).toBe(null);
    expect(operationAt(truthful, 'admin.close')['x-session']).toEqual({
      verifiers: ["matches({ role: 'admin' })", "freshWithin('5m')"],
      reasons: ['missing', 'expired', 'stale', 'refused', 'cross-site', 'unavailable'],
    });
  });

  test('keeps its words and its schemas', () => {
    expect(operationAt(truthful, 'hello')).toMatchObject({ description: 'For everybody.', tags: ['hello'] });
    expect(operationAt(truthful, 'account.rename').requestBody).toEqual(
      document.paths['/account.rename']?.post?.requestBody,
    );
    expect(truthful.components.schemas).toEqual(document.components.schemas);
  });
});
