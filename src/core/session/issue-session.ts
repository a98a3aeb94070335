import type { Engine } from '../engine.ts';
import { SessionError } from '../errors.ts';
import type { SessionInput, SessionTypes } from '../options.ts';
import type { StartResult } from '../ports/store.ts';
import type { Address, StoredSession } from '../ports/stored-session.ts';
import type { Lifetimes } from '../record/expiry.ts';
import { encodeRecord } from '../record/record.ts';
import type { Immutable } from '../record/snapshot.ts';
import { formatSummary } from '../record/summary.ts';
import { computeSlot, createNonce, createRandomSlot, createToken, hashToken } from '../record/token.ts';
import { announceOutcome, type Exchange } from '../request/exchange.ts';
import { toSessionKey } from './locate-session.ts';
import {
  decodeSession,
  type LoadedSession,
  readSessionAt,
  type SessionReading,
  toLoadedSession,
} from './read-session.ts';
import { callSynchronously, retryOnConflict } from './retry.ts';

/**
 * The data of a new session, or a synchronous function that returns it. The function receives the data of the session
 * that is replaced, or null, so that a guest's data can be carried over at sign-in. It may run more than once.
 */
export type SessionStart<T extends SessionTypes> = Immutable<SessionInput<T>> | CarryOver<T>;

type CarryOver<T extends SessionTypes> = (previous: Immutable<T['data']> | null) => Immutable<SessionInput<T>>;

/** The lifetimes of one session, and whether its cookie outlives the browser. */
interface SessionTerms extends Lifetimes {
  readonly remember: boolean;
}

export interface StartPlan<T extends SessionTypes> extends SessionTerms {
  readonly start: SessionStart<T>;
}

/** A new token, and the session that it opens. */
export interface IssuedToken<Data> {
  readonly token: string;
  readonly loaded: LoadedSession<Data>;
}

/** The session that the request's token points to, if any, and what was read there. */
export interface PreviousSession<Data> {
  /** Several if the token is ambiguous. Then none was read, and a new session ends all of them. */
  readonly at: readonly Address[];
  readonly reading: SessionReading<Data>;
}

/** A session that a new one replaces. The revision is set if its data was carried over. */
interface ReplacedSession {
  readonly at: Address;
  readonly revision?: number;
}

/** Starts a session under a new token and ends the one that it replaces. */
export async function startSession<T extends SessionTypes>(
  exchange: Exchange<T>,
  { at: addresses, reading }: PreviousSession<T['data']>,
  { start, ...terms }: StartPlan<T>,
): Promise<IssuedToken<T['data']>> {
  const { engine } = exchange;
  const at = addresses.length === 1 ? (addresses[0] ?? null) : null;
  return retryOnConflict(async (attempt) => {
    const current = attempt > 0 && at ? await readSessionAt(engine, at, true) : reading;
    const previous = current.status === 'present' ? current.snapshot : null;
    const isCarriedOver = typeof start === 'function';
    const input = isCarriedOver ? callSynchronously(start as CarryOver<T>, previous?.data ?? null) : start;
    const replaced = at && { at, ...(isCarriedOver && previous && { revision: previous.revision }) };
    const issued = await writeNewSession(exchange, { input, ...terms }, replaced);
    if (!issued) return null;
    const isOtherSubject = replaced && replaced.at.key !== issued.loaded.at.key;
    if (isOtherSubject && !(await endPrevious(engine, replaced, issued.loaded.at))) return null;
    for (const other of at ? [] : addresses) await endPrevious(engine, { at: other }, issued.loaded.at);
    engine.emit({ type: 'created', id: issued.loaded.snapshot.id });
    announceOutcome(exchange, 'started');
    return issued;
  });
}

