import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { type initTRPC, type lazy, TRPCError } from '@trpc/server';
import type { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import superjson from 'superjson';
import { matches } from 'trpc-session';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createOpenApiApp, createRequest } from './_support/app.ts';
import { compileSchemas, findMismatch, getOperation, getResponse } from './_support/document.ts';

interface Trpc {
  readonly initTRPC: typeof initTRPC;
  readonly lazy: typeof lazy;
  readonly TRPCError: typeof TRPCError;
  readonly fetchRequestHandler: typeof fetchRequestHandler;
}

/** Loads the tRPC that a fixture app has installed: another version, and another copy than the repository's. */
async function loadTrpc(consumer: string): Promise<Trpc> {
  const installed = createRequire(createRequire(import.meta.url).resolve(`${consumer}/package.json`));
  const load = (name: string): Promise<object> => import(pathToFileURL(installed.resolve(name)).href);
  return { ...(await load('@trpc/server')), ...(await load('@trpc/server/adapters/fetch')) } as Trpc;
}

describe.each([
  ['the oldest supported tRPC', 'consumer-trpc-11-8'],
  ['the newest tRPC', 'consumer-trpc-11-25'],
])('with %s', (_, consumer) => {
  const setUp = async () => {
    const trpc = await loadTrpc(consumer);
    expect(trpc.TRPCError).not.toBe(TRPCError);
    const app = createOpenApiApp();
    const { requireSession, createSessionProcedures, createErrorFormatter, createContext } = app;
    const t = trpc.initTRPC
      .context<typeof createContext>()
      .create({ transformer: superjson, errorFormatter: createErrorFormatter() });
    const guarded = t.procedure.use(requireSession());
    const admin = t.router({
      close: t.procedure
        .concat(guarded as never)
        .use(requireSession(matches({ role: 'admin' })))
        .mutation(() => 'closed'),
    });
    const router = t.router({
      session: createSessionProcedures(t.procedure),
      open: t.procedure
        .input(z.object({ at: z.date().optional() }))
        .output(z.string())
        .query(() => 'open'),
      guarded: guarded.query(() => 'guarded'),
      later: trpc.lazy(async () => admin),
    });
    const document = app.describe(await app.loadRouter(router));
    const call = (path: string, input: unknown) => {
      const req = createRequest(document, path, { input });
      return trpc.fetchRequestHandler({ endpoint: '/api/trpc', router, req, createContext });
    };
    return { document, call };
  };

  test('the document marks exactly the procedures that refuse signed-out users, with their error bodies', async () => {
    const { document, call } = await setUp();
    expect(compileSchemas(document).length).toBeGreaterThan(15);
    const outcomes: Record<string, string> = {};
    for (const path of Object.keys(document.paths).map((key) => key.slice(1))) {
      const isGuarded = (getOperation(document, path).security as unknown[]).length > 0;
      const response = await call(path, { json: { id: 'x', visits: 1 } });
      outcomes[path] = `${isGuarded ? 'protected' : 'open'} ${response.status}`;
      expect(findMismatch(document, getResponse(document, path, response.status), await response.json())).toBe(null);
    }
    expect(outcomes).toEqual({
      'session.get': 'open 200',
      'session.set': 'protected 401',
      'session.destroy': 'open 200',
      'session.touch': 'protected 401',
      'session.list': 'protected 401',
      'session.revoke': 'protected 401',
      'session.revokeOthers': 'protected 401',
      open: 'open 200',
      guarded: 'protected 401',
      'later.close': 'protected 401',
    });
  });
});
