import type { SessionReason } from './errors.ts';

/** Why a stored record could not be used. It is kept as it is; the visitor counts as signed out. */
export type UnreadableReason = 'corrupt' | 'invalid' | 'newer-version' | 'migration-failed';

/** What happened to a session. Never a token, a hash or a datum; `id` is the public id. */
export type SessionEvent =
  | { readonly type: 'created' | 'regenerated' | 'destroyed'; readonly id: string | null }
  | { readonly type: 'revoked'; readonly count: number }
  | { readonly type: 'rejected'; readonly reason: SessionReason }
  | { readonly type: 'unreadable'; readonly why: UnreadableReason }
  | { readonly type: 'unavailable'; readonly operation: string; readonly cause: unknown }
  | { readonly type: 'recovered'; readonly operation: string };

export type SessionEventListener = (event: SessionEvent) => unknown;

/** Calls the listener so that nothing it does (throw, reject, hang) can reach the request. */
export function isolateListener(listener: SessionEventListener | undefined): (event: SessionEvent) => void {
  if (!listener) return () => {};
  return (event) => {
    try {
      Promise.resolve(listener(event)).catch(() => {});
    } catch {
      // A listener is an observer: its failure is its own.
    }
  };
}
