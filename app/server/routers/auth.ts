import { TRPCError } from '@trpc/server';
import { credentials } from '../../credentials';
import { publicProcedure, router } from '../trpc';
import { findUserByPassword } from '../users';

/** Signs in and out with tRPC. app/actions.ts does the same with server actions; most apps need only one of the two. */
export const authRouter = router({
  signIn: publicProcedure
    .meta({ description: 'Starts a session and sets its cookie. The previous session of this browser ends.' })
    .input(credentials)
    .mutation(async ({ ctx, input: { username, password, theme } }) => {
      const user = await findUserByPassword(username, password);
      if (!user) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Incorrect username or password.' });
      const { userId, name, role } = user;
      await ctx.session.start({ userId, name, role, theme });
      return { name, role };
    }),

  signOut: publicProcedure
    .meta({ description: 'Ends the session on the server, then clears the cookie. Idempotent.' })
    .mutation(({ ctx }) => ctx.session.destroy()),
});
