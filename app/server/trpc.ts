import { initTRPC } from '@trpc/server';
import superjson from 'superjson';
import { matches } from 'trpc-session';
import { createTrpcSession } from 'trpc-session/trpc';
import { sessions } from '../session';
import type { createContext } from '../session-server';

const { requireSession, createSessionProcedures, createErrorFormatter } = createTrpcSession(sessions);

/** What `.meta()` accepts. The description appears in the OpenAPI document. */
interface ProcedureMeta {
  readonly description?: string;
}

/**
 * The context contains only the session, which is not read until a procedure uses it. To add a database, wrap it:
 * `const createAppContext = async (opts) => ({ ...(await createContext(opts)), db })`.
 */
const t = initTRPC.context<typeof createContext>().meta<ProcedureMeta>().create({
  transformer: superjson,
  // Adds `data.session.reason` to errors: 'missing', 'expired', 'stale', 'refused', 'cross-site' or 'unavailable'.
  errorFormatter: createErrorFormatter(),
});

export const router = t.router;

/** For all visitors. Redis is not read unless the procedure calls a method of `ctx.session`. */
export const publicProcedure = t.procedure;

/** For signed-in users: `ctx.session.data` is typed and never null. */
export const protectedProcedure = t.procedure.use(requireSession());

/** For admins. The type of `ctx.session.data.role` is `'admin'`. */
export const adminProcedure = t.procedure.use(requireSession(matches({ role: 'admin' })));

/** The procedures get, set (for the patch schema), touch, destroy, list, revoke and revokeOthers. */
export const sessionRouter = t.router(createSessionProcedures(t.procedure));

export { requireSession };
