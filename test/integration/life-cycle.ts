import type { SessionEvent } from 'trpc-session';
import type { SessionStore } from 'trpc-session/stores';
import { expect } from 'vitest';
import { computeSlot, hashToken } from '../../src/core/record/token.ts';
import type { RedisServer } from '../_support/redis-server.ts';
import { countUsersWithSessions } from '../_support/stored-sessions.ts';
import { type App, createAccount, createBearerApp, increment, isSignedIn, signIn, withToken } from './app.ts';

export interface LifeCycleOptions {
  readonly prefix?: string;
  /** Runs while a user is signed in. */
  readonly whileSignedIn?: () => Promise<unknown>;
  /** Also counts and scans, for which Redis needs one more permission. Then no other sessions may be stored. */
  readonly scans?: boolean;
}

/** Calls `ready()`, then every operation of a session, and checks each result. Closes the store. */
export async function runLifeCycle(store: SessionStore, options: LifeCycleOptions = {}): Promise<void> {
  await runLifeCycleWithoutReady(store, options, (app) => app.ready());
}

/** The same without `ready()`, which would fail first if a permission is missing. */
export async function runLifeCycleWithoutReady(
  store: SessionStore,
  { prefix = 'session:', whileSignedIn = async () => {}, scans = false }: LifeCycleOptions = {},
  prepare: (app: App) => Promise<unknown> = async () => {},
): Promise<void> {
  const events: SessionEvent[] = [];
  const app = createBearerApp({ store, prefix, onEvent: (event) => events.push(event) });
  try {
    await prepare(app);
    const token = await signInTwice(app);
    await whileSignedIn();
    expect(await store.touch({ key: `${prefix}{${computeSlot(prefix, 'ada')}}`, hash: hashToken(token) })).toBe(true);
    await changeAndSignOut(app, token);
    await revokeAsAdministrator(app);
    if (scans) await scanAsAdministrator(app);
    expect(events.filter(({ type }) => type === 'destroyed')).toHaveLength(1);
  } finally {
    await app.close();
  }
}

/** Signs in twice in the same browser. Returns the token of the second session. */
async function signInTwice(app: App): Promise<string> {
  const first = await signIn(app, 'ada');
  const { token, session } = await withToken(app, first.token).start(createAccount('ada'));
  expect(await isSignedIn(app, first.token)).toBe(false);
  const found = await withToken(app, String(token)).get();
  expect(found).toMatchObject({ id: session.id, revision: 1, data: createAccount('ada') });
  return String(token);
}

/** Updates the session, regenerates its token, lists, revokes another session and signs out. */
async function changeAndSignOut(app: App, token: string): Promise<void> {
  expect(await increment(withToken(app, token))).toMatchObject({ data: { count: 1 }, revision: 2 });
  const moved = await withToken(app, token).regenerate();
  expect(await isSignedIn(app, token)).toBe(false);
  const session = withToken(app, String(moved.token));
  const { id } = await signIn(app, 'ada');
  expect(await session.list()).toMatchObject([{ id: moved.session.id, current: true }, { id }]);
  expect(await session.revoke(id)).toBe(true);
  await session.destroy();
  expect(await isSignedIn(app, String(moved.token))).toBe(false);
}

async function revokeAsAdministrator(app: App): Promise<void> {
  const { token } = await signIn(app, 'ada');
  expect(await app.of('ada').update({ count: 7 })).toBe(1);
  expect((await withToken(app, token).get())?.data.count).toBe(7);
  expect(await app.of('ada').list({ data: true })).toMatchObject([{ data: { count: 7 } }]);
  expect(await app.of('ada').revokeAll()).toBe(1);
  expect(await isSignedIn(app, token)).toBe(false);
  expect(await app.of('ada').list()).toEqual([]);
}

/** Counts and ends the sessions of several users. On a Cluster, these are on several nodes. */
async function scanAsAdministrator(app: App): Promise<void> {
  const names = Array.from({ length: 20 }, (_, at) => `user-${at}`);
  for (const name of names) await signIn(app, name);
  await signIn(app, 'user-0');
  expect(await app.count()).toBe(names.length + 1);
  const found: string[] = [];
  for await (const user of app.scan()) {
    const [entry] = await user.list({ data: true });
    // Of a user whose sessions have ended, only the reasons are left.
    if (entry) found.push(entry.data?.userId ?? '');
    await user.revokeAll();
  }
  expect(found.toSorted()).toEqual(names.toSorted());
  expect(await app.count()).toBe(0);
}

/** The numbers of the databases that hold sessions. */
export async function listUsedDatabases({ client }: RedisServer): Promise<readonly number[]> {
  const lines = (await client().info('keyspace')).matchAll(/^db(\d+):/gm);
  const databases = Array.from(lines, ([, database]) => Number(database));
  const counts = await Promise.all(databases.map((database) => countUsersWithSessions(client(), database)));
  return databases.filter((_, at) => counts[at] !== 0);
}

/** A connection, as the server reports it. */
export interface Connection {
  readonly user: string;
  readonly database: number;
  readonly protocol: number;
  readonly isSocket: boolean;
}

/** All connections to a server except the test's own. */
export async function listConnections({ client }: RedisServer): Promise<readonly Connection[]> {
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

/** Ends all connections except the test's own, so that `listConnections` finds none of an earlier test. */
export async function endConnections({ client }: RedisServer): Promise<void> {
  await client().call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
}

/** Commands and keys that the server has denied, except ioredis' report of its own name and version. */
export async function listDenied({ client }: RedisServer): Promise<readonly string[]> {
  const entries = (await client().call('ACL', 'LOG')) as readonly (readonly unknown[])[];
  const denied = entries.map((entry) => String(entry[entry.indexOf('object') + 1]));
  return denied.filter((object) => !/^client\|set(name|info)$/.test(object));
}

/** The messages of an error and of all its causes. */
export function joinMessages(error: unknown): string {
  const messages: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) messages.push(at.message);
  return messages.join(' / ');
}
