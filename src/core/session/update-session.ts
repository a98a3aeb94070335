import type { Engine, SessionTypes } from '../engine.ts';
import { SessionError } from '../errors.ts';
import { encodeRecord } from '../record/record.ts';
import type { Immutable } from '../record/snapshot.ts';
import { createNonce } from '../record/token.ts';
import { decodeSession, type LoadedSession, type SessionReading, toLoadedSession } from './read-session.ts';
import { callSynchronously, retryOnConflict } from './retry.ts';

/** The next data, or a function from the data there is. The function must be pure: it may run more than once. */
export type SessionChange<T extends SessionTypes> =
  | Partial<Immutable<T['input']>>
  | ((data: Immutable<T['data']>) => Immutable<T['input']>);

/** Changes the data: read, change, write if nobody else wrote, again if somebody did. */
export async function updateSession<T extends SessionTypes>(
  engine: Engine<T>,
  current: LoadedSession<T['data']>,
  change: SessionChange<T>,
): Promise<SessionReading<T['data']>> {
  const nonce = createNonce();
  let known: SessionReading<T['data']> = current;
  return retryOnConflict(async () => {
    if (known.status === 'absent') return known;
    const { at, envelope, snapshot } = known;
    const { body, data } = await encodeRecord(engine.codec, applyChange(snapshot.data, change), envelope);
    assertSameSubject(engine, snapshot.data, data);
    const result = await engine.ask('replace', (store) =>
      store.replace({ ...at, nonce, revision: snapshot.revision, body }),
    );
    if (result.status === 'gone') return { status: 'absent', code: 'EXPIRED' } as const;
    const ours = result.session.body === body;
    const reading = ours
      ? toLoadedSession(at, result.session, { envelope, data })
      : await decodeSession(engine, at, result.session);
    if (result.status === 'done') return reading;
    known = reading;
    return null;
  });
}

function applyChange<T extends SessionTypes>(data: Immutable<T['data']>, change: SessionChange<T>): unknown {
  return typeof change === 'function'
    ? callSynchronously(change, data)
    : { ...(data as object), ...(change as object) };
}

function assertSameSubject<T extends SessionTypes>(engine: Engine<T>, before: unknown, after: T['data']): void {
  if (engine.subjectOf(before as T['data']) !== engine.subjectOf(after)) throw new SessionError('SUBJECT_CHANGED');
}
