import { isDeepStrictEqual } from 'node:util';
import type { Operation, Outcome } from './operations.ts';

/** What must be true after every schedule. */
const invariants: Readonly<Record<string, (outcome: Outcome) => boolean>> = {
  'the listed sessions are the live sessions': ({ live, listed }) =>
    isDeepStrictEqual(live.map(({ session }) => session).sort(), listed),
  'one session has one valid token': ({ live }) => new Set(live.map(({ session }) => session)).size === live.length,
  'only live sessions are stored': ({ live, storedCount }) => storedCount === live.length,
  'every key expires': ({ withoutExpiryCount }) => withoutExpiryCount === 0,
  'no other user is affected': ({ live, results }) =>
    live.some(({ token }) => token === 'other') || results.some((result) => typeof result === 'number'),
};

/** What must be true after an operation has succeeded, whatever else happened. */
const guarantees: Readonly<Record<string, (outcome: Outcome, result: unknown) => boolean>> = {
  start: hasEnded,
  'start with carried data': hasEnded,
  'start as another user': hasEnded,
  'start as another user, with carried data': hasEnded,
  'start without a user': hasEnded,
  regenerate: oldTokenIsInvalid,
  'regenerate reauthenticated': oldTokenIsInvalid,
  destroy: hasEnded,
  'revoke itself': ({ live }, result) => result !== true || !live.some(({ session }) => session === 'this'),
  'revoke the sibling': ({ live }) => !live.some(({ session }) => session === 'sibling'),
  'revoke others': ({ live }) => !live.some(({ session }) => session === 'sibling'),
  'revoke one of the user': ({ live }, result) => result !== true || !live.some(({ session }) => session === 'this'),
  'revoke all of the user': ({ live }) => !live.some(({ session }) => session === 'this' || session === 'sibling'),
  'revoke all of another user': ({ live }) => !live.some(({ session }) => session === 'other'),
  'list of the user with data': (_, result) => Array.isArray(result) && new Set(result).size === result.length,
  count: (_, result) => typeof result === 'number' && result <= 4,
  'revoke all of everybody': ({ live }) => !live.some(({ session }) => ['this', 'sibling', 'other'].includes(session)),
  'update all of the user': ({ live }, result) =>
    typeof result === 'number' &&
    result >= 0 &&
    live.every(({ session, data }) => session !== 'sibling' || data.count >= 10),
};

/** Returns the names of the invariants and guarantees that an outcome breaks. */
export function findViolations(outcome: Outcome, actors: readonly Operation[]): string[] {
  const broken = Object.entries(invariants).filter(([, holds]) => !holds(outcome));
  const unkept = actors.filter(({ name }, actor) => {
    const result = outcome.results[actor];
    return !isRejection(result) && guarantees[name] && !guarantees[name](outcome, result);
  });
  return [...broken.map(([name]) => name), ...unkept.map(({ name }) => `what "${name}" guarantees`)];
}

/** Whether every session that continues has each update that succeeded, and none that was rejected. */
export function hasEveryUpdate({ live, results }: Outcome, actors: readonly Operation[]): boolean {
  const succeeded = actors.flatMap(({ name }, actor) => (isRejection(results[actor]) ? [] : [name]));
  const count = succeeded.filter((name) => name === 'update by function').length;
  const countOfAll = 10 * succeeded.filter((name) => name === 'update all of the user').length;
  const theme = succeeded.includes('update by patch') ? 'dark' : 'light';
  const continuing = live.filter(({ session, data }) => session === 'this' || data.from === 'this');
  return continuing.every(({ data }) => {
    // A session that another user's sign-in carried over may have left before all of the user's were updated.
    const counts = data.user === 'ada' ? [count + countOfAll] : [count, count + countOfAll];
    return counts.includes(data.count) && data.theme === theme;
  });
}

/** Also true if a regenerate came first: a sign-out or sign-in ends the session, whichever token it has by then. */
function hasEnded({ live }: Outcome): boolean {
  return !live.some(({ session }) => session === 'this');
}

function oldTokenIsInvalid({ live }: Outcome): boolean {
  return !live.some(({ token }) => token === 'this');
}

function isRejection(result: unknown): boolean {
  return typeof result === 'object' && result !== null && 'rejected' in result;
}
