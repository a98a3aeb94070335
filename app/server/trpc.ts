import { initTRPC } from '@trpc/server';
import superjson from 'superjson';
import { matches } from 'trpc-session';
import { createTrpcSession } from 'trpc-session/trpc';
import { sessions } from '../session';
import type { createContext } from '../session-server';

const { requireSession, createSessionProcedures, createErrorFormatter } = createTrpcSession(sessions);

/** What a procedure says of itself in the documentation of the API. */
interface ProcedureMeta {
  readonly description?: string;
}

/**
 * The context is a lazy session and nothing else; an app with a database writes
 * `async (opts) => ({ ...(await createContext(opts)), db })`.
 */
const t = initTRPC.context<typeof createContext>().meta<ProcedureMeta>().create({
  transformer: superjson,
  // Puts `data.session.reason` on errors: 'missing', 'expired', 'stale', 'refused', 'cross-site' or 'unavailable'.
  errorFormatter: createErrorFormatter(),
});

export const router = t.router;

/** For everyone. Costs no Redis command unless the procedure asks `ctx.session` something. */
export const publicProcedure = t.procedure;

/** For people who are signed in: `ctx.session.data` is there, typed and never null. */
export const protectedProcedure = t.procedure.use(requireSession());

/** For admins: the type of `ctx.session.data.role` is narrowed to `'admin'`. */
export const adminProcedure = t.procedure.use(requireSession(matches({ role: 'admin' })));

/** get, set (by the patch schema), destroy, list, revoke, revokeOthers. */
export const sessionRouter = t.router(createSessionProcedures(t.procedure));

export { requireSession };
