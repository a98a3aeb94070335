import { setImmediate as macrotask } from 'node:timers/promises';
import type { SessionStore } from 'trpc-session/stores';

/** Runs around one store call: it decides when, and whether, the call is made. */
export type CallWrapper = <Result>(name: string, call: () => Promise<Result>) => Promise<Result>;

/** Returns the same store, with a wrapper around each of its calls. */
export function wrapCalls(store: SessionStore, wrap: CallWrapper): SessionStore {
  return {
    name: store.name,
    read: (at) => wrap('read', () => store.read(at)),
    touch: (at) => wrap('touch', () => store.touch(at)),
    start: (command) => wrap('start', () => store.start(command)),
    replace: (command) => wrap('replace', () => store.replace(command)),
    regenerate: (command) => wrap('regenerate', () => store.regenerate(command)),
    destroy: (at, revision, ended) => wrap('destroy', () => store.destroy(at, revision, ended)),
    list: (key) => wrap('list', () => store.list(key)),
    revoke: (key, which) => wrap('revoke', () => store.revoke(key, which)),
    scan: (command) => wrap('scan', () => store.scan(command)),
    ping: (key) => store.ping(key),
    close: () => store.close(),
  };
}

/** A store call that has not been made yet. */
interface HeldCall {
  readonly actor: number;
  readonly name: string;
  run(): Promise<void>;
}

/** Holds back every store call of every actor until a schedule runs it. */
export class Gate {
  readonly heldCalls: HeldCall[] = [];

  wrapStore(store: SessionStore, actor: number): SessionStore {
    return wrapCalls(store, (name, call) => this.#hold({ actor, name }, call));
  }

  #hold<Result>(caller: Pick<HeldCall, 'actor' | 'name'>, call: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const run = () => call().then(resolve, reject);
      this.heldCalls.push({ ...caller, run });
    });
  }
}

/** Chooses one of a number of held calls, by its index. */
export type Choose = (count: number) => number;

/** What one schedule led to: the result of each actor, and the commands in the order they ran, as `actor:command`. */
export interface ScheduleResult {
  readonly results: readonly PromiseSettledResult<unknown>[];
  readonly trace: readonly string[];
}

const idleTimeoutMs = 5_000;

/** Runs the actors at once, one store command at a time, until no command is left. */
export async function runSchedule(
  gate: Gate,
  actors: readonly (() => Promise<unknown>)[],
  choose: Choose,
): Promise<ScheduleResult> {
  const running = new Set(actors.keys());
  const promises = actors.map((act, actor) => act().finally(() => running.delete(actor)));
  const settled = Promise.allSettled(promises);
  const trace: string[] = [];
  for (;;) {
    await waitUntilHeld(gate, running);
    const { heldCalls } = gate;
    const at = heldCalls.length > 0 ? choose(heldCalls.length) : 0;
    const [next] = heldCalls.splice(at, 1);
    if (!next) return { results: await settled, trace };
    // An actor may have made several calls at once. Then the trace also says how many of them it overtook.
    const overtaken = heldCalls.slice(0, at).filter(({ actor }) => actor === next.actor).length;
    trace.push(`${next.actor}:${next.name}${overtaken || ''}`);
    await next.run();
  }
}

/**
 * Waits until every actor has settled or has a held call, so that what it does in between (decoding, a pause) is over.
 */
async function waitUntilHeld({ heldCalls }: Gate, running: ReadonlySet<number>): Promise<void> {
  const startedAt = performance.now();
  await macrotask();
  while ([...running].some((actor) => !heldCalls.some((call) => call.actor === actor))) {
    if (performance.now() - startedAt > idleTimeoutMs) throw new Error('An actor neither settles nor calls the store');
    await macrotask();
  }
}

interface Choice {
  taken: number;
  readonly of: number;
}

/** The number of schedules that ran. `share` is 1 exactly if no branch of any choice was left out. */
export interface Exploration {
  readonly schedules: number;
  readonly share: number;
}

/** Runs every schedule, depth-first over its choices. Each run starts from the beginning. */
export async function exploreSchedules(run: (choose: Choose) => Promise<void>): Promise<Exploration> {
  const path: Choice[] = [];
  const exploration = { schedules: 0, share: 0 };
  do {
    let depth = 0;
    await run((count) => {
      if (count === 1) return 0;
      path[depth] ??= { taken: 0, of: count };
      const choice = path[depth++];
      if (choice?.of !== count) throw new Error('The same choices led to a different schedule');
      return choice.taken;
    });
    exploration.schedules += 1;
    exploration.share += path.reduce((share, choice) => share / choice.of, 1);
  } while (advancePath(path));
  return exploration;
}

/** Changes the path to the next one. Returns false if there is none. */
function advancePath(path: Choice[]): boolean {
  for (let last = path.at(-1); last; last = path.at(-1)) {
    last.taken += 1;
    if (last.taken < last.of) return true;
    path.pop();
  }
  return false;
}

/** The number of ways to interleave two sequences that each keep their order. */
export function countInterleavings(first: number, second: number): number {
  let ways = 1;
  for (let i = 1; i <= first; i += 1) ways = (ways * (second + i)) / i;
  return Math.round(ways);
}

export function listPermutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, at) => listPermutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));
}
