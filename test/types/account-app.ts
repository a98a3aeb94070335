/** The app of the README. `compiler.test.ts` tests which types an editor shows for it. */
import { initTRPC } from '@trpc/server';
import { createSessions, matches } from 'trpc-session';
import { createReactSession } from 'trpc-session/react';
import { createTrpcSession } from 'trpc-session/trpc';
import { z } from 'zod';

export const account = z.object({
  userId: z.string(),
  name: z.string(),
  role: z.enum(['member', 'admin']),
  theme: z.enum(['light', 'dark']),
});

export const sessions = createSessions({
  schema: account,
  subject: (data) => data.userId,
  view: ({ name, role, theme }) => ({ name, role, theme }),
  patch: z.object({ theme: z.enum(['light', 'dark']) }),
  store: undefined,
  secret: undefined,
});

const { createContext, requireSession } = createTrpcSession(sessions);
const { useSession, useSetSession } = createReactSession<typeof sessions>();
const t = initTRPC.context<typeof createContext>().create();

export const isSignedIn = t.procedure.query(({ ctx: { session } }) => session.hasToken());
export const greet = t.procedure.use(requireSession()).query(({ ctx: { session } }) => session.data.name);
export const administrate = t.procedure
  .use(requireSession(matches({ role: 'admin' })))
  .query(({ ctx: { session } }) => session.data.role);

export function useTheme(): () => void {
  const state = useSession();
  const { setSession } = useSetSession();
  return () => void (state.status === 'authenticated' && setSession({ theme: 'dark' }));
}
