import { isSessionError } from 'trpc-session';
import { type Backend, createManager, type Data, type Handle, type Manager, openToken } from './backends.ts';

/**
 * One setup for several actors: ada has two sessions (`this`, which all actors share, and `sibling`), grace has
 * `other`.
 */
export interface Stage {
  readonly backend: Backend;
  readonly manager: Manager;
  /** Every token so far, by the name of the session or actor that it was issued to. */
  readonly tokens: Map<string, string>;
  /** The names of public ids. */
  readonly names: Map<string, string>;
}

export interface Actor {
  readonly name: string;
  readonly handle: Handle;
  readonly manager: Manager;
  readonly stage: Stage;
}

/** One thing that a request does to the session that it shares with others. */
export interface Operation {
  readonly name: string;
  /**
   * True if it first finds out whose request it is, and then acts in a second step. Another request may act in between.
   */
  readonly hasSecondStep?: boolean;
  /** True if it visits one session after another. Another request may act in between, so its result may mix two orders. */
  readonly visitsEach?: boolean;
  /** True if it makes several calls at once, so that its own calls have several orders. */
  readonly callsAtOnce?: boolean;
  /** The names of the operations that it consists of, in any order. Another request may act between two of them. */
  readonly parts?: readonly string[];
  run(actor: Actor): Promise<unknown>;
}

const quarterMs = 15 * 60_000;

export async function createStage(backend: Backend): Promise<Stage> {
  await backend.clear();
  const stage: Stage = { backend, manager: createManager(backend), tokens: new Map(), names: new Map() };
  for (const [name, user] of [
    ['this', 'ada'],
    ['sibling', 'ada'],
    ['other', 'grace'],
  ] as const) {
    const { session, token } = await stage.manager.open({ headers: {} }).start(createData(user));
    stage.tokens.set(name, String(token));
    stage.names.set(session.id, name);
    if (backend.hasTestClock) backend.advance(1);
  }
  backend.advance(quarterMs);
  return stage;
}

export function createActor(
  stage: Stage,
  name: string,
  backend: Pick<Backend, 'store' | 'now'> = stage.backend,
): Actor {
  const manager = createManager(backend);
  return { name, manager, stage, handle: openToken(manager, getToken(stage, 'this')) };
}

function createData(user: string | undefined): Data {
  return { ...(user !== undefined && { user }), theme: 'light', count: 0, from: 'none' };
}

function getToken({ tokens }: Stage, name: string): string {
  return tokens.get(name) ?? '';
}

function getId({ names }: Stage, name: string): string {
  return [...names].find(([, known]) => known === name)?.[0] ?? '';
}

async function read({ handle }: Actor, passive: boolean): Promise<unknown> {
  const session = await handle.get({ passive });
  return session && { id: session.id, data: session.data, revision: session.revision };
}

async function start({ handle, stage, name }: Actor, user: string | undefined, carry: boolean): Promise<unknown> {
  const { session, token } = await (carry
    ? handle.start((old) => ({
        ...createData(user),
        ...(old && { count: old.count, theme: old.theme, from: 'this' }),
      }))
    : handle.start(createData(user)));
  stage.names.set(session.id, `${name}'s`);
  stage.tokens.set(name, String(token));
  return { id: session.id, data: session.data, revision: session.revision };
}

async function regenerate({ handle, stage, name }: Actor, reauthenticated: boolean): Promise<unknown> {
  const { session, token } = await handle.regenerate({ reauthenticated });
  stage.tokens.set(name, String(token));
  return { id: session.id, data: session.data, revision: session.revision };
}

async function update({ handle }: Actor, change: Parameters<Handle['update']>[0]): Promise<unknown> {
  const session = await handle.update(change);
  return { id: session.id, data: session.data, revision: session.revision };
}

const toIds = (list: readonly { readonly id: string }[]): string[] => list.map(({ id }) => id);

