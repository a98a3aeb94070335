import type { TRPCError, TRPCMiddlewareFunction } from '@trpc/server';
import type { SessionTypes } from '../core/engine.ts';
import { isSessionError, SessionError } from '../core/errors.ts';
import type { SessionsFacts } from '../core/manager.ts';
import { markGuard } from '../core/ports/guard-facts.ts';
import type { Narrowed, Verifier } from '../core/ports/verifier.ts';
import type { Immutable } from '../core/record/snapshot.ts';
import type { GuardedSession } from '../core/session/session.ts';
import type { SessionContext } from './context.ts';
import { restoreSessionError, toTrpcError } from './errors.ts';
import { watchOutput } from './watch-stream.ts';

/** What the guard adds to the context: `ctx.session` is there, typed, non-null, and has passed every verifier. */
export interface GuardedContext<T extends SessionTypes, Data> {
  session: GuardedSession<T, Data>;
}

type MiddlewareAnswer<Context> = ReturnType<TRPCMiddlewareFunction<object, object, object, Context, unknown>>;

/** Asks of its host nothing but `ctx.session`, so that context, meta, input and error shape of the host stay whole. */
export type GuardMiddleware<T extends SessionTypes, Data> = (options: {
  ctx: SessionContext<T>;
  signal: AbortSignal | undefined;
  type: 'query' | 'mutation' | 'subscription';
  next: <Context>(options: { ctx: Context }) => MiddlewareAnswer<Context>;
}) => MiddlewareAnswer<GuardedContext<T, Data>>;

/**
 * Guards a procedure. Refuses with UNAUTHORIZED (`missing`, `expired`, `stale`), FORBIDDEN (`refused`, `cross-site`) or
 * SERVICE_UNAVAILABLE; passes when every verifier answers `true`, and narrows the type to what they prove. The stream
 * of a guarded subscription ends with UNAUTHORIZED within `watchEvery` after its session ended.
 */
export type RequireSession<T extends SessionTypes> = <const V extends readonly Verifier<Immutable<T['data']>>[]>(
  ...verifiers: V
) => GuardMiddleware<T, Narrowed<Immutable<T['data']>, V>>;

export function createRequireSession<T extends SessionTypes>(facts: SessionsFacts<T>): RequireSession<T> {
  const { watchEveryMs, carriers } = facts;
  return (...verifiers) => {
    const guard: GuardMiddleware<T, never> = async ({ ctx, next, signal, type }) => {
      const session = await ctx.session.require(...verifiers).catch(throwAsTrpcError);
      const answer = await next({ ctx: { session } });
      if (!answer.ok) return restoreResultError(answer) as never;
      const stillAlive = async (): Promise<boolean> => (await ctx.session.get({ passive: true, fresh: true })) !== null;
      const gone = (): Error => toTrpcError(new SessionError('EXPIRED'));
      if (type !== 'subscription' && !isGenerator(answer.data)) return answer as never;
      return {
        ...answer,
        data: watchOutput(answer.data, { everyMs: watchEveryMs, signal, stillAlive, gone }),
      } as never;
    };
    return markGuard(guard, { verifiers, carriers }) as never;
  };
}

/** What a query streams; other things that can be iterated, such as a file's bytes, are the app's to hand on as they are. */
function isGenerator(output: unknown): boolean {
  return Object.prototype.toString.call(output) === '[object AsyncGenerator]';
}

function throwAsTrpcError(error: unknown): never {
  throw isSessionError(error) ? toTrpcError(error) : error;
}

/** Errors of ours that a resolver threw get their own code; the host's errors pass untouched. */
export function restoreResultError<Answer extends { readonly ok: boolean; readonly error?: TRPCError }>(
  answer: Answer,
): Answer {
  return answer.error ? { ...answer, error: restoreSessionError(answer.error) } : answer;
}
