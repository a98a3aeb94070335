import type { Engine } from '../engine.ts';
import { SessionError } from '../errors.ts';
import type { SessionTypes } from '../options.ts';
import type { ListedSession } from '../ports/stored-session.ts';
import type { Immutable } from '../record/snapshot.ts';
import { listSessions, revokeSessions, type SessionInfo, toSessionInfo } from './list-sessions.ts';
import { findStoredSession, type LoadedSession } from './read-session.ts';
import { retryOnConflict } from './retry.ts';
import { type SessionChange, writeChange } from './update-session.ts';

/** One entry of a user's list of sessions, with the data of the session. */
export interface SessionInfoWithData<Data> extends SessionInfo {
  /** Null if this version of the app cannot read the data. */
  readonly data: Data | null;
}

/** The sessions of one user, from outside a request. */
export interface SubjectSessions<T extends SessionTypes> {
  /**
   * Returns the live sessions with their data, oldest first: for administrators, and for exports of personal data. Reads
   * the sessions one after another.
   *
   * @throws SessionError `UNAVAILABLE`.
   * @example const entries = await sessions.of(userId).list({ data: true });
   */
  list(options: { readonly data: true }): Promise<readonly SessionInfoWithData<Immutable<T['data']>>[]>;
  /** Returns the live sessions, oldest first. */
  list(): Promise<readonly SessionInfo[]>;
  /**
   * Changes the data of every live session, by a part that is merged at the top level or by a pure function, and returns
   * how many were changed. Each session is changed atomically. If one fails, the others are still changed, and the first
   * error is thrown.
   *
   * @throws SessionError `INVALID_DATA`, `TOO_LARGE`, `SUBJECT_CHANGED`, `CONFLICT`, or `UNAVAILABLE`: also if this version
   * of the app cannot read the data of a session.
   * @example await sessions.of(userId).update({ role: 'member' });
   */
  update(change: SessionChange<T>): Promise<number>;
  /** Ends one session by its id. Returns false if there is none. */
  revoke(id: string): Promise<boolean>;
  /** Signs the user out everywhere, and returns how many sessions that ended. */
  revokeAll(): Promise<number>;
}

export function createSubjectSessions<T extends SessionTypes>(engine: Engine<T>, key: string): SubjectSessions<T> {
  const list = async (options?: { readonly data: true }) =>
    options?.data ? listWithData(engine, key) : listSessions(engine, key, null);
  return {
    list: list as SubjectSessions<T>['list'],
    update: (change) => updateSessions(engine, key, change),
    revoke: async (id) => (await revokeSessions(engine, key, { id })) > 0,
    revokeAll: () => revokeSessions(engine, key, 'all'),
  };
}

async function listWithData<T extends SessionTypes>(
  engine: Engine<T>,
  key: string,
): Promise<readonly SessionInfoWithData<Immutable<T['data']>>[]> {
  const entries: SessionInfoWithData<Immutable<T['data']>>[] = [];
  await visitSessions(engine, key, async (listed, loaded) => {
    entries.push({ ...toSessionInfo(listed, null), data: loaded?.snapshot.data ?? null });
    return true;
  });
  return entries.sort((a, b) => a.createdAt - b.createdAt);
}

const unreadableHint = 'This version of the app cannot read the data of a session. The other sessions were changed.';

async function updateSessions<T extends SessionTypes>(
  engine: Engine<T>,
  key: string,
  change: SessionChange<T>,
): Promise<number> {
  const failures: unknown[] = [];
  let count = 0;
  await visitSessions(engine, key, async (_, loaded) => {
    try {
      const reading = loaded && (await writeChange(engine, loaded, change));
      if (!reading || (reading.status === 'absent' && reading.isUnreadable)) {
        throw new SessionError('UNAVAILABLE', { hint: unreadableHint });
      }
      if (reading.status === 'absent') return false;
      count += 1;
    } catch (error) {
      failures.push(error);
    }
    return true;
  });
  if (failures.length > 0) throw failures[0];
  return count;
}

/** Returns false if the session is no longer there. Receives null for a session whose data cannot be read. */
type Visit<T extends SessionTypes> = (
  listed: ListedSession,
  loaded: LoadedSession<T['data']> | null,
) => Promise<boolean>;

/**
 * Visits each live session under one key once. A session that is not found where it was listed may have moved to another
 * token, or a sign-in may have replaced it. So the list is read again until every session in it was visited or looked for.
 */
async function visitSessions<T extends SessionTypes>(engine: Engine<T>, key: string, visit: Visit<T>): Promise<void> {
  const visited = new Set<string>();
  const sought = new Set<string>();
  await retryOnConflict(async () => {
    let hasMissedOne = false;
    for (const listed of await engine.store.list(key)) {
      const { id, hash, revision } = listed;
      // A move adds 1 to the revision. So a session that moved away and back is looked for again.
      const place = `${hash} ${revision}`;
      if (visited.has(id) || sought.has(place)) continue;
      sought.add(place);
      const found = await findStoredSession(engine, { key, hash }, true);
      const loaded = typeof found === 'string' ? null : found;
      if (loaded?.status !== 'absent' && (await visit(listed, loaded))) visited.add(id);
      else hasMissedOne = true;
    }
    return hasMissedOne ? null : visited;
  });
}
