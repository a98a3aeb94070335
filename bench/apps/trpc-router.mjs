import { initTRPC } from '@trpc/server';
import { createUserData, describeUser } from './user-data.mjs';

const user = createUserData(1);

/** The router of an app without sessions. */
export function createBareRouter() {
  const t = initTRPC.create();
  const write = t.procedure.mutation(() => describeUser(user));
  return t.router({
    me: t.procedure.query(() => describeUser(user)),
    'sign-in': write,
    update: write,
    regenerate: write,
    'sign-out': write,
  });
}
