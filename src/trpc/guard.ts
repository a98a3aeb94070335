import type { TRPCError, TRPCMiddlewareFunction } from '@trpc/server';
import { isSessionError, SessionError } from '../core/errors.ts';
import type { SessionsFacts } from '../core/manager.ts';
import type { SessionTypes } from '../core/options.ts';
import { markGuard } from '../core/ports/guard-facts.ts';
import type { PassableVerifiers, Verifier, VerifierProof } from '../core/ports/verifier.ts';
import type { Immutable } from '../core/record/snapshot.ts';
import type { GuardedSession } from '../core/session/session.ts';
import type { SessionContext } from './context.ts';
import { restoreSessionError, toTrpcError } from './errors.ts';
import { watchOutput } from './watch-stream.ts';

/**
 * What `requireSession` adds to the context: a session that is there and has passed every verifier. Libraries name it
 * when they annotate a procedure builder.
 */
export interface GuardedContext<T extends SessionTypes, Proof = unknown> {
  /** The session's methods, and what the guard read: `data`, `id`, `revision` and the times. */
  session: GuardedSession<T, Proof>;
}

/** What tRPC's `next()` returns. */
type MiddlewareResult<Context> = ReturnType<TRPCMiddlewareFunction<object, object, object, Context, unknown>>;

/**
 * The middleware that `requireSession` returns. It names no meta, input or error shape, so that those of the app's
 * procedures keep their types.
 *
 * @internal
 */
export type GuardMiddleware<T extends SessionTypes, Proof = unknown> = (options: {
  ctx: SessionContext<T>;
  signal: AbortSignal | undefined;
  type: 'query' | 'mutation' | 'subscription';
  next: <Context>(options: { ctx: Context }) => MiddlewareResult<Context>;
}) => MiddlewareResult<GuardedContext<T, Proof>>;

/** The type of `requireSession`. @internal */
export type RequireSession<T extends SessionTypes> = <const V extends readonly Verifier<Immutable<T['data']>>[]>(
  ...verifiers: PassableVerifiers<Immutable<T['data']>, V>
) => GuardMiddleware<T, VerifierProof<V>>;

export function createRequireSession<T extends SessionTypes>(facts: SessionsFacts): RequireSession<T> {
  const { carriers } = facts;
  return <const V extends readonly Verifier<Immutable<T['data']>>[]>(
    ...verifiers: PassableVerifiers<Immutable<T['data']>, V>
  ) => {
    const guard: GuardMiddleware<T, VerifierProof<V>> = async ({ ctx, next, signal, type }) => {
      const session = await ctx.session.require<V>(...verifiers).catch(throwAsTrpcError);
      const result = await next({ ctx: { session } });
      if (!result.ok) return restoreResultError(result);
      if (type !== 'subscription' && !isGenerator(result.data)) return result;
      const watch = {
        signal,
        onClose: facts.onClose,
        watchSession: ctx.session.watch,
        createEndError: () => toTrpcError(new SessionError('EXPIRED')),
      };
      return { ...result, data: watchOutput(result.data, watch) };
    };
    return markGuard(guard, { verifiers: verifiers as readonly unknown[] as readonly Verifier<never>[], carriers });
  };
}

/** Whether a query streams. Other iterables, such as the bytes of a file, are passed on unchanged. */
function isGenerator(output: unknown): boolean {
  return Object.prototype.toString.call(output) === '[object AsyncGenerator]';
}

function throwAsTrpcError(error: unknown): never {
  throw isSessionError(error) ? toTrpcError(error) : error;
}

/** Gives a `SessionError` that a resolver threw its own tRPC code. The app's own errors are unchanged. */
export function restoreResultError<Result extends { readonly ok: boolean; readonly error?: TRPCError }>(
  result: Result,
): Result {
  return result.error ? { ...result, error: restoreSessionError(result.error) } : result;
}
