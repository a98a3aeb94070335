import type { TRPC_ERROR_CODE_KEY, TRPCDefaultErrorShape, TRPCError as TRPCErrorType } from '@trpc/server';
import { TRPCError } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import { isSessionError, type SessionError, type SessionErrorCode, type SessionReason } from '../core/errors.ts';

/** How each `SessionError` code is translated to a tRPC code. */
const trpcCodes: Readonly<Record<SessionErrorCode, TRPC_ERROR_CODE_KEY>> = {
  MISSING: 'UNAUTHORIZED',
  EXPIRED: 'UNAUTHORIZED',
  STALE: 'UNAUTHORIZED',
  REFUSED: 'FORBIDDEN',
  CROSS_SITE: 'FORBIDDEN',
  // Not UNAUTHORIZED: clients sign the user out on that code, and an outage must not do so.
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
  COOKIE_SHADOWED: 'BAD_REQUEST',
};

/**
 * What the client finds in `error.data.session` when the app uses `createErrorFormatter`.
 *
 * @example
 * if (error.data?.session?.reason === 'expired') router.push('/sign-in');
 */
export interface SessionErrorData {
  /** Why the call was refused. */
  readonly reason: SessionReason;
  /** The text that a verifier passed to `refuse(...)`; for the reason `expired`, why the session ended, if known. */
  readonly detail?: string;
}

/** What tRPC passes to an error formatter, as far as it is used here. @internal */
export interface ErrorFormatterOptions {
  readonly error: TRPCErrorType;
  readonly shape: TRPCDefaultErrorShape;
}

/** What an error formatter returns. */
interface ErrorShape {
  readonly message: string;
  readonly code: number;
  readonly data: object;
}

/** The shape that the app's own formatter returns, with `data.session` added. @internal */
export type WithSessionError<Shape extends ErrorShape> = Omit<Shape, 'data'> & {
  data: Shape['data'] & { session: SessionErrorData | null };
};

/** The type of `createErrorFormatter`. @internal */
export interface CreateErrorFormatter {
  /** Creates an error formatter that adds `data.session` to the shape of tRPC. */
  (): (options: ErrorFormatterOptions) => WithSessionError<TRPCDefaultErrorShape>;
  /** Creates an error formatter that runs the app's own first, and adds `data.session` to its shape. */
  <Options extends ErrorFormatterOptions, Shape extends ErrorShape>(
    inner: (options: Options) => Shape,
  ): (options: Options) => WithSessionError<Shape>;
}

export const createErrorFormatter = ((inner?: (options: ErrorFormatterOptions) => ErrorShape) => {
  return (options: ErrorFormatterOptions): ErrorShape => {
    const shape = inner?.(options) ?? options.shape;
    const error = findSessionError(options.error);
    if (!error) return { ...shape, data: { ...shape.data, session: null } };
    const translation = isWrapped(options.error) && toErrorShape(error);
    return { ...shape, ...translation, data: { ...shape.data, ...toErrorData(error) } };
  };
}) as CreateErrorFormatter;

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

/** Translates a `SessionError`. Server-side callers get this error, since no formatter runs for them. */
export function toTrpcError(error: SessionError): TRPCError {
  return new TRPCError({ code: trpcCodes[error.code], message: error.publicMessage, cause: error });
}

/** Returns the translated error if tRPC wrapped a `SessionError`, and any other error unchanged. */
export function restoreSessionError(error: TRPCErrorType): TRPCErrorType {
  const sessionError = isWrapped(error) ? findSessionError(error) : null;
  return sessionError ? toTrpcError(sessionError) : error;
}

/** Whether tRPC may have wrapped another error. It gives this code to every error that is not a `TRPCError`. */
function isWrapped({ code }: TRPCErrorType): boolean {
  return code === 'INTERNAL_SERVER_ERROR';
}

/**
 * Finds the `SessionError` that tRPC wrapped or that was translated already. If the app gave it another code, the error
 * is the app's own, and null is returned.
 */
function findSessionError(error: TRPCErrorType): SessionError | null {
  const { code, cause } = error;
  if (!isSessionError(cause)) return null;
  return isWrapped(error) || code === trpcCodes[cause.code] ? cause : null;
}
