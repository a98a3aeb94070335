// Slow: it cuts, pauses and delays connections to a Redis server, and waits for them to open again.
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { redisStore } from 'trpc-session/stores/redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countCommands, type RedisServer, resetCounts, startRedis } from '../_support/redis-server.ts';
import { startTcpProxy, type TcpProxy } from '../_support/tcp-proxy.ts';
import { type App, createBearerApp, createPatientStore, increment, signIn, withToken } from './app.ts';

/** How many changes of another process are made while the connection that reports them is disturbed. */
const runs = Number(process.env.NEAR_CACHE_RUNS ?? 240);
const users = 40;
/** What the store states, and the time of one loop of Redis. */
const boundMs = 500 + 10;

let redis: RedisServer;
let reports: TcpProxy;
let data: TcpProxy;
let client: Redis;
/** Its near cache hears of changes through the proxy `reports`. */
let near: App;
let otherProcess: App;

beforeAll(async () => {
  redis = await startRedis();
  [reports, data] = await Promise.all([startTcpProxy(redis.port), startTcpProxy(redis.port)]);
  client = new Redis(data.port, { enableAutoPipelining: true });
  const duplicate = client.duplicate.bind(client);
  client.duplicate = (overrides) => duplicate({ ...overrides, port: reports.port });
  near = createBearerApp({ store: redisStore(client, { deadline: '10s', nearCache: true }) });
  otherProcess = createBearerApp({ store: createPatientStore(redis.url) });
  await near.ready();
});

afterAll(async () => {
  await Promise.all([near.close(), otherProcess.close()]);
  client.disconnect();
  await Promise.all([reports.close(), data.close(), redis.stop()]);
});

/** One user: every acknowledged change, and whether it was made by the process with the near cache. */
interface Counter {
  readonly token: string;
  readonly changes: { readonly count: number; readonly at: number; readonly isOwn: boolean }[];
}

/** The count that a read must return at least, if it starts at this time. */
function findLeastCount({ changes }: Counter, startedAt: number, isFresh: boolean): number {
  const bound = isFresh ? 0 : boundMs;
  const seen = changes.filter(({ at, isOwn }) => at < startedAt - (isOwn ? 0 : bound));
  return Math.max(0, ...seen.map(({ count }) => count));
}

const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(Math.random() * values.length)] as Value;

/** Disturbs the connection that reports changes, and delays the replies to reads. */
const faults: readonly (() => Promise<unknown>)[] = [
  async () => reports.reset(),
  async () => {
    reports.hold(true);
    await sleep(Math.random() * 1_200);
    reports.hold(false);
  },
  async () => {
    reports.hold(true);
    await sleep(Math.random() * 300);
    reports.reset();
    reports.hold(false);
  },
  async () => reports.delay(() => Math.random() * 300),
  async () => {
    reports.blackhole(true);
    await sleep(Math.random() * 300);
    reports.blackhole(false);
  },
  async () => data.delay(() => Math.random() * 30),
  async () => reports.trickle({ bytes: 7, everyMs: 1 }),
];

function calm(): void {
  reports.hold(false);
  reports.delay(0);
  reports.trickle(null);
  data.delay(0);
}

/** Changes every counter once in another process, and now and then in this one, while faults happen. */
async function runRound(counters: readonly Counter[]): Promise<{ reads: number; behind: number; stale: string[] }> {
  const result = { reads: 0, behind: 0, stale: [] as string[] };
  let isOver = false;
  let isChanging = true;
  /** Some rounds have many faults, and some have one that lasts. */
  const maxPauseMs = pick([60, 300, 2_000]);
  const disturb = async () => {
    await sleep(Math.random() * 200);
    for (let pauseMs = 0; !isOver; pauseMs = Math.random() * maxPauseMs) {
      await sleep(pauseMs);
      await pick(faults)();
    }
  };
  const change = async (counter: Counter, app: App) => {
    const { count } = (await increment(withToken(app, counter.token))).data;
    counter.changes.push({ count, at: performance.now(), isOwn: app === near });
  };
  const write = async (counter: Counter) => {
    await sleep(Math.random() * 300);
    await change(counter, otherProcess);
    if (Math.random() < 0.2) await change(counter, near);
  };
  const read = async (counter: Counter) => {
    while (!isOver) {
      await sleep(Math.random() * 4);
      // Later, such a read would hide that an old reply was kept.
      const fresh = isChanging && Math.random() < 0.1;
      const startedAt = performance.now();
      const count = (await withToken(near, counter.token).get({ passive: true, fresh }))?.data.count ?? -1;
      result.reads += 1;
      if (count < findLeastCount(counter, startedAt, true)) result.behind += 1;
      const least = findLeastCount(counter, startedAt, fresh);
      if (count < least) result.stale.push(`${fresh ? 'A fresh read' : 'A read'} found ${count} instead of ${least}.`);
    }
  };
  const disturbing = disturb();
  const reading = counters.map(read);
  await Promise.all(counters.map(write));
  isChanging = false;
  await sleep(boundMs + 100);
  isOver = true;
  await Promise.all([disturbing, ...reading]);
  calm();
  return result;
}

test(
  `no read is older than the stated bound in ${runs} changes while the reports are cut, paused and delayed`,
  async () => {
    const counters = await Promise.all(
      Array.from({ length: users }, async (_, at): Promise<Counter> => {
        return { token: (await signIn(near, `user-${at}`)).token, changes: [] };
      }),
    );
    await resetCounts(redis.client());
    let [reads, behind] = [0, 0];
    for (let done = 0; done < runs; done += users) {
      const round = await runRound(counters);
      reads += round.reads;
      behind += round.behind;
      expect(round.stale).toEqual([]);
      await sleep(Math.random() * 300);
    }
    const { hmget = 0 } = await countCommands(redis.client());
    console.log(
      `${runs} changes, ${reads} reads, ${reads - hmget} from the near cache, ${behind} behind within the bound`,
    );
    // The near cache was in use, and the faults made it miss changes for a while.
    expect(reads - hmget).toBeGreaterThan(runs);
    expect(behind).toBeGreaterThan(0);
  },
  60_000 + runs * 100,
);

test('the near cache is in use again after the faults', async () => {
  calm();
  const { token } = await signIn(near, 'ada');
  await expect
    .poll(
      async () => {
        await resetCounts(redis.client());
        for (let n = 0; n < 20; n += 1) await withToken(near, token).get({ passive: true });
        return (await countCommands(redis.client())).hmget ?? 0;
      },
      { timeout: 10_000 },
    )
    .toBe(0);
});
