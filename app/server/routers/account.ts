import { TRPCError } from '@trpc/server';
import { freshWithin } from 'trpc-session';
import { z } from 'zod';
import { protectedProcedure, publicProcedure, requireSession, router } from '../trpc';
import { isPassword, users } from '../users';

/** Verifiers go where the guard goes. This one refuses with the reason `stale`, and the page then asks for the password. */
const freshProcedure = publicProcedure.use(requireSession(freshWithin('5m')));

export const accountRouter = router({
  me: protectedProcedure.meta({ description: 'Says who is signed in.' }).query(({ ctx }) => {
    const { userId, name, role } = ctx.session.data;
    return { userId, name, role };
  }),

  confirmPassword: protectedProcedure
    .meta({ description: 'Takes the password again. The session goes on under a new token, fresh from now.' })
    .input(z.object({ password: z.string().min(1).max(256) }))
    .mutation(async ({ ctx, input }) => {
      const user = users.find(({ userId }) => userId === ctx.session.data.userId);
      const matches = user && (await isPassword(user, input.password));
      // Not UNAUTHORIZED: to a client that means "signed out", and a typing error should not sign anybody out.
      if (!matches) throw new TRPCError({ code: 'FORBIDDEN', message: 'That is not your password.' });
      const { session } = await ctx.session.regenerate({ reauthenticated: true });
      return { authenticatedAt: session.authenticatedAt };
    }),

  deleteAccount: freshProcedure
    .meta({ description: 'Would delete the account, if the password is fresh. In this demo it stays.' })
    .mutation(({ ctx }) => ({
      deleted: false,
      message: `This is where ${ctx.session.data.name}’s account would be deleted. In this demo it stays.`,
    })),
});
