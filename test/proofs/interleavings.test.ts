// Slow: it runs every possible order of the store commands of every two operations, in memory and on a real Redis.
// These are thousands of schedules.
import { setImmediate as macrotask } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../_support/redis-server.ts';
import { type Backend, createMemoryBackend, createRedisBackend } from './backends.ts';
import { countInterleavings, exploreSchedules, Gate, listPermutations, runSchedule } from './interleave.ts';
import { findViolations, hasEveryUpdate } from './invariants.ts';
import {
  collectOutcome,
  createActor,
  createStage,
  getOperation,
  type Operation,
  type Outcome,
  operations,
} from './operations.ts';

/** Every unordered pair, including an operation with itself: the schedules of a pair contain both orders. */
const pairs = operations.flatMap((x, at) =>
  operations.slice(at).map((y) => ({ x, y, pair: `${x.name} beside ${y.name}` })),
);

/** An order of actors, and optionally one that has read its session before the first one starts. */
interface Sequence {
  readonly order: readonly number[];
  readonly readsFirst?: number;
}

/** Returns the outcome of operations that run one after another, each when the one before is done. */
async function runInSequence(
  backend: Backend,
  operationsByActor: readonly Operation[],
  { order, readsFirst }: Sequence,
): Promise<Outcome> {
  const stage = await createStage(backend);
  const actors = operationsByActor.map((_, actor) => createActor(stage, `actor ${actor}`));
  if (readsFirst !== undefined) await actors[readsFirst]?.handle.get({ passive: true });
  const results: PromiseSettledResult<unknown>[] = [];
  for (const index of order) {
    const actor = actors[index];
    if (!actor) continue;
    const [result] = await Promise.allSettled([operationsByActor[index]?.run(actor)]);
    if (result) results[index] = result;
    await macrotask();
  }
  return collectOutcome(stage, results);
}

interface AllowedOutcome {
  readonly order: readonly number[];
  readonly outcome: Outcome;
}

/**
 * Returns the outcomes that a pair may have: those of each order. An operation with a second step, or with parts,
 * may also have the outcome in which the other one ran in between.
 */
async function listAllowedOutcomes(backend: Backend, actors: readonly Operation[]): Promise<AllowedOutcome[]> {
  const allowed: AllowedOutcome[] = [];
  for (const order of listPermutations([...actors.keys()])) {
    allowed.push({ order, outcome: await runInSequence(backend, actors, { order }) });
    const later = order.slice(1).filter((actor) => actors[actor]?.hasSecondStep);
    for (const readsFirst of later) {
      allowed.push({ order: [], outcome: await runInSequence(backend, actors, { order, readsFirst }) });
    }
  }
  const [x, y] = actors;
  if (!x || !y) return allowed;
  for (const parts of listPermutations(x.parts ?? [])) allowed.push(await runBetweenParts(backend, parts, { y }));
  for (const parts of listPermutations(y.parts ?? [])) allowed.push(await runBetweenParts(backend, parts, { x }));
  return allowed;
}

/** Returns the outcome of one of two operations that runs between the two parts of the other one. */
async function runBetweenParts(
  backend: Backend,
  parts: readonly string[],
  { x, y }: { readonly x?: Operation; readonly y?: Operation },
): Promise<AllowedOutcome> {
  const [first, second] = parts.map(getOperation);
  const steps = [x ?? first, y ?? (x && first), second].filter((step) => step !== undefined);
  const outcome = await runInSequence(backend, steps, { order: x ? [1, 0, 2] : [0, 1, 2] });
  return { order: [], outcome: { ...outcome, results: outcome.results.slice(0, 2) } };
}

interface Report {
  readonly schedules: number;
  readonly share: number;
  readonly traces: readonly string[];
  /** One entry for each schedule that broke something: its commands, what it broke, and its outcome. */
  readonly findings: readonly string[];
}

type Check = (outcome: Outcome, trace: readonly string[]) => readonly string[];

/** Runs every schedule of some operations on one session, and checks each outcome. */
async function explore(backend: Backend, actors: readonly Operation[], check: Check): Promise<Report> {
  const traces: string[] = [];
  const findings: string[] = [];
  const exploration = await exploreSchedules(async (choose) => {
    const stage = await createStage(backend);
    const gate = new Gate();
    const runs = actors.map((operation, index) => {
      const store = gate.wrapStore(backend.store, index);
      const actor = createActor(stage, `actor ${index}`, { now: backend.now, store });
      return () => operation.run(actor);
    });
    const { results, trace } = await runSchedule(gate, runs, choose);
    const outcome = await collectOutcome(stage, results);
    const broken = [...findViolations(outcome, actors), ...check(outcome, trace)];
    traces.push(trace.join(' '));
    if (broken.length > 0) findings.push(`${trace.join(' ')} breaks: ${broken.join('; ')}; ${JSON.stringify(outcome)}`);
  });
  return { ...exploration, traces, findings };
}

