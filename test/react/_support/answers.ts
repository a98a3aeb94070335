import type { AuthenticatedView, SessionView, UnauthenticatedView } from 'trpc-session';
import type { View } from './sessions.ts';

export const minuteMs = 60_000;
export const ada: View = { name: 'Ada', theme: 'light', count: 0 };
export const bob: View = { name: 'Bob', theme: 'dark', count: 0 };

/** The view of a signed-in user: Ada by default. It expires 10 minutes after `at` if idle, and an hour after at the latest. */
export function signedIn(over: Partial<AuthenticatedView<View>> = {}): AuthenticatedView<View> {
  const at = over.at ?? 1_000;
  const expiresAt = at + 60 * minuteMs;
  return {
    status: 'authenticated',
    data: ada,
    id: 'a',
    revision: 1,
    at,
    idleExpiresAt: at + 10 * minuteMs,
    expiresAt,
    ...over,
  };
}

/** The idle deadline of a view of this time, unless the test sets another one. */
export function deadlineAfter(at: number): number {
  return at + 10 * minuteMs;
}

export function signedOut(at: number): UnauthenticatedView {
  return { status: 'unauthenticated', at };
}

export function unavailable(at: number): SessionView<View> {
  return { status: 'unavailable', at };
}

/** A promise that React has already seen settle. */
export function settledPromise<Value>(value: Value): Promise<Value> {
  return Object.assign(Promise.resolve(value), { status: 'fulfilled', value });
}

/** A promise that React has already seen reject. */
export function rejectedPromise(reason: unknown): Promise<never> {
  const promise = Promise.reject(reason);
  promise.catch(() => {});
  return Object.assign(promise, { status: 'rejected', reason });
}

/** The error that a tRPC client throws for a status. */
export function trpcError(code: string, httpStatus: number): Error {
  return Object.assign(new Error(code), { data: { code, httpStatus } });
}

export const unauthorized: Error = trpcError('UNAUTHORIZED', 401);
export const networkError: Error = new TypeError('Failed to fetch');
