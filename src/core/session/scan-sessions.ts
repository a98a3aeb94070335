import type { Engine } from '../engine.ts';
import type { SessionTypes } from '../options.ts';
import { createSubjectSessions, type SubjectSessions } from './subject-sessions.ts';

/** Yields the sessions of every user and guest. */
export async function* scanSubjects<T extends SessionTypes>(engine: Engine<T>): AsyncGenerator<SubjectSessions<T>> {
  for await (const keys of scanPages(engine)) {
    for (const key of keys) yield createSubjectSessions(engine, key);
  }
}

/** Counts the live sessions of all users. Lists the keys of one page at once, so that they share a round trip. */
export async function countSessions<T extends SessionTypes>(engine: Engine<T>): Promise<number> {
  let count = 0;
  for await (const keys of scanPages(engine)) {
    const lists = await Promise.all(keys.map((key) => engine.store.list(key)));
    for (const list of lists) count += list.length;
  }
  return count;
}

/** Yields the keys of each page that no earlier page contained. */
async function* scanPages<T extends SessionTypes>({ prefix, store }: Engine<T>): AsyncGenerator<readonly string[]> {
  const seen = new Set<string>();
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof store.scan>> = await store.scan({ start: `${prefix}{`, cursor });
    const keys = [...new Set(page.keys)].filter((key) => !seen.has(key));
    for (const key of keys) seen.add(key);
    yield keys;
    cursor = page.cursor;
  } while (cursor !== null);
}
