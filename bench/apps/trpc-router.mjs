import { initTRPC } from '@trpc/server';
import { createUserData, describeUser } from './user-data.mjs';

const user = createUserData(1);

/** The router of an app without sessions. `guarded` has a guard that only adds the user to the context. */
export function createBareRouter() {
  const t = initTRPC.create();
  const write = t.procedure.mutation(() => describeUser(user));
  return t.router({
    me: t.procedure.query(() => describeUser(user)),
    guarded: t.procedure.use(({ next }) => next({ ctx: { user } })).query(({ ctx }) => describeUser(ctx.user)),
    'sign-in': write,
    update: write,
    regenerate: write,
    'sign-out': write,
  });
}
