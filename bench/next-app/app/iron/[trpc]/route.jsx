import { initTRPC, TRPCError } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { createNextUser, describeUser } from '../../../../apps/user-data.mjs';
import { openIronSession } from '../../open-iron-session';

const t = initTRPC.context().create();
const guarded = t.procedure.use(({ ctx, next }) => {
  if (!ctx.session.user) throw new TRPCError({ code: 'UNAUTHORIZED' });
  return next();
});
const router = t.router({
  me: guarded.query(({ ctx }) => describeUser(ctx.session.user)),
  'sign-in': t.procedure.mutation(async ({ ctx }) => {
    ctx.session.user = createNextUser();
    await ctx.session.save();
  }),
});
const createContext = async () => ({ session: await openIronSession() });
const handler = (req) => fetchRequestHandler({ endpoint: '/iron', req, router, createContext });

export { handler as GET, handler as POST };
