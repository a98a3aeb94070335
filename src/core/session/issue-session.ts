import type { Engine, SessionTypes } from '../engine.ts';
import { SessionError } from '../errors.ts';
import type { Address, SessionStore, StartResult } from '../ports/store.ts';
import type { Lifetimes } from '../record/expiry.ts';
import { encodeRecord } from '../record/record.ts';
import type { Immutable } from '../record/snapshot.ts';
import { computeSlot, createNonce, createRandomSlot, createToken, hashToken } from '../record/token.ts';
import type { Exchange } from '../request/exchange.ts';
import {
  decodeSession,
  type LoadedSession,
  readSessionAt,
  type SessionReading,
  toLoadedSession,
  toSessionKey,
} from './read-session.ts';
import { callSynchronously, retryOnConflict } from './retry.ts';

/** The first data; a function gets what the session it replaces held, so that it can be carried over. */
export type SessionStart<T extends SessionTypes> = Immutable<T['input']> | Carry<T>;

type Carry<T extends SessionTypes> = (previous: Immutable<T['data']> | null) => Immutable<T['input']>;

/** How one session lives. */
export interface StartTerms extends Lifetimes {
  readonly remember: boolean;
}

/** How to begin a session, and with what. */
export interface StartPlan<T extends SessionTypes> extends StartTerms {
  readonly beginning: SessionStart<T>;
}

/** A token that has just been made, and what it opens. */
export interface IssuedToken<Data> {
  readonly token: string;
  readonly reading: LoadedSession<Data>;
}

/** Signs in: a new token always, and an end to the session it replaces. */
export async function startSession<T extends SessionTypes>(
  exchange: Exchange<T>,
  { at, reading }: Current<T['data']>,
  { beginning, ...terms }: StartPlan<T>,
): Promise<IssuedToken<T['data']>> {
  const { engine } = exchange;
  return retryOnConflict(async (attempt) => {
    const previous = attempt > 0 && at ? await readSessionAt(engine, at) : reading;
    const old = previous.status === 'present' ? previous.snapshot : null;
    const carried = typeof beginning === 'function';
    const input = carried ? callSynchronously(beginning as Carry<T>, old?.data ?? null) : beginning;
    const replaced = at && { at, ...(carried && old && { revision: old.revision }) };
    const minted = await writeNewSession(exchange, { input, ...terms }, replaced);
    if (!minted) return null;
    const elsewhere = replaced && replaced.at.key !== minted.reading.at.key ? replaced : null;
    if (elsewhere && !(await endPrevious(engine, elsewhere, minted.reading.at))) return null;
    engine.emit({ type: 'created', id: minted.reading.snapshot.id });
    return minted;
  });
}

/** Where the request's token points, if anywhere, and what was found there. */
export interface Current<Data> {
  readonly at: Address | null;
  readonly reading: SessionReading<Data>;
}

/** A session that a new one takes the place of; with a revision where its data was carried over. */
interface Replaced {
  readonly at: Address;
  readonly revision?: number;
}

/** Writes the new session; null when what it carries over has changed meanwhile. */
async function writeNewSession<T extends SessionTypes>(
  { engine, request }: Exchange<T>,
  { input, idleMs, absoluteMs, remember }: StartTerms & { readonly input: unknown },
  old: Replaced | null,
): Promise<IssuedToken<T['data']> | null> {
  const terms = { remember, device: request.header('user-agent')?.slice(0, 256) ?? null };
  const { body, data } = await encodeRecord(engine.codec, input, terms);
  const subject = engine.subjectOf(data);
  const slot = subject === undefined ? createRandomSlot() : computeSlot(engine.prefix, subject);
  const token = createToken({ slot, expiresAt: engine.now() + absoluteMs });
  const at = { key: toSessionKey(engine, slot), hash: hashToken(token) };
  const replaces = old?.at.key === at.key && {
    hash: old.at.hash,
    ...(old.revision !== undefined && { revision: old.revision }),
  };
  const command = {
    ...at,
    nonce: createNonce(),
    id: engine.newId(),
    body,
    idleMs,
    lifetimeMs: absoluteMs,
    limit: engine.limit,
    ...(replaces && { replaces }),
  };
  const result = await engine
    .ask('start', (store) => store.start(command))
    .catch(undoAfterFailure(engine, 'destroy', (store) => store.destroy(at)));
  const session = toStartedSession(result);
  if (!session) return null;
  return {
    token,
    reading: toLoadedSession(at, session, { data, envelope: { v: engine.codec.version, data, ...terms } }),
  };
}

function toStartedSession(result: StartResult): Extract<StartResult, { status: 'done' }>['session'] | null {
  if (result.status === 'done') return result.session;
  if (result.status === 'full') throw new SessionError('LIMIT_REACHED');
  return null;
}

/**
 * The write may have happened, or happen yet, and nobody will have its token: a new session that nobody can open would
 * still be listed and count towards the limit, and one that has moved would have signed its owner out. So what it does is
 * undone, in the order of sending. Not waited for: the deadline has passed already.
 */
function undoAfterFailure<T extends SessionTypes>(
  engine: Engine<T>,
  operation: string,
  undo: (store: SessionStore) => Promise<unknown>,
): (error: unknown) => never {
  return (error) => {
    engine.ask(operation, undo).catch(() => {});
    throw error;
  };
}

/**
 * Ends the session of another subject that a new one replaces. False when it changed after it was carried over. The new
 * one does not outlive a failure: the caller was told that nothing happened.
 */
async function endPrevious<T extends SessionTypes>(
  engine: Engine<T>,
  { at, revision }: Replaced,
  successor: Address,
): Promise<boolean> {
  try {
    const ended = await engine.ask('destroy', (store) => store.destroy(at, revision));
    if (ended !== 'conflict') return true;
  } catch (error) {
    // Not waited for, since the deadline has passed already.
    engine.ask('destroy', (store) => store.destroy(successor)).catch(() => {});
    throw error;
  }
  await engine.ask('destroy', (store) => store.destroy(successor));
  return false;
}

/** A new token for the same session; the old one is dead at once. */
export async function regenerateSession<T extends SessionTypes>(
  engine: Engine<T>,
  { at, snapshot }: LoadedSession<T['data']>,
  reauthenticated: boolean,
): Promise<IssuedToken<T['data']> | null> {
  const lifetimeMs = snapshot.expiresAt - snapshot.authenticatedAt;
  const expiresAt = reauthenticated ? engine.now() + lifetimeMs : snapshot.expiresAt;
  const slot = at.key.slice(engine.prefix.length + 1, -1);
  const token = createToken({ slot, expiresAt });
  const to = { key: at.key, hash: hashToken(token) };
  const command = { ...at, newHash: to.hash, nonce: createNonce(), ...(reauthenticated && { renewMs: lifetimeMs }) };
  const back = { ...to, newHash: at.hash, nonce: createNonce() };
  const result = await engine
    .ask('regenerate', (store) => store.regenerate(command))
    .catch(undoAfterFailure(engine, 'regenerate', (store) => store.regenerate(back)));
  if (result.status !== 'done') return null;
  const reading = await decodeSession(engine, to, result.session);
  if (reading.status === 'absent') return null;
  engine.emit({ type: 'regenerated', id: reading.snapshot.id });
  return { token, reading };
}
