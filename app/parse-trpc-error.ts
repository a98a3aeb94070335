import { isTRPCClientError } from '@trpc/client';
import type { AppRouter } from './server/router';

export interface TrpcErrorInfo {
  /** A sentence that can be shown to the user. */
  readonly message: string;
  /** The tRPC code, e.g. 'UNAUTHORIZED'. Null if the server did not respond. */
  readonly code: string | null;
  /** Why the session was refused: 'missing', 'expired', 'stale', 'refused', 'cross-site' or 'unavailable'. */
  readonly reason: string | null;
}

/** Converts an error of a tRPC call to a message, a code and a reason that a page can show. */
export function parseTrpcError(error: unknown): TrpcErrorInfo {
  if (!isTRPCClientError<AppRouter>(error) || !error.data) {
    return { message: 'The server did not respond. Try again.', code: null, reason: null };
  }
  return { message: error.message, code: error.data.code, reason: error.data.session?.reason ?? null };
}
