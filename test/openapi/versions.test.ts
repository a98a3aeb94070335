import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { type initTRPC, type lazy, TRPCError } from '@trpc/server';
import type { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import superjson from 'superjson';
import { matches } from 'trpc-session';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openApiApp, requestFor } from './_support/app.ts';
import { answerOf, mismatch, operationAt, schemasIn } from './_support/document.ts';

interface Trpc {
  readonly initTRPC: typeof initTRPC;
  readonly lazy: typeof lazy;
  readonly TRPCError: typeof TRPCError;
  readonly fetchRequestHandler: typeof fetchRequestHandler;
}

/** tRPC as another app has it installed: another version, and so another copy than ours. */
async function trpcOf(consumer: string): Promise<Trpc> {
  const installed = createRequire(createRequire(import.meta.url).resolve(`${consumer}/package.json`));
  const load = (name: string): Promise<object> => import(pathToFileURL(installed.resolve(name)).href);
  return { ...(await load('@trpc/server')), ...(await load('@trpc/server/adapters/fetch')) } as Trpc;
}

describe.each([
  ['the oldest tRPC that we take', 'consumer-trpc-11-8'],
  ['the newest', 'consumer-trpc-11-25'],
])('with %s', (_, consumer) => {
  const setting = async () => {
    const trpc = await trpcOf(consumer);
    expect(trpc.TRPCError).not.toBe(TRPCError);
    const app = openApiApp();
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
      const req = requestFor(document, path, { input });
      return trpc.fetchRequestHandler({ endpoint: '/api/trpc', router, req, createContext });
    };
    return { document, call };
  };

  test('the document says "protected" of what refuses strangers, and what they are told', async () => {
    const { document, call } = await setting();
    expect(schemasIn(document).length).toBeGreaterThan(15);
    const outcomes: Record<string, string> = {};
    for (const path of Object.keys(document.paths).map((key) => key.slice(1))) {
      const isGuarded = (operationAt(document, path).security as unknown[]).length > 0;
      const response = await call(path, { json: { id: 'x', visits: 1 } });
      outcomes[path] = `${isGuarded ? 'protected' : 'open'} ${response.status}`;
      expect(mismatch(document, answerOf(document, path, response.status), await response.json())).toBe(null);
    }
    expect(outcomes).toEqual({
      'session.get': 'open 200',
      'session.set': 'protected 401',
      'session.destroy': 'open 200',
      'session.list': 'protected 401',
      'session.revoke': 'protected 401',
      'session.revokeOthers': 'protected 401',
      open: 'open 200',
      guarded: 'protected 401',
      'later.close': 'protected 401',
    });
  });
});