export const operations: readonly Operation[] = [
  { name: 'get', run: (actor) => read(actor, true) },
  { name: 'get with a touch', hasSecondStep: true, run: (actor) => read(actor, false) },
  { name: 'update by patch', run: (actor) => update(actor, { theme: 'dark' }) },
  { name: 'update by function', run: (actor) => update(actor, (old) => ({ ...old, count: old.count + 1 })) },
  { name: 'start', run: (actor) => start(actor, 'ada', false) },
  { name: 'start with carried data', run: (actor) => start(actor, 'ada', true) },
  { name: 'start as another user', run: (actor) => start(actor, 'grace', false) },
  {
    name: 'start as another user, with carried data',
    hasSecondStep: true,
    run: (actor) => start(actor, 'grace', true),
  },
  { name: 'start without a user', run: (actor) => start(actor, undefined, false) },
  { name: 'regenerate', run: (actor) => regenerate(actor, false) },
  { name: 'regenerate reauthenticated', run: (actor) => regenerate(actor, true) },
  { name: 'destroy', run: ({ handle }) => handle.destroy() },
  { name: 'list', hasSecondStep: true, run: async ({ handle }) => toIds(await handle.list()) },
  { name: 'revoke itself', hasSecondStep: true, run: ({ handle, stage }) => handle.revoke(getId(stage, 'this')) },
  {
    name: 'revoke the sibling',
    hasSecondStep: true,
    run: ({ handle, stage }) => handle.revoke(getId(stage, 'sibling')),
  },
  { name: 'revoke others', hasSecondStep: true, run: ({ handle }) => handle.revokeOthers() },
  { name: 'list of the user', run: async ({ manager }) => toIds(await manager.of('ada').list()) },
  {
    name: 'list of the user with data',
    visitsEach: true,
    run: async ({ manager }) => toIds(await manager.of('ada').list({ data: true })),
  },
  {
    name: 'update all of the user',
    visitsEach: true,
    run: ({ manager }) => manager.of('ada').update((old) => ({ ...old, count: old.count + 10 })),
  },
  { name: 'count', visitsEach: true, callsAtOnce: true, run: ({ manager }) => manager.count() },
  {
    name: 'revoke all of everybody',
    visitsEach: true,
    parts: ['revoke all of the user', 'revoke all of another user'],
    run: async ({ manager }) => {
      let count = 0;
      for await (const user of manager.scan()) count += await user.revokeAll();
      return count;
    },
  },
  { name: 'revoke one of the user', run: ({ manager, stage }) => manager.of('ada').revoke(getId(stage, 'this')) },
  { name: 'revoke all of the user', run: ({ manager }) => manager.of('ada').revokeAll() },
  { name: 'revoke all of another user', run: ({ manager }) => manager.of('grace').revokeAll() },
];

export function getOperation(name: string): Operation {
  const found = operations.find((operation) => operation.name === name);
  if (!found) throw new Error(`There is no operation "${name}"`);
  return found;
}

/** A token that opens a session, and what it opens. */
interface LiveToken {
  readonly token: string;
  /** The name of the session. */
  readonly session: string;
  readonly data: Data;
  readonly revision: number;
  /** Only with the test's clock: last seen, authenticated and expiring, relative to the creation. */
  readonly clocks?: readonly number[];
}

/** Everything that can be observed once all actors have settled. Schedules with equal outcomes had the same effect. */
export interface Outcome {
  /** By actor: its result, or the code it was rejected with. */
  readonly results: readonly unknown[];
  readonly live: readonly LiveToken[];
  /** By token that opens no session: why its session ended, if that is known. */
  readonly ended: readonly string[];
  /** The names of all listed sessions. */
  readonly listed: readonly string[];
  readonly storedCount: number;
  readonly withoutExpiryCount: number;
}

export async function collectOutcome(
  stage: Stage,
  results: readonly PromiseSettledResult<unknown>[],
): Promise<Outcome> {
  const { backend, manager } = stage;
  const holders = [...stage.tokens.keys()].sort();
  const open = (name: string) => openToken(manager, getToken(stage, name));
  const found = await Promise.all(holders.map((name) => open(name).get({ passive: true })));
  const live = found.flatMap((snapshot, at) => {
    if (!snapshot) return [];
    const { lastSeenAt, authenticatedAt, expiresAt, createdAt, id, data, revision } = snapshot;
    const clocks = [lastSeenAt, authenticatedAt, expiresAt].map((clock) => clock - createdAt);
    const session = stage.names.get(id) ?? 'unknown';
    return { token: holders[at] ?? '', session, data, revision, ...(backend.hasTestClock && { clocks }) };
  });
  const dead = holders.filter((_, at) => !found[at]);
  const views = await Promise.all(dead.map((name) => open(name).view()));
  const ended = views.map((view, at) => `${dead[at]}: ${view.status === 'unauthenticated' ? view.ended : 'live'}`);
  const withoutUser = holders.map(open).filter((_, at) => found[at] && found[at].data.user === undefined);
  const lists = await Promise.all([manager.of('ada'), manager.of('grace'), ...withoutUser].map((one) => one.list()));
  return {
    results: results.map((result) => replaceIds(stage, result)),
    live,
    ended,
    listed: lists.flatMap((list) => toIds(list).map((id) => stage.names.get(id) ?? 'unknown')).sort(),
    storedCount: await backend.countStored(),
    withoutExpiryCount: await backend.countWithoutExpiry(),
  };
}

/** Returns a result with names in place of random ids, and with a code in place of an error. */
function replaceIds({ names }: Stage, result: PromiseSettledResult<unknown>): unknown {
  if (result.status === 'rejected') {
    if (!isSessionError(result.reason)) throw result.reason;
    return { rejected: result.reason.code };
  }
  const replace = (_key: string, value: unknown) => (typeof value === 'string' ? (names.get(value) ?? value) : value);
  const readable = JSON.parse(JSON.stringify(result.value ?? null, replace));
  return Array.isArray(readable) ? readable.sort() : readable;
}
