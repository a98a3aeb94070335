import type { SessionEvent, SessionStore } from 'trpc-session';
import { expect } from 'vitest';
import { computeSlot, hashToken } from '../../src/core/record/token.ts';
import type { RedisServer } from '../_support/redis-server.ts';
import { type App, bearerApp, beginning, increment, opens, signIn, withToken } from './app.ts';

export interface LifeOptions {
  readonly prefix?: string;
  /** Runs while somebody is signed in. */
  readonly meanwhile?: () => Promise<unknown>;
}

/** All that sessions do, from the look at start to the last sign-out, checked step by step. Closes the store. */
export async function live(store: SessionStore, options: LifeOptions = {}): Promise<void> {
  await liveUnseen(store, options, (app) => app.ready());
}

/** The same without the look at start, which would find beforehand what is missing. */
export async function liveUnseen(
  store: SessionStore,
  { prefix = 'session:', meanwhile = async () => {} }: LifeOptions = {},
  first: (app: App) => Promise<unknown> = async () => {},
): Promise<void> {
  const events: SessionEvent[] = [];
  const app = bearerApp({ store, prefix, onEvent: (event) => events.push(event) });
  try {
    await first(app);
    const token = await beginningOf(app);
    await meanwhile();
    expect(await store.touch({ key: `${prefix}{${computeSlot(prefix, 'ada')}}`, hash: hashToken(token) })).toBe(true);
    await middleOf(app, token);
    await endOf(app);
    expect(events.filter(({ type }) => type === 'destroyed')).toHaveLength(1);
  } finally {
    await app.close();
  }
}

/** Somebody signs in, signs in again in the same browser, and looks. */
async function beginningOf(app: App): Promise<string> {
  const first = await signIn(app, 'ada');
  const { token, session } = await withToken(app, first.token).start(beginning('ada'));
  expect(await opens(app, first.token)).toBe(false);
  const found = await withToken(app, String(token)).get();
  expect(found).toMatchObject({ id: session.id, revision: 1, data: beginning('ada') });
  return String(token);
}

/** The session changes, moves to a new token, ends another one, and is ended. */
async function middleOf(app: App, token: string): Promise<void> {
  expect(await increment(withToken(app, token))).toMatchObject({ data: { count: 1 }, revision: 2 });
  const moved = await withToken(app, token).regenerate();
  expect(await opens(app, token)).toBe(false);
  const session = withToken(app, String(moved.token));
  const { id } = await signIn(app, 'ada');
  expect(await session.list()).toMatchObject([{ id: moved.session.id, current: true }, { id }]);
  expect(await session.revoke(id)).toBe(true);
  await session.destroy();
  expect(await opens(app, String(moved.token))).toBe(false);
}

/** An administrator ends everything. */
async function endOf(app: App): Promise<void> {
  const { token } = await signIn(app, 'ada');
  expect(await app.of('ada').revokeAll()).toBe(1);
  expect(await opens(app, token)).toBe(false);
  expect(await app.of('ada').list()).toEqual([]);
}

/** The databases that hold anything, by their numbers. */
export async function databasesInUse({ client }: RedisServer): Promise<readonly number[]> {
  const lines = (await client().info('keyspace')).matchAll(/^db(\d+):/gm);
  return Array.from(lines, ([, database]) => Number(database));
}

/** A connection as the server sees it. */
export interface SeenConnection {
  readonly user: string;
  readonly database: number;
  readonly protocol: number;
  readonly isSocket: boolean;
}

/** Every connection but the test's own. */
export async function connectionsTo({ client }: RedisServer): Promise<readonly SeenConnection[]> {
  const own = await client().client('ID');
  const rows = String(await client().client('LIST'))
    .trim()
    .split('\n');
  const facts = rows.map(
    (row) => new Map(Array.from(row.matchAll(/(\S+?)=(\S*)/g), ([, name, value]) => [name, value])),
  );
  return facts
    .filter((fact) => Number(fact.get('id')) !== Number(own))
    .map((fact) => ({
      user: fact.get('user') ?? '',
      database: Number(fact.get('db')),
      protocol: Number(fact.get('resp')),
      isSocket: fact.get('flags')?.includes('U') ?? false,
    }));
}

/** Ends every connection but the test's own, so that those of an earlier test are not taken for this one's. */
export async function endConnectionsTo({ client }: RedisServer): Promise<void> {
  await client().call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
}

/** What the server has denied to users, but for the name that ioredis gives itself, which it may well be denied. */
export async function refusalsAt({ client }: RedisServer): Promise<readonly string[]> {
  const entries = (await client().call('ACL', 'LOG')) as readonly (readonly unknown[])[];
  const refused = entries.map((entry) => String(entry[entry.indexOf('object') + 1]));
  return refused.filter((object) => !/^client\|set(name|info)$/.test(object));
}

/** What an error says, and what those below it say. */
export function reasonsOf(error: unknown): string {
  const reasons: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) reasons.push(at.message);
  return reasons.join(' / ');
}
