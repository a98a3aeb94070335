import { isTRPCClientError } from '@trpc/client';
import type { AppRouter } from './server/router';

export interface DescribedError {
  readonly message: string;
  /** tRPC's code, e.g. 'UNAUTHORIZED'; null when no answer came at all. */
  readonly code: string | null;
  /** Why the session was turned away: 'missing', 'expired', 'stale', 'refused', 'cross-site' or 'unavailable'. */
  readonly reason: string | null;
}

/** What went wrong with a call, in a form that a page can show. */
export function describeError(error: unknown): DescribedError {
  if (!isTRPCClientError<AppRouter>(error) || !error.data) {
    return { message: 'The server did not answer. Try again.', code: null, reason: null };
  }
  return { message: error.message, code: error.data.code, reason: error.data.session?.reason ?? null };
}
