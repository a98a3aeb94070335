import type { SessionTypes } from '../core/engine.ts';
import type { Sessions } from '../core/sessions.ts';
import { type ContextOptions, contextCreator, type SessionContext } from './context.ts';
import { type SessionErrors, sessionErrors } from './errors.ts';
import { type RequireSession, requireSession } from './guard.ts';
import { type CreateSessionProcedures, sessionProcedures } from './procedures.ts';

/** This door's functions, typed by the manager. */
export interface TrpcSession<T extends SessionTypes> {
  /** For any tRPC adapter or caller. Never throws, does no I/O. In Next take `createNextSession`'s. */
  readonly createContext: (options?: ContextOptions) => SessionContext<T>;
  readonly requireSession: RequireSession<T>;
  readonly sessionProcedures: CreateSessionProcedures<T>;
  readonly sessionErrors: SessionErrors;
}

/** Sessions for tRPC. */
export function createTrpcSession<T extends SessionTypes>(sessions: Sessions<T>): TrpcSession<T> {
  return {
    createContext: contextCreator(sessions),
    requireSession: requireSession<T>(sessions.facts),
    sessionProcedures: sessionProcedures(sessions),
    sessionErrors,
  };
}
