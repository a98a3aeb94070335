import type { Engine, SessionTypes } from './engine.ts';
import { SessionError } from './errors.ts';
import { open, type Present, present, type Reading } from './reading.ts';
import { encodeRecord } from './record.ts';
import { callSync, retrying } from './retrying.ts';
import type { Immutable } from './snapshot.ts';
import { newNonce } from './token.ts';

/** The next data, or a function from the data there is. The function must be pure: it may run more than once. */
export type Change<T extends SessionTypes> =
  | Partial<Immutable<T['input']>>
  | ((data: Immutable<T['data']>) => Immutable<T['input']>);

/** Changes the data: read, change, write if nobody else wrote, again if somebody did. */
export async function updateSession<T extends SessionTypes>(
  engine: Engine<T>,
  current: Present<T['data']>,
  change: Change<T>,
): Promise<Reading<T['data']>> {
  const nonce = newNonce();
  let known: Reading<T['data']> = current;
  return retrying(async () => {
    if (known.status === 'absent') return known;
    const { at, envelope, snapshot } = known;
    const { body, data } = await encodeRecord(engine.codec, changed(snapshot.data, change), envelope);
    assertSameSubject(engine, snapshot.data, data);
    const result = await engine.ask('replace', (store) =>
      store.replace({ ...at, nonce, revision: snapshot.revision, body }),
    );
    if (result.status === 'gone') return { status: 'absent', code: 'EXPIRED' } as const;
    const ours = result.session.body === body;
    const reading = ours ? present(at, result.session, { envelope, data }) : await open(engine, at, result.session);
    if (result.status === 'done') return reading;
    known = reading;
    return null;
  });
}

function changed<T extends SessionTypes>(data: Immutable<T['data']>, change: Change<T>): unknown {
  return typeof change === 'function' ? callSync(change, data) : { ...(data as object), ...(change as object) };
}

function assertSameSubject<T extends SessionTypes>(engine: Engine<T>, before: unknown, after: T['data']): void {
  if (engine.subjectOf(before as T['data']) !== engine.subjectOf(after)) throw new SessionError('SUBJECT_CHANGED');
}
