import { Redis } from 'ioredis';
import { isSessionError } from 'trpc-session';
import { type App, increment, signIn, withToken } from './app.ts';
import type { Operation, Outcome } from './history.ts';

/** A session that somebody has a token of. */
export interface Handle {
  readonly id: string;
  readonly token: string;
}

/** Where those who work on the same sessions tell each other about tokens, apart from the sessions themselves. */
export interface Pool {
  draw(subject: string): Promise<Handle | null>;
  all(subject: string): Promise<readonly Handle[]>;
  add(subject: string, handle: Handle): Promise<unknown>;
  remove(subject: string, handle: Handle): Promise<unknown>;
  close(): void;
}

/** A pool that processes share, in another database of the same server. */
export function redisPool(url: string): Pool {
  const client = new Redis(url, { db: 1 });
  const textOf = ({ id, token }: Handle) => `${id} ${token}`;
  const handleOf = (text: string): Handle => {
    const [id = '', token = ''] = text.split(' ');
    return { id, token };
  };
  return {
    draw: async (subject) => {
      const text = await client.srandmember(subject);
      return text === null ? null : handleOf(text);
    },
    all: async (subject) => (await client.smembers(subject)).map(handleOf),
    add: (subject, handle) => client.sadd(subject, textOf(handle)),
    remove: (subject, handle) => client.srem(subject, textOf(handle)),
    close: () => client.disconnect(),
  };
}

/** A pool of this process alone. */
export function memoryPool(): Pool {
  const pools = new Map<string, Handle[]>();
  const handles = (subject: string): readonly Handle[] => pools.get(subject) ?? [];
  return {
    draw: async (subject) => (handles(subject).length === 0 ? null : pick(handles(subject))),
    all: async (subject) => handles(subject),
    add: async (subject, handle) => pools.set(subject, [...handles(subject), handle]),
    remove: async (subject, gone) =>
      pools.set(
        subject,
        handles(subject).filter((handle) => handle !== gone),
      ),
    close: () => {},
  };
}

export interface Churn {
  readonly app: App;
  readonly pool: Pool;
  readonly subjects: readonly string[];
  readonly operations: number;
}

type Kind = Operation['kind'];

const parallel = 6;
/** What is drawn from: how often each kind comes. */
const mix: readonly (readonly [Kind, number])[] = [
  ['start', 12],
  ['update', 44],
  ['read', 26],
  ['regenerate', 8],
  ['destroy', 7],
  ['revokeAll', 3],
];

/** Signs in, reads, updates, regenerates, signs out and revokes all, at random and several at once. */
export async function churn(work: Churn): Promise<Operation[]> {
  const history: Operation[] = [];
  const lane = async (): Promise<void> => {
    while (history.length < work.operations) history.push(await operate(work, pick(work.subjects)));
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  return history;
}

/** What a churn has left, asked for with every token that is known. */
export async function outcomeOf(
  { app, pool, subjects }: Omit<Churn, 'operations'>,
  history: readonly Operation[],
): Promise<Outcome> {
  const born = history.flatMap(({ kind, id, token }) => (kind === 'start' && id && token ? [{ id, token }] : []));
  const known = await Promise.all(subjects.map((subject) => pool.all(subject)));
  const alive = new Map<string, number>();
  for (const { id, token } of [...born, ...known.flat()]) {
    const session = await withToken(app, token).get({ passive: true });
    if (session) alive.set(id, session.data.count);
  }
  const listed = await Promise.all(subjects.map((subject) => app.of(subject).list()));
  return { alive, listed: new Set(listed.flat().map(({ id }) => id)) };
}

async function operate({ app, pool }: Churn, subject: string): Promise<Operation> {
  const known = await pool.draw(subject);
  const kind = known ? drawKind() : 'start';
  const about = known && kind !== 'start' && kind !== 'revokeAll' ? known : {};
  const from = process.hrtime.bigint();
  try {
    const { issued, ...report } = await perform(kind, { app, subject, token: known?.token ?? '' });
    const to = process.hrtime.bigint();
    if (issued) await pool.add(subject, issued);
    return { kind, subject, ...about, ...(kind === 'start' && issued), ...report, from, to, outcome: 'done' };
  } catch (error) {
    const to = process.hrtime.bigint();
    const isAbsent = error === absent || (isSessionError(error) && error.code === 'EXPIRED');
    if (!isAbsent && !(isSessionError(error) && error.code === 'UNAVAILABLE')) throw error;
    // Most dead tokens are forgotten, some are tried again and again.
    if (isAbsent && known && Math.random() < 0.7) await pool.remove(subject, known);
    return { kind, subject, ...about, from, to, outcome: isAbsent ? 'absent' : 'unknown' };
  }
}

const absent = new Error('Nobody there');

interface Target {
  readonly app: App;
  readonly subject: string;
  readonly token: string;
}

interface Report {
  readonly count?: number;
  readonly issued?: Handle;
}

async function perform(kind: Kind, { app, subject, token }: Target): Promise<Report> {
  const session = withToken(app, token);
  switch (kind) {
    case 'start':
      return { issued: await signIn(app, subject) };
    case 'update':
      return { count: (await increment(session)).data.count };
    case 'read': {
      const snapshot = await session.get();
      if (!snapshot) throw absent;
      return { count: snapshot.data.count };
    }
    case 'regenerate': {
      const issued = await session.regenerate();
      return { issued: { id: issued.session.id, token: String(issued.token) } };
    }
    case 'destroy':
      await session.destroy();
      return {};
    case 'revokeAll':
      await app.of(subject).revokeAll();
      return {};
  }
}

function drawKind(): Kind {
  return pick(mix.flatMap(([kind, share]) => Array<Kind>(share).fill(kind)));
}

function pick<Value>(values: readonly Value[]): Value {
  const value = values[Math.floor(Math.random() * values.length)];
  if (value === undefined) throw new Error('There is nothing to pick from');
  return value;
}
