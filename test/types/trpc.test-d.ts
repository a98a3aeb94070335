import { createTRPCClient, httpBatchLink, type TRPCClientError } from '@trpc/client';
import { type inferRouterInputs, type inferRouterOutputs, initTRPC } from '@trpc/server';
import superjson from 'superjson';
import { type AuthenticatedView, matches, type SessionInfo, type UnauthenticatedView } from 'trpc-session';
import { createTrpcSession, type SessionErrorData } from 'trpc-session/trpc';
import { ZodError, z } from 'zod';
import { input, sessions, withoutPatch } from './account.ts';
import { expectType } from './expect-type.ts';

const { createContext, requireSession, createSessionProcedures, createErrorFormatter } = createTrpcSession(sessions);

// The app keeps its own context, meta and error shape.
const createAppContext = async (options: Parameters<typeof createContext>[0]) => ({
  ...createContext(options),
  db: { name: 'db' },
});
const t = initTRPC
  .context<typeof createAppContext>()
  .meta<{ title: string }>()
  .create({
    transformer: superjson,
    errorFormatter: createErrorFormatter(({ shape, error }) => ({
      ...shape,
      data: { ...shape.data, zodError: error.cause instanceof ZodError ? z.flattenError(error.cause) : null },
    })),
  });

const protectedProcedure = t.procedure.use(requireSession());

const router = t.router({
  session: createSessionProcedures(t.procedure),
  public: t.procedure.query(async ({ ctx }) => {
    expectType<{ name: string }>()(ctx.db, true);
    // @ts-expect-error a public procedure has not read the session
    ctx.session.data;
    await ctx.session.start(input);
    return (await ctx.session.get())?.data.role ?? null;
  }),
  role: protectedProcedure.meta({ title: 'role' }).query(({ ctx }) => {
    expectType<{ name: string }>()(ctx.db, true);
    expectType<string>()(ctx.session.data.userId, true);
    const { role } = ctx.session.data;
    // @ts-expect-error the data is read-only
    ctx.session.data.role = 'admin';
    return role;
  }),
  seats: protectedProcedure
    .use(requireSession(matches({ role: 'admin' }), matches({ plan: { name: 'pro' } })))
    .input(z.object({ more: z.number() }))
    .mutation(({ ctx, input: { more } }) => {
      expectType<'admin'>()(ctx.session.data.role, true);
      return ctx.session.data.plan.seats + more;
    }),
});

// @ts-expect-error the data has no such field
requireSession(matches({ rolle: 'admin' }));
// @ts-expect-error the verifier expects other data
t.procedure.use(requireSession((data: { team: string }) => data.team === 'a'));
// @ts-expect-error the context of this app has no session
initTRPC.context<{ db: string }>().create().procedure.use(requireSession());
// @ts-expect-error the meta of the app has no such field
protectedProcedure.meta({ titel: 'x' });

type View = { role: 'member' | 'admin'; visits: number };
type Outputs = inferRouterOutputs<typeof router>;
type Inputs = inferRouterInputs<typeof router>;
declare const outputs: Outputs;
declare const inputs: Inputs;
expectType<'member' | 'admin' | null>()(outputs.public, true);
expectType<'member' | 'admin'>()(outputs.role, true);
expectType<number>()(outputs.seats, true);
expectType<AuthenticatedView<View> | UnauthenticatedView>()(outputs.session.get, true);
expectType<AuthenticatedView<View>>()(outputs.session.set, true);
expectType<{ touched: true }>()(outputs.session.touch, true);
expectType<readonly SessionInfo[]>()(outputs.session.list, true);
expectType<{ cookieCleared: boolean }>()(outputs.session.destroy, true);
expectType<{ revoked: boolean }>()(outputs.session.revoke, true);
expectType<{ revoked: number }>()(outputs.session.revokeOthers, true);
expectType<{ visits: number }>()(inputs.session.set, true);
expectType<{ id: string }>()(inputs.session.revoke, true);
expectType<void>()(inputs.session.destroy, true);

const client = createTRPCClient<typeof router>({
  links: [httpBatchLink({ url: '/api/trpc', transformer: superjson })],
});
await client.session.set.mutate({ visits: 1 });
// @ts-expect-error the patch schema has no such field
await client.session.set.mutate({ role: 'admin' });
// @ts-expect-error the patch schema expects a number
await client.session.set.mutate({ visits: '1' });

// The client receives the reason beside the app's own error fields.
declare const error: TRPCClientError<typeof router>;
expectType<SessionErrorData | null | undefined>()(error.data?.session, true);
expectType<'missing' | 'expired' | 'stale' | 'refused' | 'cross-site' | 'unavailable' | undefined>()(
  error.data?.session?.reason,
  true,
);
const formErrors: readonly string[] | undefined = error.data?.zodError?.formErrors;
expectType<number | undefined>()(error.data?.httpStatus, true);
void formErrors;

// Without an error formatter of the app, errors have only the field `session`.
const plain = initTRPC.context<typeof createContext>().create({ errorFormatter: createErrorFormatter() });
const plainRouter = plain.router({ session: createSessionProcedures(plain.procedure) });
declare const plainError: TRPCClientError<typeof plainRouter>;
expectType<SessionErrorData | null | undefined>()(plainError.data?.session, true);
// @ts-expect-error no formatter adds this field
plainError.data?.zodError;

// Without a patch schema the browser cannot change the session, so the procedure `set` does not exist.
const readOnly = createTrpcSession(withoutPatch);
const readOnlyApp = initTRPC.context<typeof readOnly.createContext>().create();
const procedures = readOnly.createSessionProcedures(readOnlyApp.procedure);
void procedures.get;
// @ts-expect-error the server has no such procedure
procedures.set;
// @ts-expect-error the client has no such procedure
createTRPCClient<typeof readOnlyRouter>({ links: [] }).session.set;
const readOnlyRouter = readOnlyApp.router({ session: procedures });
