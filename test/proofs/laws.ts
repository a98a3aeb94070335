import { isDeepStrictEqual } from 'node:util';
import type { Operation, Outcome } from './operations.ts';

/** What must hold after any schedule, whatever the order was. Each answers whether it does. */
const always: Readonly<Record<string, (outcome: Outcome) => boolean>> = {
  'what is listed is what is alive': ({ alive, listed }) =>
    isDeepStrictEqual(alive.map(({ who }) => who).sort(), listed),
  'one session has one live token': ({ alive }) => new Set(alive.map(({ who }) => who)).size === alive.length,
  'nothing is kept of what is not alive': ({ alive, kept }) => kept === alive.length,
  'no key lives for ever': ({ immortal }) => immortal === 0,
  'only its own user is ever touched': ({ alive, answers }) =>
    alive.some(({ token }) => token === 'other') || answers.some((answer) => typeof answer === 'number'),
};

/** What an acknowledged operation has promised, whatever else was going on. */
const promised: Readonly<Record<string, (outcome: Outcome, answer: unknown) => boolean>> = {
  start: endsIt,
  'start carrying': endsIt,
  'start as another': endsIt,
  'start as another, carrying': endsIt,
  'start as nobody': endsIt,
  regenerate: oldTokenIsDead,
  'regenerate reauthenticated': oldTokenIsDead,
  destroy: endsIt,
  'revoke itself': ({ alive }, answer) => answer !== true || !alive.some(({ who }) => who === 'this'),
  'revoke the sibling': ({ alive }) => !alive.some(({ who }) => who === 'sibling'),
  'revoke others': ({ alive }) => !alive.some(({ who }) => who === 'sibling'),
  'revoke one of the subject': ({ alive }, answer) => answer !== true || !alive.some(({ who }) => who === 'this'),
  'revoke all of the subject': ({ alive }) => !alive.some(({ who }) => who === 'this' || who === 'sibling'),
  'revoke all of another': ({ alive }) => !alive.some(({ who }) => who === 'other'),
};

/** The names of the laws that an outcome breaks. */
export function brokenLaws(outcome: Outcome, actors: readonly Operation[]): string[] {
  const general = Object.entries(always).filter(([, holds]) => !holds(outcome));
  const given = actors.filter(({ name }, actor) => {
    const answer = outcome.answers[actor];
    return !isRefusal(answer) && promised[name] && !promised[name](outcome, answer);
  });
  return [...general.map(([law]) => law), ...given.map(({ name }) => `what "${name}" acknowledged`)];
}

/** Every update that was acknowledged is in whatever continues the session, and none that was refused. */
export function keepsUpdates({ alive, answers }: Outcome, actors: readonly Operation[]): boolean {
  const acknowledged = actors.flatMap(({ name }, actor) => (isRefusal(answers[actor]) ? [] : [name]));
  const count = acknowledged.filter((name) => name === 'update by function').length;
  const theme = acknowledged.includes('update by patch') ? 'dark' : 'light';
  const continuing = alive.filter(({ who, data }) => who === 'this' || data.from === 'this');
  return continuing.every(({ data }) => data.count === count && data.theme === theme);
}

/** Also when a regenerate came first: who signs out or in has left the session, whatever its token is by then. */
function endsIt({ alive }: Outcome): boolean {
  return !alive.some(({ who }) => who === 'this');
}

function oldTokenIsDead({ alive }: Outcome): boolean {
  return !alive.some(({ token }) => token === 'this');
}

function isRefusal(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && 'refused' in answer;
}
