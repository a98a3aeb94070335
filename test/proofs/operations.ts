import { isSessionError } from 'trpc-session';
import { type Data, type Handle, type Manager, managerOf, openToken, type Place } from './world.ts';

/** One stage for many actors: ada is signed in twice (`this`, which all share, and `sibling`), grace once (`other`). */
export interface Stage {
  readonly place: Place;
  readonly manager: Manager;
  /** Every token there ever was, by the name of what it was handed out for. */
  readonly tokens: Map<string, string>;
  /** Names of public ids. */
  readonly names: Map<string, string>;
}

export interface Actor {
  readonly name: string;
  readonly handle: Handle;
  readonly manager: Manager;
  readonly stage: Stage;
}

/** One thing a request does to the session that it shares with others. */
export interface Operation {
  readonly name: string;
  /** True where it finds out who asks and then acts in a second step, between which another request may act. */
  readonly actsLater?: boolean;
  run(actor: Actor): Promise<unknown>;
}

const quarterMs = 15 * 60_000;

export async function setStage(place: Place): Promise<Stage> {
  await place.empty();
  const stage: Stage = { place, manager: managerOf(place), tokens: new Map(), names: new Map() };
  for (const [name, user] of [
    ['this', 'ada'],
    ['sibling', 'ada'],
    ['other', 'grace'],
  ] as const) {
    const { session, token } = await stage.manager.open({ headers: {} }).start(data(user));
    stage.tokens.set(name, String(token));
    stage.names.set(session.id, name);
    if (place.ownClock) place.advance(1);
  }
  place.advance(quarterMs);
  return stage;
}

export function enter(stage: Stage, name: string, place: Pick<Place, 'store' | 'now'> = stage.place): Actor {
  const manager = managerOf(place);
  return { name, manager, stage, handle: openToken(manager, tokenOf(stage, 'this')) };
}

function data(user: string | undefined): Data {
  return { ...(user !== undefined && { user }), theme: 'light', count: 0, from: 'nobody' };
}

function tokenOf({ tokens }: Stage, name: string): string {
  return tokens.get(name) ?? '';
}

function idOf({ names }: Stage, name: string): string {
  return [...names].find(([, known]) => known === name)?.[0] ?? '';
}

async function look({ handle }: Actor, passive: boolean): Promise<unknown> {
  const session = await handle.get({ passive });
  return session && { id: session.id, data: session.data, revision: session.revision };
}

async function begin({ handle, stage, name }: Actor, user: string | undefined, carry: boolean): Promise<unknown> {
  const { session, token } = await (carry
    ? handle.start((old) => ({ ...data(user), ...(old && { count: old.count, theme: old.theme, from: 'this' }) }))
    : handle.start(data(user)));
  stage.names.set(session.id, `${name}'s`);
  stage.tokens.set(name, String(token));
  return { id: session.id, data: session.data, revision: session.revision };
}

async function renew({ handle, stage, name }: Actor, reauthenticated: boolean): Promise<unknown> {
  const { session, token } = await handle.regenerate({ reauthenticated });
  stage.tokens.set(name, String(token));
  return { id: session.id, data: session.data, revision: session.revision };
}

async function change({ handle }: Actor, to: Parameters<Handle['update']>[0]): Promise<unknown> {
  const session = await handle.update(to);
  return { id: session.id, data: session.data, revision: session.revision };
}

const ids = (list: readonly { readonly id: string }[]): string[] => list.map(({ id }) => id);

