import type { SessionTypes } from '../core/engine.ts';
import type { Sessions } from '../core/manager.ts';
import { type ContextOptions, createContextFactory, type SessionContext } from './context.ts';
import { type CreateErrorFormatter, createErrorFormatter } from './errors.ts';
import { createRequireSession, type RequireSession } from './guard.ts';
import { type CreateSessionProcedures, createSessionProceduresFactory } from './procedures.ts';

/** This door's functions, typed by the manager. */
export interface TrpcSession<T extends SessionTypes> {
  /** For any tRPC adapter or caller. Never throws, does no I/O. In Next take `createNextSession`'s. */
  readonly createContext: (options?: ContextOptions) => SessionContext<T>;
  readonly requireSession: RequireSession<T>;
  readonly createSessionProcedures: CreateSessionProcedures<T>;
  readonly createErrorFormatter: CreateErrorFormatter;
}

/** Sessions for tRPC. */
export function createTrpcSession<T extends SessionTypes>(sessions: Sessions<T>): TrpcSession<T> {
  return {
    createContext: createContextFactory(sessions),
    requireSession: createRequireSession<T>(sessions.facts),
    createSessionProcedures: createSessionProceduresFactory(sessions),
    createErrorFormatter,
  };
}
