/** One operation, as its caller saw it. Times are of the machine's monotonic clock, so that processes can be compared. */
export interface Operation {
  readonly kind: 'start' | 'update' | 'read' | 'regenerate' | 'destroy' | 'revokeAll';
  readonly subject: string;
  /** The session's public id. Absent for `revokeAll`. */
  readonly id?: string;
  /** The token that the caller sent. For `start`, the new token. */
  readonly token?: string;
  readonly from: bigint;
  readonly to: bigint;
  /** `absent`: there was no such session. `unknown`: it was unavailable, and may have been applied or not. */
  readonly outcome: 'done' | 'absent' | 'unknown';
  /** The session's counter in the result. */
  readonly count?: number;
}

/** Which sessions exist after all operations. */
export interface Outcome {
  /** The counters of the sessions that can be opened with a token, by id. */
  readonly alive: ReadonlyMap<string, number>;
  /** The ids that are listed, over all subjects. */
  readonly listed: ReadonlySet<string>;
}

/** Finds everything in a history that contradicts a promise of the library. */
export function findViolations(history: readonly Operation[], outcome: Outcome): readonly string[] {
  const ofSessions = history.filter(({ id }) => id !== undefined);
  return [
    ...groupBy(ofSessions, 'id').flatMap((operations) => [
      ...findUsesOfEndedTokens(operations),
      ...findUsesOfRevokedSessions(operations, history),
      ...findLostIncrements(operations),
      ...findWrongOutcomes(operations, history, outcome),
    ]),
    ...[...outcome.listed].filter((id) => !outcome.alive.has(id)).map((id) => `${id} is listed, yet no token opens it`),
    ...[...outcome.alive.keys()].filter((id) => !outcome.listed.has(id)).map((id) => `${id} is alive, yet not listed`),
  ];
}

function groupBy(operations: readonly Operation[], by: 'id' | 'token'): readonly (readonly Operation[])[] {
  const found = new Map<string | undefined, Operation[]>();
  for (const operation of operations) {
    const group = found.get(operation[by]);
    if (group) group.push(operation);
    else found.set(operation[by], [operation]);
  }
  return [...found.values()];
}

const isDone = ({ outcome }: Operation): boolean => outcome === 'done';
const needsSession = ({ kind }: Operation): boolean => kind === 'read' || kind === 'update' || kind === 'regenerate';

/** A token that was destroyed or regenerated is invalid afterwards, and only one regeneration can succeed with it. */
function findUsesOfEndedTokens(operations: readonly Operation[]): string[] {
  return groupBy(operations, 'token').flatMap((uses) => {
    const ends = uses.filter((one) => isDone(one) && (one.kind === 'destroy' || one.kind === 'regenerate'));
    const twice = ends.filter(({ kind }) => kind === 'regenerate').length > 1;
    return [...findSuccessesAfter(uses, ends), ...(twice ? [`a token of ${uses[0]?.id} was regenerated twice`] : [])];
  });
}

/** A `revokeAll` that was called after a sign-in had resolved ends that session, under every token that it ever has. */
function findUsesOfRevokedSessions(operations: readonly Operation[], history: readonly Operation[]): string[] {
  const start = operations.find(({ kind }) => kind === 'start');
  if (!start) return [];
  const ends = history.filter(
    (one) => one.kind === 'revokeAll' && isDone(one) && one.subject === start.subject && one.from > start.to,
  );
  return findSuccessesAfter(operations, ends);
}

function findSuccessesAfter(operations: readonly Operation[], ends: readonly Operation[]): string[] {
  return ends.flatMap((end) => {
    const late = operations.filter((one) => needsSession(one) && isDone(one) && one.from > end.to);
    return late.map(({ kind, id }) => `${kind} of ${id} succeeded after ${end.kind}`);
  });
}

/** Every acknowledged increment returned a different number, and later operations see at least that number. */
function findLostIncrements(operations: readonly Operation[]): string[] {
  const found: string[] = [];
  const updates = operations.filter((one) => one.kind === 'update' && isDone(one));
  const counts = updates.map(({ count }) => count);
  if (new Set(counts).size < counts.length) found.push(`increments of ${updates[0]?.id} got the same number`);
  for (const later of operations.filter((one) => one.count !== undefined && isDone(one))) {
    const earlier = updates.filter(({ to }) => to < later.from).map(({ count = 0 }) => count);
    const least = Math.max(-1, ...earlier) + (later.kind === 'update' ? 1 : 0);
    if ((later.count ?? 0) < least) found.push(`${later.kind} of ${later.id} reads ${later.count}, not ${least}`);
  }
  return found;
}

/** At the end, the counter is the number of acknowledged increments, and a session that was not ended exists. */
function findWrongOutcomes(
  operations: readonly Operation[],
  history: readonly Operation[],
  { alive }: Outcome,
): string[] {
  const start = operations.find(({ kind }) => kind === 'start');
  if (!start?.id || !isDone(start)) return [];
  const updates = operations.filter(({ kind }) => kind === 'update');
  const [least, unsure] = [
    updates.filter(isDone).length,
    updates.filter(({ outcome }) => outcome === 'unknown').length,
  ];
  const count = alive.get(start.id);
  if (count !== undefined) {
    return count < least || count > least + unsure
      ? [`${start.id} ends at ${count}, not at ${least} to ${least + unsure}`]
      : [];
  }
  const ended = operations.some(
    ({ kind, outcome }) => kind === 'destroy' || (kind === 'regenerate' && outcome === 'unknown'),
  );
  const revoked = history.some(
    ({ kind, subject, to }) => kind === 'revokeAll' && subject === start.subject && to > start.from,
  );
  return ended || revoked ? [] : [`${start.id} is missing, though it was not ended`];
}
