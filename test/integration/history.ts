/** One operation as its caller saw it. Times are of the machine's monotonic clock, so they compare across processes. */
export interface Operation {
  readonly kind: 'start' | 'update' | 'read' | 'regenerate' | 'destroy' | 'revokeAll';
  readonly subject: string;
  /** The session's public id; none for `revokeAll`. */
  readonly id?: string;
  /** The token that it was done with; the new one for `start`. */
  readonly token?: string;
  readonly from: bigint;
  readonly to: bigint;
  /** `absent`: answered that there is no such session. `unknown`: it failed, and may have happened or not. */
  readonly outcome: 'done' | 'absent' | 'unknown';
  /** What the session's counter read in the answer. */
  readonly count?: number;
}

/** What is there once everything has come to rest. */
export interface Outcome {
  /** The counters of the sessions that a token isSignedIn, by id. */
  readonly alive: ReadonlyMap<string, number>;
  /** The ids that are listed, over all subjects. */
  readonly listed: ReadonlySet<string>;
}

/** Everything in a history that may not be: empty when all promises were kept. */
export function violations(history: readonly Operation[], outcome: Outcome): readonly string[] {
  const ofSessions = history.filter(({ id }) => id !== undefined);
  return [
    ...groups(ofSessions, 'id').flatMap((operations) => [
      ...deadTokens(operations),
      ...deadSessions(operations, history),
      ...lostIncrements(operations),
      ...wrongEnd(operations, history, outcome),
    ]),
    ...[...outcome.listed].filter((id) => !outcome.alive.has(id)).map((id) => `${id} is listed, yet no token opens it`),
    ...[...outcome.alive.keys()].filter((id) => !outcome.listed.has(id)).map((id) => `${id} is alive, yet not listed`),
  ];
}

function groups(operations: readonly Operation[], by: 'id' | 'token'): readonly (readonly Operation[])[] {
  const found = new Map<string | undefined, Operation[]>();
  for (const operation of operations) {
    const group = found.get(operation[by]);
    if (group) group.push(operation);
    else found.set(operation[by], [operation]);
  }
  return [...found.values()];
}

const isDone = ({ outcome }: Operation): boolean => outcome === 'done';
const needsLife = ({ kind }: Operation): boolean => kind === 'read' || kind === 'update' || kind === 'regenerate';

/** A token that was destroyed or regenerated never answers again; only one regenerate can have it. */
function deadTokens(operations: readonly Operation[]): string[] {
  return groups(operations, 'token').flatMap((ofToken) => {
    const ends = ofToken.filter((one) => isDone(one) && (one.kind === 'destroy' || one.kind === 'regenerate'));
    const twice = ends.filter(({ kind }) => kind === 'regenerate').length > 1;
    return [...answersAfter(ofToken, ends), ...(twice ? [`a token of ${ofToken[0]?.id} was regenerated twice`] : [])];
  });
}

/** A revoke-all that began after a sign-in was acknowledged ends that session, under every token it ever has. */
function deadSessions(operations: readonly Operation[], history: readonly Operation[]): string[] {
  const born = operations.find(({ kind }) => kind === 'start');
  if (!born) return [];
  const ends = history.filter(
    (one) => one.kind === 'revokeAll' && isDone(one) && one.subject === born.subject && one.from > born.to,
  );
  return answersAfter(operations, ends);
}

function answersAfter(operations: readonly Operation[], ends: readonly Operation[]): string[] {
  return ends.flatMap((end) => {
    const late = operations.filter((one) => needsLife(one) && isDone(one) && one.from > end.to);
    return late.map(({ kind, id }) => `${kind} of ${id} succeeded after ${end.kind}`);
  });
}

/** Every acknowledged increment got a number of its own, and whoever asked later saw at least that. */
function lostIncrements(operations: readonly Operation[]): string[] {
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

/** At rest a counter is what was acknowledged, and a session that nobody ended is alive. */
function wrongEnd(operations: readonly Operation[], history: readonly Operation[], { alive }: Outcome): string[] {
  const born = operations.find(({ kind }) => kind === 'start');
  if (!born?.id || !isDone(born)) return [];
  const updates = operations.filter(({ kind }) => kind === 'update');
  const [least, unsure] = [
    updates.filter(isDone).length,
    updates.filter(({ outcome }) => outcome === 'unknown').length,
  ];
  const count = alive.get(born.id);
  if (count !== undefined) {
    return count < least || count > least + unsure
      ? [`${born.id} ends at ${count}, not at ${least} to ${least + unsure}`]
      : [];
  }
  const ended = operations.some(
    ({ kind, outcome }) => kind === 'destroy' || (kind === 'regenerate' && outcome === 'unknown'),
  );
  const revoked = history.some(
    ({ kind, subject, to }) => kind === 'revokeAll' && subject === born.subject && to > born.from,
  );
  return ended || revoked ? [] : [`${born.id} is gone, though nobody ended it`];
}
