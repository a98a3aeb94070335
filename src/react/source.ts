import type { SessionView } from '../core/view.ts';
import type { Answer, Missed } from './knowledge.ts';

/** What a provider is given: an answer, one that is on its way, or nothing. */
export type SessionSource<View> = Given<View> | undefined;

type Given<View> = SessionView<View> | Promise<SessionView<View>>;

/** What React notes on a promise that it has waited for. */
interface Noted<View> {
  readonly status?: string;
  readonly value?: SessionView<View>;
  readonly reason?: unknown;
}

export function isPromise<View>(source: SessionSource<View>): source is Promise<SessionView<View>> {
  return source !== undefined && 'then' in source;
}

/** Calls back with the answer, at once where it is known already. A rejection means that nobody can say. */
export function whenKnown<View>(source: Given<View>, hear: (answer: Answer<View>) => void): void {
  const answer = isPromise(source) ? peek(source) : source;
  if (answer) hear(answer);
  // Not awaited: React's own promises may call back at once, which saves a paint.
  else if (isPromise(source)) source.then(hear, (error) => hear(missed(error)));
}

const settling = new WeakMap<object, Promise<unknown>>();

/** The answer as a promise that never rejects: the same one for the same source, as `use` needs it. */
export function settlingOf<View>(source: Given<View>): Promise<Answer<View>> {
  const made = settling.get(source) as Promise<Answer<View>> | undefined;
  if (made) return made;
  const answer = isPromise(source) ? peek(source) : source;
  const promise = answer ? settled(answer) : new Promise<Answer<View>>((resolve) => whenKnown(source, resolve));
  settling.set(source, promise);
  return promise;
}

/** A promise that `use` need not wait for. */
export function settled<Value>(value: Value): Promise<Value> {
  return Object.assign(Promise.resolve(value), { status: 'fulfilled', value });
}

/** What a promise is known to have settled to, or null. */
function peek<View>(promise: Promise<SessionView<View>>): Answer<View> | null {
  const { status, value, reason } = promise as Noted<View>;
  if (status === 'rejected') return missed(reason);
  return (status === 'fulfilled' && value) || null;
}

function missed(error: unknown): Missed {
  return { status: 'unavailable', at: null, error };
}
