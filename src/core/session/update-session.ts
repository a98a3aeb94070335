import type { Engine } from '../engine.ts';
import { SessionError } from '../errors.ts';
import type { SessionInput, SessionTypes } from '../options.ts';
import { encodeRecord } from '../record/record.ts';
import type { Immutable } from '../record/snapshot.ts';
import { createNonce } from '../record/token.ts';
import { announceOutcome, type Exchange } from '../request/exchange.ts';
import { expired } from './locate-session.ts';
import { decodeSession, type LoadedSession, type SessionReading, toLoadedSession } from './read-session.ts';
import { callSynchronously, retryOnConflict } from './retry.ts';

/**
 * A part of the data, merged at the top level, or a synchronous function from the current data to the next. The function
 * must be pure: it runs again if another request wrote in between.
 */
export type SessionChange<T extends SessionTypes> =
  | Partial<Immutable<SessionInput<T>>>
  | ((data: Immutable<T['data']>) => Immutable<SessionInput<T>>);

/** Reads, changes and writes the data, and starts over if another request wrote in between. */
export async function updateSession<T extends SessionTypes>(
  exchange: Exchange<T>,
  loaded: LoadedSession<T['data']>,
  change: SessionChange<T>,
): Promise<SessionReading<T['data']>> {
  const reading = await writeChange(exchange.engine, loaded, change);
  if (reading.status === 'present') announceOutcome(exchange, 'updated');
  return reading;
}

/** Does the same for a session that need not be that of a request. */
export async function writeChange<T extends SessionTypes>(
  engine: Engine<T>,
  loaded: LoadedSession<T['data']>,
  change: SessionChange<T>,
): Promise<SessionReading<T['data']>> {
  const nonce = createNonce();
  let current: SessionReading<T['data']> = loaded;
  return retryOnConflict(async () => {
    if (current.status === 'absent') return current;
    const { at, snapshot, contents } = current;
    const terms = { ...contents.envelope, unknown: contents.unknown };
    const { body, ...next } = await encodeRecord(engine.codec, applyChange(snapshot.data, change), terms);
    assertSameSubject(engine, snapshot.data, next.data);
    const result = await engine.store.replace({ ...at, nonce, revision: snapshot.revision, body });
    if (result.status === 'not-found') return expired;
    const isOurs = result.session.body === body;
    const reading = isOurs
      ? toLoadedSession(at, result.session, next)
      : await decodeSession(engine, at, result.session);
    if (result.status === 'done') return reading;
    current = reading;
    return null;
  });
}

function applyChange<T extends SessionTypes>(data: Immutable<T['data']>, change: SessionChange<T>): unknown {
  return typeof change === 'function'
    ? callSynchronously(change, data)
    : { ...(data as object), ...(change as object) };
}

/** Another subject is another user's key in the store: only `start` may change it. */
function assertSameSubject<T extends SessionTypes>(engine: Engine<T>, before: unknown, after: T['data']): void {
  if (engine.getSubject(before as T['data']) !== engine.getSubject(after)) throw new SessionError('SUBJECT_CHANGED');
}
