import { accountRouter } from './routers/account';
import { adminRouter } from './routers/admin';
import { authRouter } from './routers/auth';
import { publicProcedure, router, sessionRouter } from './trpc';

const publicRouter = router({
  /** Never asks the session anything, so it cannot be slowed or failed by Redis, whatever cookie comes along. */
  hello: publicProcedure.query(() => ({ message: 'Hello, whoever you are.' })),
});

export const appRouter = router({
  auth: authRouter,
  session: sessionRouter,
  account: accountRouter,
  admin: adminRouter,
  public: publicRouter,
});

export type AppRouter = typeof appRouter;
