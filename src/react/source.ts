import type { SessionView } from '../core/view.ts';

/** What a provider is given: an answer, one that is on its way, or nothing. */
export type SessionSource<View> = SessionView<View> | Promise<SessionView<View>> | undefined;

/** What React notes on a promise that it has waited for. */
interface Noted<View> {
  readonly status?: string;
  readonly value?: SessionView<View>;
}

export function isPromise<View>(source: SessionSource<View>): source is Promise<SessionView<View>> {
  return source !== undefined && 'then' in source;
}

/** What a promise is known to have settled to, or null. A rejection means that nobody can say. */
export function peek<View>(promise: Promise<SessionView<View>>): SessionView<View> | null {
  const { status, value } = promise as Noted<View>;
  if (status === 'rejected') return nobodyCanSay;
  return (status === 'fulfilled' && value) || null;
}

/** The place in time is before everything, so that any answer is newer. */
export const nobodyCanSay = { status: 'unavailable', at: 0 } as const;
