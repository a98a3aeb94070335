import type { Engine } from '../engine.ts';
import type { SessionTypes } from '../options.ts';
import { activityHeader, passiveActivity } from '../ports/activity-header.ts';
import type { Address, StoredSession } from '../ports/stored-session.ts';
import type { TokenRecord } from '../record/caches.ts';
import { computeIdleExpiry, isAlive } from '../record/expiry.ts';
import { decodeRecord, encodeRecord, type RecordContents, type RecordEnvelope } from '../record/record.ts';
import type { Immutable, SessionSnapshot } from '../record/snapshot.ts';
import { parseSummary } from '../record/summary.ts';
import { createNonce, hashToken, parseToken } from '../record/token.ts';
import { announceToken, assertOwnReader, type Exchange } from '../request/exchange.ts';

/** The result of reading: a session, or why there is none. */
export type SessionReading<Data> = LoadedSession<Data> | AbsentSession;

/** A decoded record: where it is stored, its envelope, and the snapshot that the app sees. */
export interface LoadedSession<Data> {
  readonly status: 'present';
  readonly at: Address;
  readonly envelope: RecordEnvelope;
  readonly snapshot: SessionSnapshot<Immutable<Data>>;
}

/** `MISSING`: the request has no usable token. `EXPIRED`: it has one, but the session has ended. */
export interface AbsentSession {
  readonly status: 'absent';
  readonly code: 'MISSING' | 'EXPIRED';
  /** True if there is a record that this version of the app cannot read. Another version may, so the token stays. */
  readonly isUnreadable?: boolean;
}

export const missing: AbsentSession = { status: 'absent', code: 'MISSING' };
export const expired: AbsentSession = { status: 'absent', code: 'EXPIRED' };
const unreadable: AbsentSession = { ...expired, isUnreadable: true };

/** Opens the request's token and returns where its session would be stored. Does no I/O. */
export async function locateSession<T extends SessionTypes>({
  engine,
  credential: { carrier, value },
}: Exchange<T>): Promise<Address | AbsentSession> {
  const token = value ? await carrier.open(value) : null;
  if (Array.isArray(token)) engine.emit({ type: 'ambiguous', carrier: carrier.name });
  return locateToken(engine, token);
}

/** Returns where the session is that a request means. If its token is ambiguous, returns every one that it may mean. */
export async function locateSessions<T extends SessionTypes>({
  engine,
  credential: { carrier, value },
}: Exchange<T>): Promise<readonly Address[]> {
  const tokens = [value ? await carrier.open(value) : []].flat();
  return tokens.map((token) => locateToken(engine, token)).filter((at): at is Address => !isAbsent(at));
}

function locateToken<T extends SessionTypes>(engine: Engine<T>, token: unknown): Address | AbsentSession {
  const known = typeof token === 'string' ? (engine.tokens.get(token) ?? addToken(engine, token)) : null;
  if (known === null) return missing;
  return known.expiresAt <= engine.now() ? expired : known.at;
}

function addToken<T extends SessionTypes>(engine: Engine<T>, token: string): TokenRecord | null {
  const route = parseToken(token);
  if (route === null) return null;
  const at = { key: toSessionKey(engine, route.slot), hash: hashToken(token) };
  const known = { at, expiresAt: route.expiresAt };
  engine.tokens.set(token, known);
  return known;
}

export function toSessionKey({ prefix }: { readonly prefix: string }, slot: string): string {
  return `${prefix}{${slot}}`;
}

export function isAbsent(found: Address | AbsentSession): found is AbsentSession {
  return 'status' in found;
}

/**
 * Reads the session of a request with at most one store command.
 *
 * @param issued Where the token points that was issued during this request, if any. It takes precedence.
 */
export async function readSession<T extends SessionTypes>(
  exchange: Exchange<T>,
  issued: Address | null,
): Promise<SessionReading<T['data']>> {
  assertOwnReader(exchange);
  exchange.sink.markPrivate();
  const at = issued ?? (await locateSession(exchange));
  const reading = isAbsent(at) ? at : await readSessionAt(exchange.engine, at);
  const isEnded = reading.status === 'absent' && !reading.isUnreadable;
  if (isEnded && exchange.credential.value !== null) announceToken(exchange, null);
  return reading;
}

export async function readSessionAt<T extends SessionTypes>(
  engine: Engine<T>,
  at: Address,
): Promise<SessionReading<T['data']>> {
  const stored = await engine.store.read(at);
  if (stored === 'unreadable') {
    engine.emit({ type: 'unreadable', why: 'corrupt' });
    return unreadable;
  }
  if (stored === null || !isAlive(stored, engine.now())) return expired;
  return decodeSession(engine, at, stored);
}

export async function decodeSession<T extends SessionTypes>(
  engine: Engine<T>,
  at: Address,
  stored: StoredSession,
): Promise<SessionReading<T['data']>> {
  const known = engine.records.find(at.hash, stored.body);
  if (known) return toLoadedSession(at, stored, known);
  const contents = await decodeRecord(engine.codec, stored.body);
  if (typeof contents === 'string') {
    engine.emit({ type: 'unreadable', why: contents });
    return unreadable;
  }
  const loaded = toLoadedSession(at, stored, contents);
  if (contents.envelope.v < engine.codec.version) void writeMigratedRecord(engine, loaded, contents);
  else engine.records.add(at.hash, stored.body, contents);
  return loaded;
}

export function toLoadedSession<Data>(
  at: Address,
  stored: StoredSession,
  { envelope, data }: RecordContents<Data>,
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
    data: data as Immutable<Data>,
    idleExpiresAt: computeIdleExpiry(stored),
    device: parseSummary(stored.summary).device,
  });
  return { status: 'present', at, envelope, snapshot };
}

/** Stores a migrated record, unless another request wrote in between: then the next reader migrates again. */
async function writeMigratedRecord<T extends SessionTypes>(
  engine: Engine<T>,
  { at, snapshot: { revision } }: LoadedSession<T['data']>,
  { envelope, data }: RecordContents<T['data']>,
): Promise<void> {
  try {
    const { body } = await encodeRecord(engine.codec, data, envelope);
    await engine.store.replace({ ...at, nonce: createNonce(), revision, body });
  } catch {
    // The read itself succeeded, and the engine has emitted an event for the failed write.
  }
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
