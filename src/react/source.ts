import type { SessionView } from '../core/session/view.ts';
import { type SessionAnswer, toFailedAnswer } from './fetch-state.ts';

/** What a provider gets as its `session`: a view, a promise of one, or nothing. */
export type SessionSource<View> = GivenSource<View> | undefined;

type GivenSource<View> = SessionView<View> | Promise<SessionView<View>>;

/** The fields that React adds to a promise that it has waited for. */
interface ReactPromise<View> {
  readonly status?: string;
  readonly value?: SessionView<View>;
  readonly reason?: unknown;
}

export function isPromise<View>(source: SessionSource<View>): source is Promise<SessionView<View>> {
  return source !== undefined && 'then' in source;
}

/** Calls back with the answer: at once if it is known already. A rejected promise counts as unavailable. */
export function receiveWhenKnown<View>(
  source: GivenSource<View>,
  receive: (answer: SessionAnswer<View>) => void,
): void {
  const answer = isPromise(source) ? peekPromise(source) : source;
  if (answer) receive(answer);
  // Not awaited: React's own promises may call back synchronously, which saves a paint.
  else if (isPromise(source)) source.then(receive, (error) => receive(toFailedAnswer(error)));
}

/** Returns a promise of the answer that never rejects. It has a `status` if the answer is known already. */
export function toSettlingPromise<View>(source: GivenSource<View>): Promise<SessionAnswer<View>> {
  const answer = isPromise(source) ? peekPromise(source) : source;
  if (answer) return createSettledPromise(answer);
  return new Promise((resolve) => receiveWhenKnown(source, resolve));
}

/** Returns a promise that `use` reads without suspending. */
export function createSettledPromise<Value>(value: Value): Promise<Value> {
  return Object.assign(Promise.resolve(value), { status: 'fulfilled', value });
}

/** Returns the answer if React has seen the promise settle, else null. */
function peekPromise<View>(promise: Promise<SessionView<View>>): SessionAnswer<View> | null {
  const { status, value, reason } = promise as ReactPromise<View>;
  if (status === 'rejected') return toFailedAnswer(reason);
  return (status === 'fulfilled' && value) || null;
}
