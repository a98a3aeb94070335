import type { Engine } from '../engine.ts';
import type { SessionTypes } from '../options.ts';
import type { Revocation } from '../ports/store.ts';
import type { Address, SessionHeader } from '../ports/stored-session.ts';
import { parseSummary } from '../record/summary.ts';

/** One entry of a user's list of sessions ("where you are signed in"). Times are in milliseconds since the epoch. */
export interface SessionInfo {
  /** The public id: pass it to `revoke`. */
  readonly id: string;
  /** Whether it is the session of this request. */
  readonly current: boolean;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  /** The User-Agent header at sign-in, at most 256 characters, or null. */
  readonly device: string | null;
}

/** Returns the live sessions under one key, oldest first. */
export async function listSessions<T extends SessionTypes>(
  engine: Engine<T>,
  key: string,
  currentId: string | null,
): Promise<readonly SessionInfo[]> {
  const stored = await engine.store.list(key);
  return stored.map((session) => toSessionInfo(session, currentId));
}

/** Ends sessions under one key and returns how many. */
export async function revokeSessions<T extends SessionTypes>(
  engine: Engine<T>,
  key: string,
  which: Revocation,
): Promise<number> {
  const count = await engine.store.revoke(key, which);
  engine.emit({ type: 'revoked', count });
  return count;
}

/** Ends the sessions that one request means. There are several if its token is ambiguous. */
export async function destroySessions<T extends SessionTypes>(
  engine: Engine<T>,
  at: readonly Address[],
  id: string | null,
): Promise<void> {
  const results = await Promise.all(at.map((address) => engine.store.destroy(address)));
  if (results.some(({ status }) => status === 'done')) engine.emit({ type: 'destroyed', id });
}

export function toSessionInfo(
  { id, createdAt, lastSeenAt, summary }: SessionHeader,
  currentId: string | null,
): SessionInfo {
  return { id, current: id === currentId, createdAt, lastSeenAt, ...parseSummary(summary) };
}

/** Sorts the current session first, then the most recently used. */
export function compareSessionInfo(a: SessionInfo, b: SessionInfo): number {
  return Number(b.current) - Number(a.current) || b.lastSeenAt - a.lastSeenAt;
}
