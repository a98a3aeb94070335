import type { AuthenticatedView, SessionView, UnauthenticatedView } from '../../../src/index.ts';

export interface View {
  readonly name: string;
  readonly theme: 'light' | 'dark';
  readonly count?: number;
}

export interface Patch {
  readonly theme?: 'light' | 'dark';
  readonly count?: number;
}

export const minuteMs = 60_000;
export const ada: View = { name: 'Ada', theme: 'light' };
export const bob: View = { name: 'Bob', theme: 'dark' };

/** Somebody is signed in: Ada, unless told otherwise. Idle for 10 minutes from the answer. */
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

export function signedOut(at: number): UnauthenticatedView {
  return { status: 'unauthenticated', at };
}

export function unavailable(at: number): SessionView<View> {
  return { status: 'unavailable', at };
}

/** What a tRPC client throws for a status. */
export function trpcError(code: string, httpStatus: number): Error {
  return Object.assign(new Error(code), { data: { code, httpStatus } });
}

export const unauthorized: Error = trpcError('UNAUTHORIZED', 401);
export const networkError: Error = new TypeError('Failed to fetch');
