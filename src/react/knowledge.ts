import type { SessionView } from '../core/view.ts';
import { isNewer, type Known } from './ordering.ts';
import type { Trouble } from './state.ts';

/** How long after a failed look the next one is due. */
export const retryMs = 30_000;

/** What the server has said so far. Changed only by `learn` and `miss`. */
export interface Knowledge<View> {
  /** The newest answer that says who is there. */
  readonly known: Known<View> | null;
  readonly trouble: Trouble | null;
  /** How long from hearing this the next look is due; null where time alone changes nothing. */
  readonly lookInMs: number | null;
}

/** Nobody can say: an answer of the server, or a question that failed and so has no time. */
export interface Missed {
  readonly status: 'unavailable';
  readonly at: number | null;
  readonly error?: unknown;
}

export type Answer<View> = SessionView<View> | Missed;

export const nothing: Knowledge<never> = { known: null, trouble: null, lookInMs: null };

/** Takes in an answer if it is newer. Trouble ends with any answer later than it. */
export function learn<View>(before: Knowledge<View>, answer: Known<View>): Knowledge<View> {
  if (isNewer(before.known, answer)) return { known: answer, trouble: null, lookInMs: untilExpiry(answer) };
  return answer.at > (before.trouble?.at ?? Infinity) ? { ...before, trouble: null } : before;
}

/** Takes in that nobody can say. What is known stays known. */
export function miss<View>(before: Knowledge<View>, { at, error = null }: Missed): Knowledge<View> {
  const knownAt = before.known?.at ?? null;
  if (at !== null && knownAt !== null && at <= knownAt) return before;
  return { ...before, trouble: { at: at ?? knownAt, error }, lookInMs: retryMs };
}

/** What one answer says by itself. */
export function from<View>(answer: Answer<View>): Knowledge<View> {
  return answer.status === 'unavailable' ? miss<View>(nothing, answer) : learn<View>(nothing, answer);
}

/** Measured from the server's own time, so that the local clock may be wrong. */
function untilExpiry(answer: Known<unknown>): number | null {
  if (answer.status === 'unauthenticated') return null;
  return Math.min(answer.idleExpiresAt, answer.expiresAt) - answer.at;
}