export const operations: readonly Operation[] = [
  { name: 'get', run: (actor) => look(actor, true) },
  { name: 'get with a touch', actsLater: true, run: (actor) => look(actor, false) },
  { name: 'update by patch', run: (actor) => change(actor, { theme: 'dark' }) },
  { name: 'update by function', run: (actor) => change(actor, (old) => ({ ...old, count: old.count + 1 })) },
  { name: 'start', run: (actor) => begin(actor, 'ada', false) },
  { name: 'start carrying', run: (actor) => begin(actor, 'ada', true) },
  { name: 'start as another', run: (actor) => begin(actor, 'grace', false) },
  { name: 'start as another, carrying', actsLater: true, run: (actor) => begin(actor, 'grace', true) },
  { name: 'start as nobody', run: (actor) => begin(actor, undefined, false) },
  { name: 'regenerate', run: (actor) => renew(actor, false) },
  { name: 'regenerate reauthenticated', run: (actor) => renew(actor, true) },
  { name: 'destroy', run: ({ handle }) => handle.destroy() },
  { name: 'list', actsLater: true, run: async ({ handle }) => ids(await handle.list()) },
  { name: 'revoke itself', actsLater: true, run: ({ handle, stage }) => handle.revoke(idOf(stage, 'this')) },
  { name: 'revoke the sibling', actsLater: true, run: ({ handle, stage }) => handle.revoke(idOf(stage, 'sibling')) },
  { name: 'revoke others', actsLater: true, run: ({ handle }) => handle.revokeOthers() },
  { name: 'list of the subject', run: async ({ manager }) => ids(await manager.of('ada').list()) },
  { name: 'revoke one of the subject', run: ({ manager, stage }) => manager.of('ada').revoke(idOf(stage, 'this')) },
  { name: 'revoke all of the subject', run: ({ manager }) => manager.of('ada').revokeAll() },
  { name: 'revoke all of another', run: ({ manager }) => manager.of('grace').revokeAll() },
];

export function operationNamed(name: string): Operation {
  const found = operations.find((operation) => operation.name === name);
  if (!found) throw new Error(`There is no operation "${name}"`);
  return found;
}

/** A session that still answers, and where. */
export interface Alive {
  readonly token: string;
  readonly who: string;
  readonly data: Data;
  readonly revision: number;
  /** Only where the store's clock is the test's: seen, authenticated and expiring, relative to each other. */
  readonly clocks?: readonly number[];
}

/** Everything there is to see once all have settled. Two schedules with equal outcomes came to the same. */
export interface Outcome {
  /** By actor: what it was told, or the code it was refused with. */
  readonly answers: readonly unknown[];
  readonly alive: readonly Alive[];
  readonly listed: readonly string[];
  readonly kept: number;
  readonly immortal: number;
}

export async function outcomeOf(stage: Stage, answers: readonly PromiseSettledResult<unknown>[]): Promise<Outcome> {
  const { place, manager } = stage;
  const users = [...stage.tokens.keys()].sort();
  const found = await Promise.all(users.map((name) => openToken(manager, tokenOf(stage, name)).get({ passive: true })));
  const alive = found.flatMap((session, at) => {
    if (!session) return [];
    const { lastSeenAt, authenticatedAt, expiresAt, createdAt, id, data, revision } = session;
    const clocks = [lastSeenAt, authenticatedAt, expiresAt].map((clock) => clock - createdAt);
    const who = stage.names.get(id) ?? 'unknown';
    return { token: users[at] ?? '', who, data, revision, ...(place.ownClock && { clocks }) };
  });
  const handles = users.map((name) => openToken(manager, tokenOf(stage, name)));
  const nobody = handles.filter((_, at) => found[at] && found[at].data.user === undefined);
  const owners = [manager.of('ada'), manager.of('grace'), ...nobody];
  const lists = await Promise.all(owners.map((owner) => owner.list()));
  return {
    answers: answers.map((answer) => named(stage, answer)),
    alive,
    listed: lists.flatMap((list) => ids(list).map((id) => stage.names.get(id) ?? 'unknown')).sort(),
    kept: await place.kept(),
    immortal: await place.immortal(),
  };
}

/** An answer with names in place of random ids, and codes in place of errors. */
function named({ names }: Stage, answer: PromiseSettledResult<unknown>): unknown {
  if (answer.status === 'rejected') {
    if (!isSessionError(answer.reason)) throw answer.reason;
    return { refused: answer.reason.code };
  }
  const known = (_key: string, value: unknown) => (typeof value === 'string' ? (names.get(value) ?? value) : value);
  const readable = JSON.parse(JSON.stringify(answer.value ?? null, known));
  return Array.isArray(readable) ? readable.sort() : readable;
}
