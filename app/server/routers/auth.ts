import { TRPCError } from '@trpc/server';
import { credentials } from '../../credentials';
import { publicProcedure, router } from '../trpc';
import { findByPassword } from '../users';

export const authRouter = router({
  /** Starts a session. The cookie leaves with this very response, and a session it replaces is dead at once. */
  signIn: publicProcedure.input(credentials).mutation(async ({ ctx, input: { username, password, theme } }) => {
    const user = await findByPassword(username, password);
    if (!user) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'That name and password do not go together.' });
    const { userId, name, role } = user;
    await ctx.session.start({ userId, name, role, theme });
    return { name, role };
  }),

  /** Ends the session: in the store first, then in the browser. Twice is fine. */
  signOut: publicProcedure.mutation(({ ctx }) => ctx.session.destroy()),
});
