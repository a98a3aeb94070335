import type { Engine, SessionTypes } from '../engine.ts';
import type { Revocation, StoredSession } from '../ports/store.ts';
import { parseEnvelope } from '../record/record.ts';

/** One entry of a user's "where you are signed in". Times are milliseconds since the epoch. */
export interface SessionInfo {
  readonly id: string;
  readonly current: boolean;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly device: string | null;
}

/** The live sessions of one key, oldest first. */
export async function listSessions<T extends SessionTypes>(
  engine: Engine<T>,
  key: string,
  currentId: string | null,
): Promise<readonly SessionInfo[]> {
  const stored = await engine.ask('list', (store) => store.list(key));
  return stored.map((session) => toSessionInfo(session, currentId));
}

/** Ends sessions of one key, and says how many. */
export async function revokeSessions<T extends SessionTypes>(
  engine: Engine<T>,
  key: string,
  which: Revocation,
): Promise<number> {
  const count = await engine.ask('revoke', (store) => store.revoke(key, which));
  engine.emit({ type: 'revoked', count });
  return count;
}

function toSessionInfo({ id, createdAt, lastSeenAt, body }: StoredSession, currentId: string | null): SessionInfo {
  const device = parseEnvelope(body)?.device ?? null;
  return { id, current: id === currentId, createdAt, lastSeenAt, device };
}

export function compareSessionInfo(a: SessionInfo, b: SessionInfo): number {
  return Number(b.current) - Number(a.current) || b.lastSeenAt - a.lastSeenAt;
}
