import { TRPCError } from '@trpc/server';
import { credentials } from '../../credentials';
import { publicProcedure, router } from '../trpc';
import { findByPassword } from '../users';

export const authRouter = router({
  signIn: publicProcedure
    .meta({ description: 'Starts a session: its cookie comes with the answer, and the one before is dead at once.' })
    .input(credentials)
    .mutation(async ({ ctx, input: { username, password, theme } }) => {
      const user = await findByPassword(username, password);
      if (!user) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'That name and password do not go together.' });
      const { userId, name, role } = user;
      await ctx.session.start({ userId, name, role, theme });
      return { name, role };
    }),

  signOut: publicProcedure
    .meta({ description: 'Ends the session: in the store first, then in the browser. Twice is fine.' })
    .mutation(({ ctx }) => ctx.session.destroy()),
});