/** Resolves to null if the session whose data is carried over has changed since it was read. */
async function writeNewSession<T extends SessionTypes>(
  { engine, request }: Exchange<T>,
  { input, idleMs, absoluteMs, remember }: SessionTerms & { readonly input: unknown },
  replaced: ReplacedSession | null,
): Promise<IssuedToken<T['data']> | null> {
  const { body, ...contents } = await encodeRecord(engine.codec, input, { remember });
  const subject = engine.getSubject(contents.data);
  const slot = subject === undefined ? createRandomSlot() : computeSlot(engine.prefix, subject);
  const token = createToken({ slot, expiresAt: engine.now() + absoluteMs });
  const at = { key: toSessionKey(engine, slot), hash: hashToken(token) };
  const command = {
    ...at,
    nonce: createNonce(),
    id: engine.createId(),
    summary: formatSummary({ device: request.header('user-agent')?.slice(0, 256) ?? null }),
    body,
    idleMs,
    lifetimeMs: absoluteMs,
    limit: engine.limit,
    ...(replaced?.at.key === at.key && { replaces: toReplaces(replaced) }),
  };
  const result = await engine.store.start(command).catch(undoOnFailure(() => engine.store.destroy(at)));
  const session = toStartedSession(result);
  return session && { token, loaded: toLoadedSession(at, session, contents) };
}

function toReplaces({ at: { hash }, revision }: ReplacedSession): { hash: string; revision?: number } {
  return revision === undefined ? { hash } : { hash, revision };
}

function toStartedSession(result: StartResult): StoredSession | null {
  if (result.status === 'done') return result.session;
  if (result.status === 'full') throw new SessionError('LIMIT_REACHED');
  return null;
}

/**
 * Undoes a write that failed, because it may still take effect and its token reaches no client. A new session would be
 * listed and count towards the limit; a regenerated one would have signed its user out. The undo is sent after the write
 * and is not awaited: the deadline has already passed.
 */
function undoOnFailure(undo: () => Promise<unknown>): (error: unknown) => never {
  return (error) => {
    undo().catch(() => {});
    throw error;
  };
}

/**
 * Ends the replaced session of another subject. Resolves to false if it has changed since its data was carried over. On
 * failure the new session ends too, because the caller gets an error and must find nothing changed.
 */
async function endPrevious<T extends SessionTypes>(
  { store }: Engine<T>,
  { at, revision }: ReplacedSession,
  successor: Address,
): Promise<boolean> {
  const { status } = await store.destroy(at, revision, 'replaced').catch(undoOnFailure(() => store.destroy(successor)));
  if (status !== 'conflict') return true;
  await store.destroy(successor);
  return false;
}

/** Moves a session to a new token and ends the old token in the same step. Resolves to null if the session has ended. */
export async function regenerateSession<T extends SessionTypes>(
  exchange: Exchange<T>,
  { at, snapshot }: LoadedSession<T['data']>,
  reauthenticated: boolean,
): Promise<IssuedToken<T['data']> | null> {
  const { engine } = exchange;
  const lifetimeMs = snapshot.expiresAt - snapshot.authenticatedAt;
  const expiresAt = reauthenticated ? engine.now() + lifetimeMs : snapshot.expiresAt;
  const slot = at.key.slice(engine.prefix.length + 1, -1);
  const token = createToken({ slot, expiresAt });
  const newAt = { key: at.key, hash: hashToken(token) };
  const renewal = reauthenticated && { renewMs: lifetimeMs };
  const move = { ...at, newHash: newAt.hash, nonce: createNonce(), ...renewal };
  const moveBack = { ...newAt, newHash: at.hash, nonce: createNonce() };
  const result = await engine.store.regenerate(move).catch(undoOnFailure(() => engine.store.regenerate(moveBack)));
  if (result.status !== 'done') return null;
  const decoding = decodeSession(engine, newAt, result.session);
  const loaded = await decoding.catch(() => null);
  if (loaded?.status !== 'present') {
    // Another version of the app may have written in between. Without the way back, the user would have no token.
    await engine.store.regenerate(moveBack).catch(() => {});
    // Rejects with the reason if the session is unavailable.
    await decoding;
    return null;
  }
  engine.emit({ type: 'regenerated', id: loaded.snapshot.id });
  announceOutcome(exchange, 'regenerated');
  return { token, loaded };
}
