export type { CallInfo, ConnectionParams } from './core/call-info.ts';
export type { ContextOptions, SessionContext } from './trpc/context.ts';
export type { TrpcSession } from './trpc/create.ts';
export { createTrpcSession } from './trpc/create.ts';
export type { ErrorShape, FormatterOptions, SessionErrorData, SessionErrors, WithSessionError } from './trpc/errors.ts';
export type { GuardedContext, GuardMiddleware, RequireSession } from './trpc/guard.ts';
export type { BaseProcedures, CreateSessionProcedures, HostProcedure, SessionProcedures } from './trpc/procedures.ts';
