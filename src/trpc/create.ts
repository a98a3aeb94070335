import type { Sessions } from '../core/manager.ts';
import type { SessionTypes } from '../core/options.ts';
import { type ContextOptions, createContextFactory, type SessionContext } from './context.ts';
import { type CreateErrorFormatter, createErrorFormatter } from './errors.ts';
import { createRequireSession, type RequireSession } from './guard.ts';
import { type CreateSessionProcedures, createSessionProceduresFactory } from './procedures.ts';

/** What `createTrpcSession` returns. All functions can be destructured. */
export interface TrpcSession<T extends SessionTypes, Patch = unknown> {
  /**
   * Creates the tRPC context with the session of the request, for any adapter and for server-side callers. It never
   * throws and does no I/O: the session is read when a procedure needs it. In Next.js use the `createContext` of
   * `createNextSession`, which shares one session with pages and server actions.
   *
   * @param options What the adapter passes. Default: no request, so the user is signed out.
   * @example
   * createHTTPHandler({ router, createContext });
   * @example
   * // With more on the context:
   * const createAppContext = (options: ContextOptions) => ({ ...createContext(options), db });
   */
  readonly createContext: (options?: ContextOptions) => SessionContext<T>;
  /**
   * Creates a guard: a middleware that lets a call through if the user is signed in and every verifier returns `true`.
   * Then `ctx.session.data` is there, with the type that the verifiers prove. Guards can follow each other on one
   * procedure; the session is read once. A guarded subscription ends with `UNAUTHORIZED` when its session ends: at
   * once if the store reports changes, otherwise within the manager's `watchEvery`.
   *
   * @param verifiers Conditions, checked in order, such as `matches({ role: 'admin' })`. Default: signed in is enough.
   * @throws TRPCError whose `cause` is a `SessionError`. `UNAUTHORIZED` for the codes `MISSING`, `EXPIRED` and `STALE`,
   * `FORBIDDEN` for `REFUSED` and `CROSS_SITE`, `SERVICE_UNAVAILABLE` for `UNAVAILABLE`.
   * @example
   * export const protectedProcedure = t.procedure.use(requireSession());
   * export const adminProcedure = t.procedure.use(requireSession(matches({ role: 'admin' })));
   */
  readonly requireSession: RequireSession<T>;
  /**
   * Creates the procedures that the browser calls. `useSession()` and `useSetSession()` need `get`, `set` and
   * `destroy`; a page of signed-in devices needs `list`, `revoke` and `revokeOthers`. `set` exists only if the manager
   * has a `patch` schema. All but `get` and `destroy` require a session.
   *
   * @param procedure The app's public procedure.
   * @example
   * export const appRouter = t.router({ session: createSessionProcedures(t.procedure) });
   */
  readonly createSessionProcedures: CreateSessionProcedures<T, Patch>;
  /**
   * Creates the `errorFormatter` that puts `data.session.reason` on errors, so that the client can tell a signed-out
   * user from an outage. Every `SessionError` gets its own tRPC code, also when a procedure without a guard throws it.
   * Other errors get `data.session: null`.
   *
   * @param inner The app's own formatter. It runs first, and the fields that it adds are kept.
   * @example
   * const t = initTRPC.context<typeof createContext>().create({ errorFormatter: createErrorFormatter() });
   * @example
   * createErrorFormatter(({ shape, error }) => ({
   *   ...shape,
   *   data: { ...shape.data, zodError: error.cause instanceof ZodError ? z.flattenError(error.cause) : null },
   * }));
   */
  readonly createErrorFormatter: CreateErrorFormatter;
}

/**
 * Creates the tRPC functions of a manager: the context, the guard, the session procedures and the error formatter.
 *
 * @param sessions The manager that `createSessions` returned.
 * @example
 * export const { createContext, requireSession, createSessionProcedures, createErrorFormatter } =
 *   createTrpcSession(sessions);
 */
export function createTrpcSession<T extends SessionTypes, Patch>(sessions: Sessions<T, Patch>): TrpcSession<T, Patch> {
  return {
    createContext: createContextFactory(sessions),
    requireSession: createRequireSession<T>(sessions.facts),
    createSessionProcedures: createSessionProceduresFactory(sessions),
    createErrorFormatter,
  };
}
