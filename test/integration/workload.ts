import { Redis } from 'ioredis';
import { isSessionError } from 'trpc-session';
import { type App, increment, signIn, withToken } from './app.ts';
import type { Operation, Outcome } from './history.ts';

/** A session and the token that opens it. */
interface Credential {
  readonly id: string;
  readonly token: string;
}

/** The known tokens of each subject, shared by parallel workers. */
export interface TokenPool {
  pick(subject: string): Promise<Credential | null>;
  all(subject: string): Promise<readonly Credential[]>;
  add(subject: string, credential: Credential): Promise<unknown>;
  remove(subject: string, credential: Credential): Promise<unknown>;
  close(): void;
}

/** A pool that several processes share, in another database of the same server. */
export function createRedisPool(url: string): TokenPool {
  const client = new Redis(url, { db: 1 });
  const toText = ({ id, token }: Credential) => `${id} ${token}`;
  const fromText = (text: string): Credential => {
    const [id = '', token = ''] = text.split(' ');
    return { id, token };
  };
  return {
    pick: async (subject) => {
      const text = await client.srandmember(subject);
      return text === null ? null : fromText(text);
    },
    all: async (subject) => (await client.smembers(subject)).map(fromText),
    add: (subject, credential) => client.sadd(subject, toText(credential)),
    remove: (subject, credential) => client.srem(subject, toText(credential)),
    close: () => client.disconnect(),
  };
}

/** A pool of this process only. */
export function createMemoryPool(): TokenPool {
  const pools = new Map<string, Credential[]>();
  const credentials = (subject: string): readonly Credential[] => pools.get(subject) ?? [];
  return {
    pick: async (subject) => (credentials(subject).length === 0 ? null : pick(credentials(subject))),
    all: async (subject) => credentials(subject),
    add: async (subject, credential) => pools.set(subject, [...credentials(subject), credential]),
    remove: async (subject, removed) =>
      pools.set(
        subject,
        credentials(subject).filter((credential) => credential !== removed),
      ),
    close: () => {},
  };
}

export interface Workload {
  readonly app: App;
  readonly pool: TokenPool;
  readonly subjects: readonly string[];
  readonly operations: number;
}

type Kind = Operation['kind'];

const parallel = 6;
/** How often each kind of operation occurs, relative to the others. */
const mix: readonly (readonly [Kind, number])[] = [
  ['start', 12],
  ['update', 44],
  ['read', 26],
  ['regenerate', 8],
  ['destroy', 7],
  ['revokeAll', 3],
];

/** Signs in, reads, updates, regenerates, signs out and revokes all, in random order and several at once. */
export async function runWorkload(work: Workload): Promise<Operation[]> {
  const history: Operation[] = [];
  const lane = async (): Promise<void> => {
    while (history.length < work.operations) history.push(await operate(work, pick(work.subjects)));
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  return history;
}

/** Which sessions exist after a workload, found with every known token and in the lists. */
export async function readOutcome(
  { app, pool, subjects }: Omit<Workload, 'operations'>,
  history: readonly Operation[],
): Promise<Outcome> {
  const started = history.flatMap(({ kind, id, token }) => (kind === 'start' && id && token ? [{ id, token }] : []));
  const known = await Promise.all(subjects.map((subject) => pool.all(subject)));
  const alive = new Map<string, number>();
  for (const { id, token } of [...started, ...known.flat()]) {
    const session = await withToken(app, token).get({ passive: true });
    if (session) alive.set(id, session.data.count);
  }
  const listed = await Promise.all(subjects.map((subject) => app.of(subject).list()));
  return { alive, listed: new Set(listed.flat().map(({ id }) => id)) };
}

async function operate({ app, pool }: Workload, subject: string): Promise<Operation> {
  const known = await pool.pick(subject);
  const kind = known ? pickKind() : 'start';
  const about = known && kind !== 'start' && kind !== 'revokeAll' ? known : {};
  const from = process.hrtime.bigint();
  try {
    const { issued, ...result } = await perform(kind, { app, subject, token: known?.token ?? '' });
    const to = process.hrtime.bigint();
    if (issued) await pool.add(subject, issued);
    return { kind, subject, ...about, ...(kind === 'start' && issued), ...result, from, to, outcome: 'done' };
  } catch (error) {
    const to = process.hrtime.bigint();
    const isAbsent = error === absent || (isSessionError(error) && error.code === 'EXPIRED');
    if (!isAbsent && !(isSessionError(error) && error.code === 'UNAVAILABLE')) throw error;
    // Most invalid tokens are removed. Some stay, so that later operations try them again.
    if (isAbsent && known && Math.random() < 0.7) await pool.remove(subject, known);
    return { kind, subject, ...about, from, to, outcome: isAbsent ? 'absent' : 'unknown' };
  }
}

const absent = new Error('There is no session');

interface Target {
  readonly app: App;
  readonly subject: string;
  readonly token: string;
}

interface OperationResult {
  readonly count?: number;
  readonly issued?: Credential;
}

async function perform(kind: Kind, { app, subject, token }: Target): Promise<OperationResult> {
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

function pickKind(): Kind {
  return pick(mix.flatMap(([kind, share]) => Array<Kind>(share).fill(kind)));
}

function pick<Value>(values: readonly Value[]): Value {
  const value = values[Math.floor(Math.random() * values.length)];
  if (value === undefined) throw new Error('Cannot pick from an empty list');
  return value;
}
