import type { TRPC_ERROR_CODE_KEY, TRPCDefaultErrorShape, TRPCError as TRPCErrorType } from '@trpc/server';
import { TRPCError } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import { isSessionError, type SessionError, type SessionErrorCode, type SessionReason } from '../core/errors.ts';

/** The translation at this edge, whole: every code of ours in tRPC's words. */
const trpcCodes: Readonly<Record<SessionErrorCode, TRPC_ERROR_CODE_KEY>> = {
  MISSING: 'UNAUTHORIZED',
  EXPIRED: 'UNAUTHORIZED',
  STALE: 'UNAUTHORIZED',
  REFUSED: 'FORBIDDEN',
  CROSS_SITE: 'FORBIDDEN',
  // Never UNAUTHORIZED: clients sign people out on that.
  UNAVAILABLE: 'SERVICE_UNAVAILABLE',
  INVALID_OPTION: 'INTERNAL_SERVER_ERROR',
  NOT_CONFIGURED: 'INTERNAL_SERVER_ERROR',
  INVALID_DATA: 'BAD_REQUEST',
  TOO_LARGE: 'PAYLOAD_TOO_LARGE',
  SUBJECT_CHANGED: 'BAD_REQUEST',
  CONFLICT: 'CONFLICT',
  LIMIT_REACHED: 'TOO_MANY_REQUESTS',
  COOKIE_UNWRITABLE: 'BAD_REQUEST',
  INSECURE_COOKIE: 'BAD_REQUEST',
};

/** What `sessionErrors` adds to `error.data`. */
export interface SessionErrorData {
  readonly reason: SessionReason;
  /** The words that a verifier chose with `refuse(...)`. */
  readonly detail?: string;
}

export interface ErrorFormatterOptions {
  readonly error: TRPCErrorType;
  readonly shape: TRPCDefaultErrorShape;
}

export interface ErrorShape {
  readonly message: string;
  readonly code: number;
  readonly data: object;
}

/** The inner formatter's shape, with `data.session` beside whatever its data holds. */
export type WithSessionError<Shape extends ErrorShape> = Omit<Shape, 'data'> & {
  data: Shape['data'] & { session: SessionErrorData | null };
};

/** `sessionErrors`, with and without a formatter of the app's own. */
export interface CreateErrorFormatter {
  (): <Options extends ErrorFormatterOptions>(options: Options) => WithSessionError<TRPCDefaultErrorShape>;
  <Options extends ErrorFormatterOptions, Shape extends ErrorShape>(
    inner: (options: Options) => Shape,
  ): (options: Options) => WithSessionError<Shape>;
}

/**
 * An `errorFormatter` that puts `data.session.reason` on every error of ours and gives it its own tRPC code, wherever
 * in a procedure it was thrown. Other errors get `data.session: null`. Wraps the app's own formatter, which runs first.
 */
export const createErrorFormatter: CreateErrorFormatter = (inner?: (options: never) => ErrorShape) => {
  return (options: ErrorFormatterOptions): never => {
    const shape = inner?.(options as never) ?? options.shape;
    const error = findSessionError(options.error);
    if (!error) return { ...shape, data: { ...shape.data, session: null } } as never;
    const translation = isWrapped(options.error) && toErrorShape(error);
    return { ...shape, ...translation, data: { ...shape.data, ...toErrorData(error) } } as never;
  };
};

function toErrorShape(error: SessionError): { message: string; code: number } {
  return { message: error.publicMessage, code: TRPC_ERROR_CODES_BY_KEY[trpcCodes[error.code]] };
}

function toErrorData(error: SessionError): Record<string, unknown> {
  const code = trpcCodes[error.code];
  const session = error.reason
    ? { reason: error.reason, ...(error.detail !== undefined && { detail: error.detail }) }
    : null;
  return { code, httpStatus: getHTTPStatusCodeFromError(new TRPCError({ code })), session };
}

/** The same error in tRPC's class, for callers that no formatter serves. */
export function toTrpcError(error: SessionError): TRPCError {
  return new TRPCError({ code: trpcCodes[error.code], message: error.publicMessage, cause: error });
}

/** What tRPC made of an error of ours that reached it, in our own words; any other error as it is. */
export function restoreSessionError(error: TRPCErrorType): TRPCErrorType {
  const ours = isWrapped(error) ? findSessionError(error) : null;
  return ours ? toTrpcError(ours) : error;
}

/** What tRPC calls every error that is not its own. */
function isWrapped({ code }: TRPCErrorType): boolean {
  return code === 'INTERNAL_SERVER_ERROR';
}

/**
 * The error of ours behind one of tRPC's: wrapped, or translated already. An error that the app made of it, under a code
 * of its own, is the app's.
 */
function findSessionError(error: TRPCErrorType): SessionError | null {
  const { code, cause } = error;
  if (!isSessionError(cause)) return null;
  return isWrapped(error) || code === trpcCodes[cause.code] ? cause : null;
}
