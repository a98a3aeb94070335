export type { CallInfo } from './core/request/call-info.ts';
export type { ContextOptions, SessionContext } from './trpc/context.ts';
export type { TrpcSession } from './trpc/create.ts';
export { createTrpcSession } from './trpc/create.ts';
export type { CreateErrorFormatter, ErrorFormatterOptions, SessionErrorData, WithSessionError } from './trpc/errors.ts';
export type { GuardedContext, GuardMiddleware, RequireSession } from './trpc/guard.ts';
export type { CreateSessionProcedures, SessionProcedures } from './trpc/procedures.ts';
