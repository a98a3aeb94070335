import { SessionError } from '../errors.ts';

const maxTries = 64;
const maxPauseMs = 128;
/** Each try may wait for the deadline of the store. Without this, one call could take a minute. */
const maxTotalMs = 5_000;

/**
 * Runs `attempt` until it resolves to a result other than null. Pauses grow and are random, so that concurrent writers
 * stop colliding.
 *
 * @throws SessionError `CONFLICT` after 64 tries or five seconds.
 */
export async function retryOnConflict<Result>(attempt: (count: number) => Promise<Result | null>): Promise<Result> {
  const startedAt = performance.now();
  for (let count = 0; count < maxTries && performance.now() - startedAt < maxTotalMs; count += 1) {
    const result = await attempt(count);
    if (result !== null) return result;
    // A conflict returns the current session, which is only fresh now: retry once at once, and pause after that.
    if (count % 2 === 0) continue;
    const pauseMs = Math.random() * Math.min(2 ** count, maxPauseMs);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  throw new SessionError('CONFLICT');
}

/** Calls an app's function. It must be synchronous, because it may run more than once. */
export function callSynchronously<Argument>(change: (argument: Argument) => unknown, argument: Argument): unknown {
  const next = change(argument);
  if (!(next instanceof Promise)) return next;
  next.catch(() => {});
  const message = 'the function must be synchronous: it may run more than once';
  throw new SessionError('INVALID_DATA', { issues: [{ message, path: [] }] });
}
