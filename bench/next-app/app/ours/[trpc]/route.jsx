import { initTRPC } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { createNextSession } from 'trpc-session/next';
import { createTrpcSession } from 'trpc-session/trpc';
import { createNextUser, describeUser } from '../../../../apps/user-data.mjs';
import { sessions } from '../../our-sessions';

const { requireSession, createErrorFormatter } = createTrpcSession(sessions);
const { createContext } = createNextSession(sessions);
const t = initTRPC.context().create({ errorFormatter: createErrorFormatter() });
const router = t.router({
  me: t.procedure.use(requireSession()).query(({ ctx }) => describeUser(ctx.session.data)),
  'sign-in': t.procedure.mutation(async ({ ctx }) => {
    await ctx.session.start(createNextUser());
  }),
});
const handler = (req) => fetchRequestHandler({ endpoint: '/ours', req, router, createContext });

export { handler as GET, handler as POST };
