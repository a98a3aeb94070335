import type { TRPCMutationProcedure, TRPCProcedureBuilder, TRPCQueryProcedure, TRPCUnsetMarker } from '@trpc/server';
import type { Sessions, SessionsFacts } from '../core/manager.ts';
import type { SessionTypes } from '../core/options.ts';
import { createSizeError, fitsInto } from '../core/record/storable.ts';
import type { SessionInfo } from '../core/session/list-sessions.ts';
import type { SessionChange } from '../core/session/update-session.ts';
import type { AuthenticatedView, UnauthenticatedView } from '../core/session/view.ts';
import type { SessionContext } from './context.ts';
import { toTrpcError } from './errors.ts';
import { createRequireSession, restoreResultError } from './guard.ts';
import { descriptions, idInput, outputSchemas } from './session-schemas.ts';

/**
 * A procedure builder of any app whose context has `session`. It has eight type arguments on purpose: a ninth would set
 * the error shape, and procedures built on it would lose the app's own.
 */
type AppProcedure<Context, Meta, Overrides> = TRPCProcedureBuilder<
  Context,
  Meta,
  Overrides,
  TRPCUnsetMarker,
  TRPCUnsetMarker,
  TRPCUnsetMarker,
  TRPCUnsetMarker,
  false
>;

// biome-ignore lint/suspicious/noConfusingVoidType: void is tRPC's input type of a procedure without input
type Query<Output, Meta> = TRPCQueryProcedure<{ input: void; output: Output; meta: Meta }>;
type Mutation<Input, Output, Meta> = TRPCMutationProcedure<{ input: Input; output: Output; meta: Meta }>;

/** The procedures that every manager gets. A type alias, because an interface is not assignable to a router record. */
type BaseProcedures<T extends SessionTypes, Meta> = {
  /** Returns the view of the session. Reading it does not extend the idle timeout. */
  get: Query<AuthenticatedView<T['view']> | UnauthenticatedView, Meta>;
  /** Signs the user out. Idempotent. */
  destroy: Mutation<void, { cookieCleared: boolean }, Meta>;
  /** Records a use of the session, so that its idle timeout starts again. Uses in quick succession count once. */
  touch: Mutation<void, { touched: true }, Meta>;
  /** Lists the sessions of this user, for a page that shows the signed-in devices. */
  list: Query<readonly SessionInfo[], Meta>;
  /** Signs one device of this user out, by the session's `id`. `revoked` is false if no session has this id. */
  revoke: Mutation<{ id: string }, { revoked: boolean }, Meta>;
  /** Signs out everywhere else: ends all sessions of this user except the current one, and returns their number. */
  revokeOthers: Mutation<void, { revoked: number }, Meta>;
};

/**
 * What `createSessionProcedures` returns. It has `set` only if the manager has a `patch` schema: without one the
 * browser cannot change the session.
 *
 * @internal
 */
export type SessionProcedures<T extends SessionTypes, Patch, Meta> = BaseProcedures<T, Meta> &
  ([Patch] extends [never] ? unknown : SetProcedure<T, Patch, Meta>);

type SetProcedure<T extends SessionTypes, Patch, Meta> = {
  /** Changes the session of the signed-in user by a patch, and returns the new view. */
  set: Mutation<Patch, AuthenticatedView<T['view']>, Meta>;
};

/** The type of `createSessionProcedures`. @internal */
export type CreateSessionProcedures<T extends SessionTypes, Patch> = <
  Context extends SessionContext<T>,
  Meta,
  Overrides,
>(
  procedure: AppProcedure<Context, Meta, Overrides>,
) => SessionProcedures<T, Patch, Meta>;

export function createSessionProceduresFactory<T extends SessionTypes, Patch>({
  facts,
}: Sessions<T, Patch>): CreateSessionProcedures<T, Patch> {
  return <Context extends SessionContext<T>, Meta, Overrides>(appProcedure: AppProcedure<Context, Meta, Overrides>) => {
    // Hides the app's own context and meta, which these procedures do not use. The return type names the meta again.
    const procedure = appProcedure as unknown as AppProcedure<SessionContext<T>, object, object>;
    const open = procedure.use(async ({ next }) => restoreResultError(await next()));
    const guarded = procedure.use(createRequireSession<T>(facts)());
    const base = {
      get: documentProcedure(open, 'get').query(({ ctx }) => ctx.session.view()),
      destroy: documentProcedure(open, 'destroy').mutation(({ ctx }) => ctx.session.destroy()),
      // The guard records the use.
      touch: documentProcedure(guarded, 'touch').mutation(() => ({ touched: true })),
      list: documentProcedure(guarded, 'list').query(({ ctx }) => ctx.session.list()),
      revoke: documentProcedure(guarded, 'revoke')
        .input(idInput)
        .mutation(async ({ ctx, input }) => ({ revoked: await ctx.session.revoke(input.id) })),
      revokeOthers: documentProcedure(guarded, 'revokeOthers').mutation(async ({ ctx }) => {
        return { revoked: await ctx.session.revokeOthers() };
      }),
    };
    const set =
      facts.patch &&
      documentProcedure(guarded.use(createInputLimit(facts)), 'set')
        .input(facts.patch)
        .mutation(async ({ ctx, input }) => {
          await ctx.session.update(input as SessionChange<T>);
          return ctx.session.view();
        });
    return { ...base, ...(set && { set }) } as SessionProcedures<T, Patch, Meta>;
  };
}

/**
 * Refuses an input that cannot be stored because of its size, before its schema or anything else takes it apart. A server
 * has received and parsed it by then, so it needs a limit of its own for the whole body.
 */
function createInputLimit({ maxBytes }: SessionsFacts) {
  return async <Next>({
    getRawInput,
    next,
  }: {
    getRawInput: () => Promise<unknown>;
    next: () => Next;
  }): Promise<Awaited<Next>> => {
    if (fitsInto(await getRawInput(), maxBytes)) return await next();
    throw toTrpcError(createSizeError(`more than ${maxBytes}`, maxBytes));
  };
}

/** Adds the description and the output schema that an OpenAPI document shows for this procedure. */
function documentProcedure<Context, Overrides>(
  builder: AppProcedure<Context, object, Overrides>,
  name: keyof typeof outputSchemas,
): TRPCProcedureBuilder<Context, object, Overrides, TRPCUnsetMarker, TRPCUnsetMarker, unknown, unknown, false> {
  return builder.meta({ description: descriptions[name] }).output(outputSchemas[name]);
}
