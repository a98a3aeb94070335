import { lazy } from '@trpc/server';
import { describe, expect, test } from 'vitest';
import { openApiApp, requestFor } from './_support/app.ts';
import { operationAt } from './_support/document.ts';

function lazyApp() {
  const app = openApiApp();
  const { t, requireSession } = app;
  const deepest = t.router({ secret: t.procedure.use(requireSession()).query(() => 'secret') });
  const deep = t.router({ deepest: lazy(async () => deepest), open: t.procedure.query(() => 'open') });
  const router = t.router({ at: { once: t.procedure.query(() => 'once'), deep: lazy(async () => ({ deep })) } });
  return { ...app, router };
}

describe('a router with lazy parts', () => {
  test('is not described before they are loaded, and the error says which and how', () => {
    const { describe: describeRouter, router } = lazyApp();
    expect(() => describeRouter(router)).toThrow(/INVALID_OPTION|at\.deep.*loadRouter/);
    expect(() => describeRouter(router)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });

  test('is described whole once it is loaded, those within those too', async () => {
    const { describe: describeRouter, loadRouter, router } = lazyApp();
    const document = describeRouter(await loadRouter(router));
    expect(Object.keys(document.paths).toSorted()).toEqual(['/at.deep.deepest.secret', '/at.deep.open', '/at.once']);
    expect(operationAt(document, 'at.deep.deepest.secret').security).toEqual([{ sessionCookie: [] }]);
  });

  test('is described as a whole, too, when calls have loaded it', async () => {
    const { describe: describeRouter, serve, loadRouter, router } = lazyApp();
    const { paths } = describeRouter(await loadRouter(lazyApp().router));
    const document = { paths, servers: [{ url: 'http://localhost/api/trpc' }] } as never;
    expect((await serve(router, requestFor(document, 'at.deep.deepest.secret'))).status).toBe(401);
    expect(describeRouter(router).paths).toEqual(paths);
  });

  test('that does not load says why', async () => {
    const { t, loadRouter } = openApiApp();
    const broken = lazy(async (): Promise<ReturnType<typeof t.router>> => {
      throw new Error('The disk is gone.');
    });
    await expect(loadRouter(t.router({ broken }))).rejects.toThrow('The disk is gone.');
  });
});
