import { z } from 'zod';
import { sessions, store } from '../../session';
import { adminProcedure, router } from '../trpc';
import { type User, users } from '../users';

export interface AccountOverview {
  readonly userId: string;
  readonly name: string;
  readonly role: User['role'];
  readonly sessions: number;
  readonly lastSeenAt: number | null;
}

async function loadOverview({ userId, name, role }: User): Promise<AccountOverview> {
  // `sessions.of(userId)` works for any user, without a session of that user.
  const live = await sessions.of(userId).list();
  const lastSeenAt = live.length > 0 ? Math.max(...live.map((session) => session.lastSeenAt)) : null;
  return { userId, name, role, sessions: live.length, lastSeenAt };
}

export const adminRouter = router({
  overview: adminProcedure
    .meta({ description: 'Lists all accounts and the number of their sessions.' })
    .query(async () => ({ store: store.name, accounts: await Promise.all(users.map(loadOverview)) })),

  signOutEverywhere: adminProcedure
    .meta({ description: 'Signs a user out everywhere, and returns how many sessions that ended.' })
    .input(z.object({ userId: z.string().min(1).max(64) }))
    .mutation(async ({ input }) => ({ revoked: await sessions.of(input.userId).revokeAll() })),
});
