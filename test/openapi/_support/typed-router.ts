import { initTRPC } from '@trpc/server';
import { createSessions, freshWithin, matches } from 'trpc-session';
import { memoryStore } from 'trpc-session/stores/memory';
import { createTrpcSession } from 'trpc-session/trpc';
import { z } from 'zod';

/** An app whose types `@trpc/openapi` reads to generate a document. */
export const sessions = createSessions({
  schema: z.object({ userId: z.string(), role: z.enum(['member', 'admin']) }),
  subject: ({ userId }) => userId,
  view: ({ role }) => ({ role }),
  store: memoryStore({ name: 'typed-router' }),
  secret: 'a secret of at least thirty-two characters',
});

const { createContext, requireSession, createErrorFormatter } = createTrpcSession(sessions);
const t = initTRPC.context<typeof createContext>().create({ isDev: false, errorFormatter: createErrorFormatter() });
const protectedProcedure = t.procedure.use(requireSession());

export { createContext };

export const appRouter = t.router({
  /** For everyone. */
  hello: t.procedure.input(z.object({ name: z.string() })).query(({ input }) => `Hello ${input.name}`),
  account: {
    me: protectedProcedure.query(({ ctx }) => ({ userId: ctx.session.data.userId })),
    rename: protectedProcedure.input(z.object({ name: z.string() })).mutation(({ input }) => ({ name: input.name })),
  },
  admin: t.router({
    close: t.procedure
      .use(requireSession(matches({ role: 'admin' }), freshWithin('5m')))
      .mutation(({ ctx }) => ({ closed: ctx.session.data.role })),
  }),
});

export type AppRouter = typeof appRouter;
