import { setImmediate as macrotask } from 'node:timers/promises';
import type { SessionStore } from '../../src/core/ports/store.ts';

/** What happens around one store call: it decides when, and whether, the call runs. */
export type Around = <Answer>(name: string, call: () => Promise<Answer>) => Promise<Answer>;

/** The same store, with something around each of its calls. */
export function aroundCalls(store: SessionStore, around: Around): SessionStore {
  return {
    name: store.name,
    read: (at) => around('read', () => store.read(at)),
    touch: (at) => around('touch', () => store.touch(at)),
    start: (command) => around('start', () => store.start(command)),
    replace: (command) => around('replace', () => store.replace(command)),
    regenerate: (command) => around('regenerate', () => store.regenerate(command)),
    destroy: (at, revision) => around('destroy', () => store.destroy(at, revision)),
    list: (key) => around('list', () => store.list(key)),
    revoke: (key, which) => around('revoke', () => store.revoke(key, which)),
    ping: (key) => store.ping(key),
    close: () => store.close(),
  };
}

/** A store call that waits for its turn. */
interface Turn {
  readonly actor: number;
  readonly name: string;
  run(): Promise<void>;
}

/** Holds back every store call of every actor until it is that call's turn. */
export class Gate {
  readonly waiting: Turn[] = [];

  store(store: SessionStore, actor: number): SessionStore {
    return aroundCalls(store, (name, call) => this.#park({ actor, name }, call));
  }

  #park<Answer>(who: Pick<Turn, 'actor' | 'name'>, call: () => Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const run = () => call().then(resolve, reject);
      this.waiting.push({ ...who, run });
    });
  }
}

/** Something to wait for that happens once. */
export class Signal {
  raise = () => {};
  readonly raised = new Promise<void>((resolve) => {
    this.raise = resolve;
  });
}

/** Picks one of so many turns, by its position. */
export type Choose = (count: number) => number;

/** What one schedule came to: each actor's answer, and the commands in the order they ran, as `actor:command`. */
export interface Played {
  readonly answers: readonly PromiseSettledResult<unknown>[];
  readonly trace: readonly string[];
}

const patienceMs = 5_000;

/** Runs the actors at once, one store command at a time, until nothing is left to run. */
export async function playTurns(
  gate: Gate,
  actors: readonly (() => Promise<unknown>)[],
  choose: Choose,
): Promise<Played> {
  const running = new Set(actors.keys());
  const answers = actors.map((act, actor) => act().finally(() => running.delete(actor)));
  const settled = Promise.allSettled(answers);
  const trace: string[] = [];
  for (;;) {
    await quiet(gate, running);
    const [turn] = gate.waiting.length > 0 ? gate.waiting.splice(choose(gate.waiting.length), 1) : [];
    if (!turn) return { answers: await settled, trace };
    trace.push(`${turn.actor}:${turn.name}`);
    await turn.run();
  }
}

/** Until every actor has settled or waits for its turn: what it does in between (decoding, a pause) is over. */
async function quiet(gate: Gate, running: ReadonlySet<number>): Promise<void> {
  const startedAt = performance.now();
  await macrotask();
  while ([...running].some((actor) => !gate.waiting.some((turn) => turn.actor === actor))) {
    if (performance.now() - startedAt > patienceMs) throw new Error('An actor neither settles nor asks the store');
    await macrotask();
  }
}

interface Choice {
  taken: number;
  readonly of: number;
}

/** How many schedules there were; `share` adds up to 1 exactly when no branch of any choice was left out. */
export interface Explored {
  readonly schedules: number;
  readonly share: number;
}

/** Depth-first over every choice: plays again from the start for each path, until all are done. */
export async function everySchedule(play: (choose: Choose) => Promise<void>): Promise<Explored> {
  const path: Choice[] = [];
  const explored = { schedules: 0, share: 0 };
  do {
    let depth = 0;
    await play((count) => {
      if (count === 1) return 0;
      path[depth] ??= { taken: 0, of: count };
      const choice = path[depth++];
      if (choice?.of !== count) throw new Error('The same choices led to a different schedule');
      return choice.taken;
    });
    explored.schedules += 1;
    explored.share += path.reduce((share, choice) => share / choice.of, 1);
  } while (toNext(path));
  return explored;
}

/** Changes the path to the next one; false when there is none. */
function toNext(path: Choice[]): boolean {
  for (let last = path.at(-1); last; last = path.at(-1)) {
    last.taken += 1;
    if (last.taken < last.of) return true;
    path.pop();
  }
  return false;
}

/** How many orders there are of two sequences that each keep their own order. */
export function binomial(n: number, k: number): number {
  let ways = 1;
  for (let i = 1; i <= k; i += 1) ways = (ways * (n - k + i)) / i;
  return Math.round(ways);
}

export function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, at) => permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));
}
