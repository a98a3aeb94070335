import { TRPCError } from '@trpc/server';
import { freshWithin } from 'trpc-session';
import { z } from 'zod';
import { protectedProcedure, publicProcedure, requireSession, router } from '../trpc';
import { users, verifyPassword } from '../users';

/** For risky actions. If the password was entered too long ago, it refuses with the reason `stale`. */
const freshProcedure = publicProcedure.use(requireSession(freshWithin('5m')));

export const accountRouter = router({
  me: protectedProcedure.meta({ description: 'Returns the signed-in user.' }).query(({ ctx }) => {
    const { userId, name, role } = ctx.session.data;
    return { userId, name, role };
  }),

  confirmPassword: protectedProcedure
    .meta({ description: 'Confirms the password. The session then gets a new token and counts as freshly signed in.' })
    .input(z.object({ password: z.string().min(1).max(256) }))
    .mutation(async ({ ctx, input }) => {
      const user = users.find(({ userId }) => userId === ctx.session.data.userId);
      const isCorrect = user && (await verifyPassword(user, input.password));
      // Not UNAUTHORIZED: clients sign the user out on that code, and a typing error must not do so.
      if (!isCorrect) throw new TRPCError({ code: 'FORBIDDEN', message: 'Incorrect password.' });
      const { session } = await ctx.session.regenerate({ reauthenticated: true });
      return { authenticatedAt: session.authenticatedAt };
    }),

  deleteAccount: freshProcedure
    .meta({ description: 'Needs a password entered in the last five minutes. The demo does not delete the account.' })
    .mutation(({ ctx }) => ({
      deleted: false,
      message: `A real app would now delete the account of ${ctx.session.data.name}. The demo keeps it.`,
    })),
});
