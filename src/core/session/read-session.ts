import type { Engine, SessionTypes } from '../engine.ts';
import type { Address, StoredSession } from '../ports/store.ts';
import { computeIdleExpiry, isAlive } from '../record/expiry.ts';
import { decodeRecord, encodeRecord, type RecordEnvelope } from '../record/record.ts';
import { deepFreeze, type Immutable, type SessionSnapshot } from '../record/snapshot.ts';
import { createNonce, hashToken, parseToken } from '../record/token.ts';
import { assertOwnReader, type Exchange, findCredential } from '../request/exchange.ts';

/** What asking the store came to. `absent` says whether there was no usable token, or one that no longer opens. */
export type SessionReading<Data> = LoadedSession<Data> | AbsentSession;

export interface LoadedSession<Data> {
  readonly status: 'present';
  readonly at: Address;
  readonly envelope: RecordEnvelope;
  readonly snapshot: SessionSnapshot<Immutable<Data>>;
}

export interface AbsentSession {
  readonly status: 'absent';
  readonly code: 'MISSING' | 'EXPIRED';
}

export const missing: AbsentSession = { status: 'absent', code: 'MISSING' };
export const expired: AbsentSession = { status: 'absent', code: 'EXPIRED' };

/** Where the request's token points, if it has one worth asking the store about. Costs no I/O. */
export async function locateSession<T extends SessionTypes>(exchange: Exchange<T>): Promise<Address | AbsentSession> {
  const { carrier, value } = findCredential(exchange);
  const token = value ? await carrier.open(value) : null;
  const route = parseToken(token);
  if (token === null || route === null) return missing;
  if (route.expiresAt <= exchange.engine.now()) return expired;
  return { key: toSessionKey(exchange.engine, route.slot), hash: hashToken(token) };
}

export function toSessionKey({ prefix }: { readonly prefix: string }, slot: string): string {
  return `${prefix}{${slot}}`;
}

export function isAbsent(found: Address | AbsentSession): found is AbsentSession {
  return 'status' in found;
}

/** Finds out who is asking: at most one store command. A token that was issued meanwhile counts over the request's own. */
export async function readSession<T extends SessionTypes>(
  exchange: Exchange<T>,
  issued: Address | null,
): Promise<SessionReading<T['data']>> {
  assertOwnReader(exchange);
  exchange.sink.markPrivate();
  const at = issued ?? (await locateSession(exchange));
  if (isAbsent(at)) return at;
  return readSessionAt(exchange.engine, at);
}

export async function readSessionAt<T extends SessionTypes>(
  engine: Engine<T>,
  at: Address,
): Promise<SessionReading<T['data']>> {
  const stored = await engine.ask('read', (store) => store.read(at));
  if (stored === 'unreadable') engine.emit({ type: 'unreadable', why: 'corrupt' });
  if (stored === null || stored === 'unreadable' || !isAlive(stored, engine.now())) return expired;
  return decodeSession(engine, at, stored);
}

/** Decodes what the store answered. */
export async function decodeSession<T extends SessionTypes>(
  engine: Engine<T>,
  at: Address,
  stored: StoredSession,
): Promise<SessionReading<T['data']>> {
  const record = await decodeRecord(engine.codec, stored.body);
  if (typeof record === 'string') {
    engine.emit({ type: 'unreadable', why: record });
    return expired;
  }
  const reading = toLoadedSession(at, stored, record);
  if (record.migrated) void writeMigratedRecord(engine, reading, record);
  return reading;
}

export function toLoadedSession<Data>(
  at: Address,
  stored: StoredSession,
  { envelope, data }: RecordContents<Data>,
): LoadedSession<Data> {
  const { body: _, ...facts } = stored;
  const snapshot = { ...facts, data, idleExpiresAt: computeIdleExpiry(stored), device: envelope.device };
  return { status: 'present', at, envelope, snapshot: deepFreeze(snapshot) as SessionSnapshot<Immutable<Data>> };
}

/** What is inside a record. */
interface RecordContents<Data> {
  readonly envelope: RecordEnvelope;
  readonly data: Data;
}

/** Saves a migrated record, unless somebody wrote meanwhile; then the next reader migrates again. */
async function writeMigratedRecord<T extends SessionTypes>(
  engine: Engine<T>,
  { at, snapshot: { revision } }: LoadedSession<T['data']>,
  { envelope, data }: RecordContents<T['data']>,
): Promise<void> {
  try {
    const { body } = await encodeRecord(engine.codec, data, envelope);
    await engine.ask('replace', (store) => store.replace({ ...at, nonce: createNonce(), revision, body }));
  } catch {
    // Reading worked; the event that `ask` emits is all there is to say.
  }
}

/** Marks the session as seen, when that is due. Not waited for: a guard never pays for it. */
export function touchSessionIfDue<T extends SessionTypes>(
  engine: Engine<T>,
  { at, snapshot }: LoadedSession<T['data']>,
): void {
  // A session with a shorter idle of its own would be over before the usual touch is due.
  const shortened = Math.min(1, snapshot.idleMs / engine.lifetimes.idleMs);
  // A use that lies in the future says that the clocks disagree: then the store's own has to judge.
  if (Math.abs(engine.now() - snapshot.lastSeenAt) < engine.touchEveryMs * shortened) return;
  engine.ask('touch', (store) => store.touch(at)).catch(() => {});
}
