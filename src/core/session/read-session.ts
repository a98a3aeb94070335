import type { Engine } from '../engine.ts';
import { SessionError } from '../errors.ts';
import type { UnreadableReason } from '../events.ts';
import type { SessionTypes } from '../options.ts';
import { activityHeader, passiveActivity } from '../ports/activity-header.ts';
import type { Address, StoredSession } from '../ports/stored-session.ts';
import { computeIdleExpiry } from '../record/expiry.ts';
import { decodeRecord, type RecordContents } from '../record/record.ts';
import type { Immutable, SessionSnapshot } from '../record/snapshot.ts';
import { parseSummary } from '../record/summary.ts';
import { announceToken, assertOwnReader, type Exchange } from '../request/exchange.ts';
import { type AbsentSession, expired, isAbsent, locateSession, unreadable } from './locate-session.ts';

/** The result of reading: a session, or why there is none. */
export type SessionReading<Data> = LoadedSession<Data> | AbsentSession;

/** A decoded record: where it is stored, its contents, and the snapshot that the app sees. */
export interface LoadedSession<Data> {
  readonly status: 'present';
  readonly at: Address;
  readonly contents: RecordContents<Data>;
  readonly snapshot: SessionSnapshot<Immutable<Data>>;
}

/**
 * Reads the session of a request with at most one store command.
 *
 * @param issued Where the token points that was issued during this request, if any. It takes precedence.
 * @param fresh True: the read sees the writes of every process.
 */
export async function readSession<T extends SessionTypes>(
  exchange: Exchange<T>,
  issued: Address | null,
  fresh: boolean,
): Promise<SessionReading<T['data']>> {
  assertOwnReader(exchange);
  exchange.sink.markPrivate();
  const at = issued ?? (await locateSession(exchange));
  const reading = isAbsent(at) ? at : await readSessionAt(exchange.engine, at, fresh);
  const isEnded = reading.status === 'absent' && !reading.isUnreadable;
  if (isEnded && exchange.credential.value !== null) announceToken(exchange, null);
  return reading;
}

export async function readSessionAt<T extends SessionTypes>(
  engine: Engine<T>,
  at: Address,
  fresh: boolean,
): Promise<SessionReading<T['data']>> {
  const found = await findStoredSession(engine, at, fresh);
  return typeof found === 'string' ? toAbsent(found) : found;
}

/** Decodes what the store returned for a write. Throws as a read does. */
export async function decodeSession<T extends SessionTypes>(
  engine: Engine<T>,
  at: Address,
  stored: StoredSession,
): Promise<SessionReading<T['data']>> {
  const found = await loadStoredSession(engine, at, stored);
  return typeof found === 'string' ? toAbsent(found) : found;
}

/** Returns the session at an address, or why its data cannot be read, or why there is none. */
export async function findStoredSession<T extends SessionTypes>(
  engine: Engine<T>,
  at: Address,
  fresh: boolean,
): Promise<SessionReading<T['data']> | UnreadableReason> {
  const stored = await (fresh ? engine.store.read(at, { fresh }) : engine.store.read(at));
  if (stored === 'unreadable') {
    engine.emit({ type: 'unreadable', why: 'corrupt' });
    return 'corrupt';
  }
  if (stored !== null && 'ended' in stored) return { ...expired, ended: stored.ended };
  if (stored === null || engine.now() >= computeIdleExpiry(stored)) return expired;
  return loadStoredSession(engine, at, stored);
}

async function loadStoredSession<T extends SessionTypes>(
  engine: Engine<T>,
  at: Address,
  stored: StoredSession,
): Promise<LoadedSession<T['data']> | UnreadableReason> {
  const known = engine.records.find(at.hash, stored.body);
  if (known) return toLoadedSession(at, stored, known);
  const contents = await decodeRecord(engine.codec, stored.body);
  if (typeof contents === 'string') {
    engine.emit({ type: 'unreadable', why: contents });
    return contents;
  }
  engine.records.add(at.hash, stored.body, contents);
  return toLoadedSession(at, stored, contents);
}

/**
 * A record of a newer version is not a reason to sign in again: it will be readable when the deployment is complete, or
 * where the newer version runs.
 *
 * @throws SessionError `UNAVAILABLE` for such a record.
 */
function toAbsent(why: UnreadableReason): AbsentSession {
  if (why !== 'newer-version') return unreadable;
  throw new SessionError('UNAVAILABLE', { hint: 'A newer version of this app has written the session.' });
}

export function toLoadedSession<Data>(
  at: Address,
  stored: StoredSession,
  contents: RecordContents<Data>,
): LoadedSession<Data> {
  // Written out, because spreading costs more than the rest of a read of an unchanged record.
  const snapshot = Object.freeze({
    id: stored.id,
    revision: stored.revision,
    createdAt: stored.createdAt,
    authenticatedAt: stored.authenticatedAt,
    lastSeenAt: stored.lastSeenAt,
    expiresAt: stored.expiresAt,
    idleMs: stored.idleMs,
    data: contents.data as Immutable<Data>,
    idleExpiresAt: computeIdleExpiry(stored),
    device: parseSummary(stored.summary).device,
  });
  return { status: 'present', at, contents, snapshot };
}

/** Whether the use of a session must be recorded. */
export function isTouchDue<T extends SessionTypes>(
  { now, lifetimes, touchEveryMs }: Engine<T>,
  { idleMs, lastSeenAt }: SessionSnapshot<unknown>,
): boolean {
  // A session with a shorter idle timeout of its own would expire before the usual touch is due.
  const shortened = Math.min(1, idleMs / lifetimes.idleMs);
  // A last use in the future means that the clocks disagree: then the store decides by its own clock.
  return Math.abs(now() - lastSeenAt) >= touchEveryMs * shortened;
}

/**
 * Whether a request is no use of its session: the client says so, or a page renders. An open tab that renders again and
 * again would keep its session alive for ever.
 */
export function isPassiveExchange<T extends SessionTypes>({ request, sink }: Exchange<T>): boolean {
  return sink.cookieObstacle() === 'render' || request.header(activityHeader) === passiveActivity;
}
