import type { SessionView } from '../core/session/view.ts';
import { isNewer, type KnownView } from './order-views.ts';
import type { SessionFailure } from './state.ts';

/** How long after a failed look the next one is due. */
export const retryMs = 30_000;

/** What the server has said so far. Changed only by `learn` and `miss`. */
export interface Knowledge<View> {
  /** The newest answer that says who is there. */
  readonly known: KnownView<View> | null;
  readonly failure: SessionFailure | null;
  /** How long from hearing this the next look is due; null where time alone changes nothing. */
  readonly refetchInMs: number | null;
}

/** Nobody can say: an answer of the server, or a question that failed and so has no time. */
export interface FailedAnswer {
  readonly status: 'unavailable';
  readonly at: number | null;
  readonly error?: unknown;
}

export type SessionAnswer<View> = SessionView<View> | FailedAnswer;

export const emptyKnowledge: Knowledge<never> = { known: null, failure: null, refetchInMs: null };

/** Takes in an answer if it is newer. Trouble ends with any answer later than it. */
export function applyAnswer<View>(before: Knowledge<View>, answer: KnownView<View>): Knowledge<View> {
  if (isNewer(before.known, answer)) return { known: answer, failure: null, refetchInMs: getTimeUntilExpiry(answer) };
  return answer.at > (before.failure?.at ?? Infinity) ? { ...before, failure: null } : before;
}

/** Takes in that nobody can say. What is known stays known. */
export function applyFailure<View>(before: Knowledge<View>, { at, error = null }: FailedAnswer): Knowledge<View> {
  const knownAt = before.known?.at ?? null;
  if (at !== null && knownAt !== null && at <= knownAt) return before;
  return { ...before, failure: { at: at ?? knownAt, error }, refetchInMs: retryMs };
}

/** What one answer says by itself. */
export function toKnowledge<View>(answer: SessionAnswer<View>): Knowledge<View> {
  return answer.status === 'unavailable'
    ? applyFailure<View>(emptyKnowledge, answer)
    : applyAnswer<View>(emptyKnowledge, answer);
}

/** Measured from the server's own time, so that the local clock may be wrong. */
function getTimeUntilExpiry(answer: KnownView<unknown>): number | null {
  if (answer.status === 'unauthenticated') return null;
  return Math.min(answer.idleExpiresAt, answer.expiresAt) - answer.at;
}
