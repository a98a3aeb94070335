import type { TRPCMutationProcedure, TRPCProcedureBuilder, TRPCQueryProcedure, TRPCUnsetMarker } from '@trpc/server';
import type { SessionTypes } from '../core/engine.ts';
import type { Sessions } from '../core/manager.ts';
import type { SessionInfo } from '../core/session/list-sessions.ts';
import type { AuthenticatedView, UnauthenticatedView } from '../core/session/view.ts';
import type { SessionContext } from './context.ts';
import { createRequireSession, restoreResultError } from './guard.ts';
import { descriptions, idInput, outputSchemas } from './session-schemas.ts';

/** A procedure builder of any host whose context has our session. Eight arguments: the ninth pins the error shape. */
export type HostProcedure<Context, Meta, Overrides> = TRPCProcedureBuilder<
  Context,
  Meta,
  Overrides,
  TRPCUnsetMarker,
  TRPCUnsetMarker,
  TRPCUnsetMarker,
  TRPCUnsetMarker,
  false
>;

// biome-ignore lint/suspicious/noConfusingVoidType: tRPC's word for a procedure without input
type Query<Output, Meta> = TRPCQueryProcedure<{ input: void; output: Output; meta: Meta }>;
type Mutation<Input, Output, Meta> = TRPCMutationProcedure<{ input: Input; output: Output; meta: Meta }>;

/** The procedures that `useSession` and a devices page need. A type, since routers take records only. */
export type BaseProcedures<T extends SessionTypes, Meta> = {
  /** What the browser may see of the session. Passive: asking keeps nothing alive. */
  get: Query<AuthenticatedView<T['view']> | UnauthenticatedView, Meta>;
  /** Signs out. Twice is fine. */
  destroy: Mutation<void, { cookieCleared: boolean }, Meta>;
  /** Where this user is signed in. */
  list: Query<readonly SessionInfo[], Meta>;
  /** Ends one of this user's sessions by its id. */
  revoke: Mutation<{ id: string }, { revoked: boolean }, Meta>;
  /** Ends all of this user's sessions but this one. */
  revokeOthers: Mutation<void, { revoked: number }, Meta>;
};

/** There is no `set` unless the manager has a patch schema: without one a browser may change nothing. */
export type SessionProcedures<T extends SessionTypes, Meta> = BaseProcedures<T, Meta> &
  ([T['patch']] extends [never] ? unknown : { set: Mutation<T['patch'], AuthenticatedView<T['view']>, Meta> });

export type CreateSessionProcedures<T extends SessionTypes> = <Context extends SessionContext<T>, Meta, Overrides>(
  procedure: HostProcedure<Context, Meta, Overrides>,
) => SessionProcedures<T, Meta>;

export function createSessionProceduresFactory<T extends SessionTypes>({
  facts,
}: Sessions<T>): CreateSessionProcedures<T> {
  return (host) => {
    const procedure = host as unknown as HostProcedure<SessionContext<T>, object, object>;
    const open = procedure.use(async ({ next }) => restoreResultError(await next()));
    const guarded = procedure.use(createRequireSession<T>(facts)());
    const base = {
      get: documentProcedure(open, 'get').query(({ ctx }) => ctx.session.view()),
      destroy: documentProcedure(open, 'destroy').mutation(({ ctx }) => ctx.session.destroy()),
      list: documentProcedure(guarded, 'list').query(({ ctx }) => ctx.session.list()),
      revoke: documentProcedure(guarded, 'revoke')
        .input(idInput)
        .mutation(async ({ ctx, input }) => ({ revoked: await ctx.session.revoke(input.id) })),
      revokeOthers: documentProcedure(guarded, 'revokeOthers').mutation(async ({ ctx }) => {
        return { revoked: await ctx.session.revokeOthers() };
      }),
    };
    if (!facts.patch) return base as never;
    const set = documentProcedure(guarded, 'set')
      .input(facts.patch)
      .mutation(async ({ ctx, input }) => {
        await ctx.session.update(input as never);
        return ctx.session.view();
      });
    return { ...base, set } as never;
  };
}

/** The same builder, with what a document says of this procedure and of its answer. */
function documentProcedure<Context, Overrides>(
  builder: HostProcedure<Context, object, Overrides>,
  name: keyof typeof outputSchemas,
): TRPCProcedureBuilder<Context, object, Overrides, TRPCUnsetMarker, TRPCUnsetMarker, unknown, unknown, false> {
  return builder.meta({ description: descriptions[name] }).output(outputSchemas[name]);
}
