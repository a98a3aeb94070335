import { SessionError } from '../errors.ts';

const mostTries = 64;
const longestPauseMs = 128;

/** Tries until there is an answer, with growing random pauses so that many writers get out of each other's way. */
export async function retryOnConflict<Answer>(attempt: (count: number) => Promise<Answer | null>): Promise<Answer> {
  for (let count = 0; count < mostTries; count += 1) {
    const answer = await attempt(count);
    if (answer !== null) return answer;
    // What a conflict brings is fresh only now: a second try comes at once, and only then a pause.
    if (count % 2 === 0) continue;
    const pauseMs = Math.random() * Math.min(2 ** count, longestPauseMs);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  throw new SessionError('CONFLICT');
}

/** Calls an app's function, which must not wait for anything: it may run more than once. */
export function callSynchronously<Argument>(change: (argument: Argument) => unknown, argument: Argument): unknown {
  const next = change(argument);
  if (!(next instanceof Promise)) return next;
  next.catch(() => {});
  const message = 'the function must be synchronous: it may run more than once';
  throw new SessionError('INVALID_DATA', { issues: [{ message, path: [] }] });
}
