import type { SessionEnding, SessionReason } from './errors.ts';

/** Why a stored record cannot be read. The record is kept, and the visitor counts as signed out. */
export type UnreadableReason = 'corrupt' | 'invalid' | 'newer-version' | 'migration-failed';

/** What happened to a session. An event never contains a token, a hash or session data; `id` is the public id. */
export type SessionEvent =
  | { readonly type: 'created' | 'regenerated' | 'destroyed'; readonly id: string | null }
  | { readonly type: 'revoked'; readonly count: number }
  /** A guard refused a request. `ended` is why its session ended, if that is known. */
  | { readonly type: 'rejected'; readonly reason: SessionReason; readonly ended?: SessionEnding }
  /** A request carried several valid tokens, such as two cookies of one name, or too many to open. None counted. */
  | { readonly type: 'ambiguous'; readonly carrier: string }
  | { readonly type: 'unreadable'; readonly why: UnreadableReason }
  | { readonly type: 'unavailable'; readonly operation: string; readonly cause: unknown }
  | { readonly type: 'recovered'; readonly operation: string };

export type SessionEventListener = (event: SessionEvent) => unknown;

/** Wraps a listener so that it cannot affect the request, whether it throws, rejects or never settles. */
export function isolateListener(listener: SessionEventListener | undefined): (event: SessionEvent) => void {
  if (!listener) return () => {};
  return (event) => {
    try {
      Promise.resolve(listener(event)).catch(() => {});
    } catch {
      // A listener only observes: its errors must not fail the request.
    }
  };
}
