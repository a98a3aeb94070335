import type { SessionView } from '../core/session/view.ts';
import type { FailedAnswer, SessionAnswer } from './knowledge.ts';

/** What a provider is given: an answer, one that is on its way, or nothing. */
export type SessionSource<View> = GivenSource<View> | undefined;

type GivenSource<View> = SessionView<View> | Promise<SessionView<View>>;

/** What React notes on a promise that it has waited for. */
interface ReactPromise<View> {
  readonly status?: string;
  readonly value?: SessionView<View>;
  readonly reason?: unknown;
}

export function isPromise<View>(source: SessionSource<View>): source is Promise<SessionView<View>> {
  return source !== undefined && 'then' in source;
}

/** Calls back with the answer, at once where it is known already. A rejection means that nobody can say. */
export function receiveWhenKnown<View>(source: GivenSource<View>, hear: (answer: SessionAnswer<View>) => void): void {
  const answer = isPromise(source) ? peekPromise(source) : source;
  if (answer) hear(answer);
  // Not awaited: React's own promises may call back at once, which saves a paint.
  else if (isPromise(source)) source.then(hear, (error) => hear(toFailedAnswer(error)));
}

const settlingPromises = new WeakMap<object, Promise<unknown>>();

/** The answer as a promise that never rejects: the same one for the same source, as `use` needs it. */
export function toSettlingPromise<View>(source: GivenSource<View>): Promise<SessionAnswer<View>> {
  const made = settlingPromises.get(source) as Promise<SessionAnswer<View>> | undefined;
  if (made) return made;
  const answer = isPromise(source) ? peekPromise(source) : source;
  const promise = answer
    ? createSettledPromise(answer)
    : new Promise<SessionAnswer<View>>((resolve) => receiveWhenKnown(source, resolve));
  settlingPromises.set(source, promise);
  return promise;
}

/** A promise that `use` need not wait for. */
export function createSettledPromise<Value>(value: Value): Promise<Value> {
  return Object.assign(Promise.resolve(value), { status: 'fulfilled', value });
}

/** What a promise is known to have settled to, or null. */
function peekPromise<View>(promise: Promise<SessionView<View>>): SessionAnswer<View> | null {
  const { status, value, reason } = promise as ReactPromise<View>;
  if (status === 'rejected') return toFailedAnswer(reason);
  return (status === 'fulfilled' && value) || null;
}

function toFailedAnswer(error: unknown): FailedAnswer {
  return { status: 'unavailable', at: null, error };
}
