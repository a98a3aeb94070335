import type { Engine, SessionTypes } from './engine.ts';
import { assertOwnReader, type Exchange, findCredential } from './exchange.ts';
import { idleExpiresAt, isAlive } from './expiry.ts';
import { decodeRecord, type Envelope, encodeRecord } from './record.ts';
import { deepFreeze, type Immutable, type Snapshot } from './snapshot.ts';
import type { Address, StoredSession } from './store.ts';
import { hashToken, newNonce, readToken } from './token.ts';

/** What asking the store came to. `absent` says whether there was no usable token, or one that no longer opens. */
export type Reading<Data> = Present<Data> | Absent;

export interface Present<Data> {
  readonly status: 'present';
  readonly at: Address;
  readonly envelope: Envelope;
  readonly snapshot: Snapshot<Immutable<Data>>;
}

export interface Absent {
  readonly status: 'absent';
  readonly code: 'MISSING' | 'EXPIRED';
}

export const missing: Absent = { status: 'absent', code: 'MISSING' };
export const expired: Absent = { status: 'absent', code: 'EXPIRED' };

/** Where the request's token points, if it has one worth asking the store about. Costs no I/O. */
export async function locate<T extends SessionTypes>(exchange: Exchange<T>): Promise<Address | Absent> {
  const { carrier, value } = findCredential(exchange);
  const token = value ? await carrier.open(value) : null;
  const route = readToken(token);
  if (token === null || route === null) return missing;
  if (route.expiresAt <= exchange.engine.now()) return expired;
  return { key: keyOf(exchange.engine, route.slot), hash: hashToken(token) };
}

export function keyOf({ prefix }: { readonly prefix: string }, slot: string): string {
  return `${prefix}{${slot}}`;
}

export function isAbsent(found: Address | Absent): found is Absent {
  return 'status' in found;
}

/** Finds out who is asking: at most one store command. A token that was issued meanwhile counts over the request's own. */
export async function readSession<T extends SessionTypes>(
  exchange: Exchange<T>,
  issued: Address | null,
): Promise<Reading<T['data']>> {
  assertOwnReader(exchange);
  exchange.sink.markPrivate();
  const at = issued ?? (await locate(exchange));
  if (isAbsent(at)) return at;
  return readAt(exchange.engine, at);
}

export async function readAt<T extends SessionTypes>(engine: Engine<T>, at: Address): Promise<Reading<T['data']>> {
  const stored = await engine.ask('read', (store) => store.read(at));
  if (stored === 'unreadable') engine.emit({ type: 'unreadable', why: 'corrupt' });
  if (stored === null || stored === 'unreadable' || !isAlive(stored, engine.now())) return expired;
  return open(engine, at, stored);
}

/** Decodes what the store answered. */
export async function open<T extends SessionTypes>(
  engine: Engine<T>,
  at: Address,
  stored: StoredSession,
): Promise<Reading<T['data']>> {
  const record = await decodeRecord(engine.codec, stored.body);
  if (typeof record === 'string') {
    engine.emit({ type: 'unreadable', why: record });
    return expired;
  }
  const reading = present(at, stored, record);
  if (record.migrated) void writeBack(engine, reading, record);
  return reading;
}

export function present<Data>(at: Address, stored: StoredSession, { envelope, data }: Contents<Data>): Present<Data> {
  const { body: _, ...facts } = stored;
  const snapshot = { ...facts, data, idleExpiresAt: idleExpiresAt(stored), device: envelope.device };
  return { status: 'present', at, envelope, snapshot: deepFreeze(snapshot) as Snapshot<Immutable<Data>> };
}

/** What is inside a record. */
interface Contents<Data> {
  readonly envelope: Envelope;
  readonly data: Data;
}

/** Saves a migrated record, unless somebody wrote meanwhile; then the next reader migrates again. */
async function writeBack<T extends SessionTypes>(
  engine: Engine<T>,
  { at, snapshot: { revision } }: Present<T['data']>,
  { envelope, data }: Contents<T['data']>,
): Promise<void> {
  try {
    const { body } = await encodeRecord(engine.codec, data, envelope);
    await engine.ask('replace', (store) => store.replace({ ...at, nonce: newNonce(), revision, body }));
  } catch {
    // Reading worked; the event that `ask` emits is all there is to say.
  }
}

/** Marks the session as seen, when that is due. Not waited for: a guard never pays for it. */
export function touchIfDue<T extends SessionTypes>(engine: Engine<T>, { at, snapshot }: Present<T['data']>): void {
  // A session with a shorter idle of its own would be over before the usual touch is due.
  const shortened = Math.min(1, snapshot.idleMs / engine.lifetimes.idleMs);
  // A use that lies in the future says that the clocks disagree: then the store's own has to judge.
  if (Math.abs(engine.now() - snapshot.lastSeenAt) < engine.touchEveryMs * shortened) return;
  engine.ask('touch', (store) => store.touch(at)).catch(() => {});
}
