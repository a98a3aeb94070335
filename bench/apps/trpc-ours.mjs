import { initTRPC } from '@trpc/server';
import { createOurSessions, loadLibrary, routes } from './ours.mjs';
import { createUserData, describeUser } from './user-data.mjs';

const user = createUserData(1);

/** The router of an app with our sessions. `hello` is public and does not use the session. */
export async function createOurRouter(options) {
  const { createTrpcSession } = await loadLibrary();
  const sessions = await createOurSessions(options);
  const { createContext, requireSession, createErrorFormatter } = createTrpcSession(sessions);
  const t = initTRPC.context().create({ errorFormatter: createErrorFormatter() });
  const guarded = t.procedure.use(requireSession());
  const router = t.router({
    me: guarded.query(({ ctx }) => describeUser(ctx.session.data)),
    hello: t.procedure.query(() => describeUser(user)),
    'sign-in': t.procedure.mutation(({ ctx }) => routes['/sign-in'](ctx.session)),
    update: guarded.mutation(({ ctx }) => routes['/update'](ctx.session)),
    regenerate: guarded.mutation(({ ctx }) => routes['/regenerate'](ctx.session)),
    'sign-out': t.procedure.mutation(({ ctx }) => routes['/sign-out'](ctx.session)),
  });
  return { sessions, router, createContext };
}
