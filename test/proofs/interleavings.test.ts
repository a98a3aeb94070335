import { setImmediate as macrotask } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../_support/redis-server.ts';
import { binomial, everySchedule, Gate, permutations, playTurns } from './interleave.ts';
import { brokenLaws, keepsUpdates } from './laws.ts';
import { enter, type Operation, type Outcome, operationNamed, operations, outcomeOf, setStage } from './operations.ts';
import { memoryPlace, type Place, redisPlace } from './world.ts';

/** Every unordered pair, an operation with itself included: both orders are among a pair's schedules. */
const pairs = operations.flatMap((x, at) =>
  operations.slice(at).map((y) => ({ x, y, pair: `${x.name} beside ${y.name}` })),
);

/** What the same operations come to one after the other: in each order, none beginning before the last is done. */
async function sequentially(place: Place, actors: readonly Operation[], order: readonly number[], recognised?: number) {
  const stage = await setStage(place);
  const entered = actors.map((_, actor) => enter(stage, `actor ${actor}`));
  if (recognised !== undefined) await entered[recognised]?.handle.get({ passive: true });
  const answers: PromiseSettledResult<unknown>[] = [];
  for (const actor of order) {
    const self = entered[actor];
    if (!self) continue;
    const [answer] = await Promise.allSettled([actors[actor]?.run(self)]);
    if (answer) answers[actor] = answer;
    await macrotask();
  }
  return outcomeOf(stage, answers);
}

interface Allowed {
  readonly order: readonly number[];
  readonly outcome: Outcome;
}

/**
 * The outcomes that a pair may have: those of its orders. For an operation that finds out who asks and acts later, also
 * those in which others came in between.
 */
async function allowedOutcomes(place: Place, actors: readonly Operation[]): Promise<Allowed[]> {
  const orders = permutations([...actors.keys()]);
  const allowed: Allowed[] = [];
  for (const order of orders) {
    allowed.push({ order, outcome: await sequentially(place, actors, order) });
    const late = order.slice(1).filter((actor) => actors[actor]?.actsLater);
    for (const actor of late) allowed.push({ order: [], outcome: await sequentially(place, actors, order, actor) });
  }
  return allowed;
}

interface Report {
  readonly schedules: number;
  readonly share: number;
  readonly traces: readonly string[];
  /** Each a schedule that broke something: its commands, what it broke, and what it came to. */
  readonly findings: readonly string[];
}

type Judge = (outcome: Outcome, trace: readonly string[]) => readonly string[];

/** Plays every schedule of some operations on one session, and judges each. */
async function explore(place: Place, actors: readonly Operation[], judge: Judge): Promise<Report> {
  const traces: string[] = [];
  const findings: string[] = [];
  const explored = await everySchedule(async (choose) => {
    const stage = await setStage(place);
    const gate = new Gate();
    const acts = actors.map((operation, actor) => {
      const self = enter(stage, `actor ${actor}`, { now: place.now, store: gate.store(place.store, actor) });
      return () => operation.run(self);
    });
    const { answers, trace } = await playTurns(gate, acts, choose);
    const outcome = await outcomeOf(stage, answers);
    const broken = [...brokenLaws(outcome, actors), ...judge(outcome, trace)];
    traces.push(trace.join(' '));
    if (broken.length > 0) findings.push(`${trace.join(' ')} breaks: ${broken.join('; ')}; ${JSON.stringify(outcome)}`);
  });
  return { ...explored, traces, findings };
}

/** Empty when the outcome is one of the allowed ones, and, where nothing overlapped, that of this very order. */
function unlikeAnyOrder(outcome: Outcome, trace: readonly string[], allowed: readonly Allowed[]): string[] {
  const order = trace.map((turn) => Number.parseInt(turn, 10)).filter((actor, at, all) => actor !== all[at - 1]);
  const overlapped = new Set(order).size < order.length;
  const candidates = overlapped ? allowed : allowed.filter((one) => isDeepStrictEqual(one.order, order));
  if (candidates.some((one) => isDeepStrictEqual(one.outcome, outcome))) return [];
  return [overlapped ? 'the outcome is that of some order' : 'without overlap the outcome is that of the order'];
}

/** Where no schedule makes an operation ask more or less often, the number of schedules is known beforehand. */
function expectAll({ schedules, share, traces }: Report): void {
  expect(share).toBeCloseTo(1, 10);
  expect(new Set(traces).size).toBe(schedules);
  const lengths = traces.map((trace) => [0, 1].map((actor) => trace.split(`${actor}:`).length - 1));
  const [length = []] = lengths;
  if (!lengths.every((other) => isDeepStrictEqual(other, length))) return;
  const [first = 0, second = 0] = length;
  expect(schedules).toBe(binomial(first + second, first));
}

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

const places: readonly (readonly [string, () => Place])[] = [
  ['memory', () => memoryPlace('interleavings')],
  ['Redis', () => redisPlace(server)],
];

describe.each(places)('on %s', (_name, placeOf) => {
  let total = 0;

  test.each(pairs)('$pair comes to what one after the other does', { timeout: 60_000 }, async ({ x, y }) => {
    const actors = [x, y];
    const allowed = await allowedOutcomes(placeOf(), actors);
    const report = await explore(placeOf(), actors, (outcome, trace) => [
      ...(keepsUpdates(outcome, actors) ? [] : ['every acknowledged update is there']),
      ...unlikeAnyOrder(outcome, trace, allowed),
    ]);
    expect(report.findings).toEqual([]);
    expectAll(report);
    total += report.schedules;
  });

  test.each([
    ['get', 'destroy', 2],
    ['update by function', 'destroy', 3],
    ['start as another', 'destroy', 4],
    ['update by function', 'update by patch', 6],
    ['get with a touch', 'update by function', 6],
  ])('%s and %s have as many orders as counting by hand gives', async (x, y, count) => {
    const report = await explore(placeOf(), [operationNamed(x), operationNamed(y)], () => []);
    expect(report.schedules).toBe(count);
  });

  test('the schedules were many', () => {
    expect(pairs).toHaveLength((operations.length * (operations.length + 1)) / 2);
    expect(total).toBeGreaterThan(1_000);
  });
});

describe.each(['destroy', 'revoke one of the subject', 'revoke all of the subject'])('beside a third: %s', (third) => {
  let total = 0;

  test.each(operations)('$name and any other bring nothing back', { timeout: 60_000 }, async (x) => {
    for (const y of operations.slice(operations.indexOf(x))) {
      const report = await explore(memoryPlace('interleavings'), [x, y, operationNamed(third)], () => []);
      expect(report.findings).toEqual([]);
      expect(report.share).toBeCloseTo(1, 10);
      total += report.schedules;
    }
  });

  test('the schedules were many', () => {
    expect(total).toBeGreaterThan(5_000);
  });
});
