import { accountRouter } from './routers/account';
import { adminRouter } from './routers/admin';
import { authRouter } from './routers/auth';
import { publicProcedure, router, sessionRouter } from './trpc';

const publicRouter = router({
  hello: publicProcedure
    .meta({ description: 'Returns a greeting. It does not read the session, so it also works while Redis is down.' })
    .query(() => ({ message: 'Hello from the server.' })),
});

/** All procedures of the app. Add your routers here. */
export const appRouter = router({
  auth: authRouter,
  session: sessionRouter,
  account: accountRouter,
  admin: adminRouter,
  public: publicRouter,
});

export type AppRouter = typeof appRouter;