interface Explanation {
  readonly trace: readonly string[];
  readonly allowed: readonly AllowedOutcome[];
  readonly actors: readonly Operation[];
}

/** Checks that the outcome is an allowed one and, if nothing overlapped, that of this very order. */
function findUnexplained(outcome: Outcome, { trace, allowed, actors }: Explanation): string[] {
  const order = trace.map((call) => Number.parseInt(call, 10)).filter((actor, at, all) => actor !== all[at - 1]);
  const overlapped = new Set(order).size < order.length;
  const candidates = overlapped ? allowed : allowed.filter((one) => isDeepStrictEqual(one.order, order));
  const hideMixed = (one: Outcome): Outcome => (overlapped ? hideMixedResults(one, actors) : one);
  if (candidates.some((one) => isDeepStrictEqual(hideMixed(one.outcome), hideMixed(outcome)))) return [];
  return [overlapped ? 'the outcome is that of some order' : 'without overlap the outcome is that of the order'];
}

/** Removes the results of operations that visit one session after another. What they must be is in `guarantees`. */
function hideMixedResults(outcome: Outcome, actors: readonly Operation[]): Outcome {
  const results = outcome.results.map((result, actor) => (actors[actor]?.visitsEach ? 'mixed' : result));
  // Between the two steps of a sign-in as another user, everybody's sessions may end for one of two reasons.
  const hasParts = actors.some(({ parts }) => parts);
  const ended = hasParts ? outcome.ended.map((text) => text.split(': ', 1)[0] ?? '') : outcome.ended;
  return { ...outcome, results, ended };
}

/**
 * Checks that no schedule was left out. Their number is known if each operation always makes the same number of calls.
 */
function expectEverySchedule({ schedules, share, traces }: Report, actors: readonly Operation[]): void {
  expect(share).toBeCloseTo(1, 10);
  expect(new Set(traces).size).toBe(schedules);
  if (actors.some(({ callsAtOnce }) => callsAtOnce)) return;
  const lengths = traces.map((trace) => [0, 1].map((actor) => trace.split(`${actor}:`).length - 1));
  const [length = []] = lengths;
  if (!lengths.every((other) => isDeepStrictEqual(other, length))) return;
  const [first = 0, second = 0] = length;
  expect(schedules).toBe(countInterleavings(first, second));
}

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

const backends: readonly (readonly [string, () => Backend])[] = [
  ['memory', () => createMemoryBackend('interleavings')],
  ['Redis', () => createRedisBackend(server)],
];

describe.each(backends)('on %s', (_name, createBackend) => {
  let total = 0;

  test.each(pairs)('$pair has the effect of running one after the other', { timeout: 60_000 }, async ({ x, y }) => {
    const actors = [x, y];
    const allowed = await listAllowedOutcomes(createBackend(), actors);
    const report = await explore(createBackend(), actors, (outcome, trace) => [
      ...(hasEveryUpdate(outcome, actors) ? [] : ['every successful update is there']),
      ...findUnexplained(outcome, { trace, allowed, actors }),
    ]);
    expect(report.findings).toEqual([]);
    expectEverySchedule(report, actors);
    total += report.schedules;
  });

  test.each([
    ['get', 'destroy', 2],
    ['update by function', 'destroy', 3],
    ['start as another user', 'destroy', 3],
    ['update by function', 'update by patch', 6],
    ['get with a touch', 'update by function', 6],
  ])('%s and %s have as many schedules as counted by hand', async (x, y, count) => {
    const report = await explore(createBackend(), [getOperation(x), getOperation(y)], () => []);
    expect(report.schedules).toBe(count);
  });

  test('runs more than 900 schedules', () => {
    expect(pairs).toHaveLength((operations.length * (operations.length + 1)) / 2);
    expect(total).toBeGreaterThan(900);
  });
});

/** Those that visit each session repeat the calls of these. Three at once would take minutes. */
const singleSessionOperations = operations.filter(({ visitsEach }) => !visitsEach);

describe.each(['destroy', 'revoke one of the user', 'revoke all of the user'])('beside %s as a third', (third) => {
  let total = 0;

  test.each(singleSessionOperations)(
    '$name and any other do not bring back an ended session',
    { timeout: 60_000 },
    async (x) => {
      for (const y of singleSessionOperations.slice(singleSessionOperations.indexOf(x))) {
        const report = await explore(createMemoryBackend('interleavings'), [x, y, getOperation(third)], () => []);
        expect(report.findings).toEqual([]);
        expect(report.share).toBeCloseTo(1, 10);
        total += report.schedules;
      }
    },
  );

  test('runs more than 4,000 schedules', () => {
    expect(total).toBeGreaterThan(4_000);
  });
});
