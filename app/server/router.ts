import { accountRouter } from './routers/account';
import { adminRouter } from './routers/admin';
import { authRouter } from './routers/auth';
import { publicProcedure, router, sessionRouter } from './trpc';

const publicRouter = router({
  hello: publicProcedure
    .meta({ description: 'Greets anybody. It asks no session anything, so Redis cannot slow or fail it.' })
    .query(() => ({ message: 'Hello, whoever you are.' })),
});

export const appRouter = router({
  auth: authRouter,
  session: sessionRouter,
  account: accountRouter,
  admin: adminRouter,
  public: publicRouter,
});

export type AppRouter = typeof appRouter;
