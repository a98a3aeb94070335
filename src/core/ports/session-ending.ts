import type { SessionEnding } from '../errors.ts';

/** What a store reads where a session was that has ended. */
export interface EndedSession {
  readonly ended: SessionEnding;
}

/** Why `SessionStore.destroy` ends a session. */
export type DestroyReason = Extract<SessionEnding, 'signed-out' | 'replaced'>;

/**
 * How long a store keeps the reason, in milliseconds. A user whose session was ended elsewhere may notice only the next
 * evening; a browser that ended its own session needs the reason for requests that are still on their way.
 */
export const endingLifetimes: Readonly<Record<SessionEnding, number>> = {
  'signed-out': 3_600_000,
  revoked: 36 * 3_600_000,
  evicted: 36 * 3_600_000,
  replaced: 3_600_000,
};

/** How many reasons a store keeps under one key, so that no key grows without limit. */
export const maxEndings = 16;
