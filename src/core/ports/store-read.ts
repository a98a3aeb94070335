import type { EndedSession } from './session-ending.ts';
import type { StoredSession } from './stored-session.ts';

/** Result of `SessionStore.read`. */
export type ReadResult = StoredSession | EndedSession | 'unreadable' | null;

/** Options of `SessionStore.read`. */
export interface ReadOptions {
  /**
   * True: the read sees the writes of every process.
   *
   * @default false
   */
  readonly fresh?: boolean;
}

export function isStoredSession(found: ReadResult): found is StoredSession {
  return found !== null && found !== 'unreadable' && !('ended' in found);
}
