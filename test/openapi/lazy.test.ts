import { lazy } from '@trpc/server';
import { describe, expect, test } from 'vitest';
import { createOpenApiApp, createRequest } from './_support/app.ts';
import { getOperation } from './_support/document.ts';

function createLazyApp() {
  const app = createOpenApiApp();
  const { t, requireSession } = app;
  const deepest = t.router({ secret: t.procedure.use(requireSession()).query(() => 'secret') });
  const deep = t.router({ deepest: lazy(async () => deepest), open: t.procedure.query(() => 'open') });
  const router = t.router({ at: { once: t.procedure.query(() => 'once'), deep: lazy(async () => ({ deep })) } });
  return { ...app, router };
}

describe('a router with lazy parts', () => {
  test('is not described before they are loaded; the error names them and the remedy', () => {
    const { describe: describeRouter, router } = createLazyApp();
    expect(() => describeRouter(router)).toThrow(/INVALID_OPTION|at\.deep.*loadRouter/);
    expect(() => describeRouter(router)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });

  test('is described in full once it is loaded, at every depth', async () => {
    const { describe: describeRouter, loadRouter, router } = createLazyApp();
    const document = describeRouter(await loadRouter(router));
    expect(Object.keys(document.paths).toSorted()).toEqual(['/at.deep.deepest.secret', '/at.deep.open', '/at.once']);
    expect(getOperation(document, 'at.deep.deepest.secret').security).toEqual([{ sessionCookie: [] }]);
  });

  test('is described in full if earlier calls have loaded it', async () => {
    const { describe: describeRouter, serve, loadRouter, router } = createLazyApp();
    const { paths } = describeRouter(await loadRouter(createLazyApp().router));
    const document = { paths, servers: [{ url: 'http://localhost/api/trpc' }] } as never;
    expect((await serve(router, createRequest(document, 'at.deep.deepest.secret'))).status).toBe(401);
    expect(describeRouter(router).paths).toEqual(paths);
  });

  test('rejects with the reason if a part fails to load', async () => {
    const { t, loadRouter } = createOpenApiApp();
    const broken = lazy(async (): Promise<ReturnType<typeof t.router>> => {
      throw new Error('The disk failed.');
    });
    await expect(loadRouter(t.router({ broken }))).rejects.toThrow('The disk failed.');
  });
});
