// Slow: replies are delayed, trickled and dropped, each for longer than a deadline.
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { listClientsToTest } from '../../_support/redis-clients.ts';
import { recordCommands } from '../../_support/redis-monitor.ts';
import { countCommands, type RedisServer, resetCounts, startRedis } from '../../_support/redis-server.ts';
import { loseEveryReplyOnce, loseNextReply, startTcpProxy, type TcpProxy } from '../../_support/tcp-proxy.ts';
import { createWorldOpener, expectOutage, expectUnreachable } from './invariants.ts';
import type { AppResponse, Visitor } from './visitor.ts';
import { type Pause, World, type WorldOptions } from './world.ts';

/** The core cases run with each library. */
const everyClient = listClientsToTest(['URL', 'redis 6']);

let redis: RedisServer;
let proxy: TcpProxy;
// Registered before the worlds, because hooks after a test run in reverse order.
afterEach(() => proxy.close());
const openWorld = createWorldOpener(() => redis);
/** Opens a world whose app connects through the proxy. */
const openBehindProxy = (options: Pick<WorldOptions, 'client' | 'deadline'> = {}) =>
  openWorld({ source: proxy.url, ...options });

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());

beforeEach(async () => {
  await redis.client().flushall();
  proxy = await startTcpProxy(redis.port);
});

/** The names of the commands that the app sent during the work. */
async function listSentCommands(work: () => Promise<unknown>): Promise<readonly string[]> {
  const seen = await recordCommands(redis.client(), work);
  return seen.filter(({ sent }) => sent).map(({ name }) => name);
}

async function signInMany(world: World, size: number): Promise<readonly Visitor[]> {
  return Promise.all(Array.from({ length: size }, (_, at) => world.signIn(`visitor-${at}`)));
}

test.each(everyClient)(
  'F2 · The host name of Redis does not resolve: 503, and the error names the reason (%s)',
  async (client) => {
    const working = await openWorld();
    const ada = await working.signIn('ada');
    const source = 'redis://no-such-host.invalid:6379';
    const world = await World.open({ redis: () => redis, source, client, deadline: 1_000 });
    await expectOutage(world, world.adopt(ada));
    await expectUnreachable(world, client, /ENOTFOUND|EAI_AGAIN/);
    await world.close();
    // The invariants also check what this app sent and logged.
    working.responses.push(...world.responses);
    working.events.push(...world.events);
    working.errors.push(...world.errors);
  },
);

test.each(everyClient)(
  'F5 · A write that timed out is applied later: it brings no ended session back, and leaves no sign-in without a cookie (%s)',
  async (client) => {
    const world = await openBehindProxy({ client, deadline: 300 });
    const [ada, bob, cleo] = [await world.signIn('ada'), await world.signIn('bob'), await world.signIn('cleo')];
    const dora = world.addVisitor('dora');
    await ada.increment();
    await bob.regenerate();
    const late: Promise<AppResponse>[] = [];
    const pauses: Pause[] = [];
    for (const [point, act] of [
      ['increment:read', ada.increment] as const,
      ['regenerate:read', bob.regenerate] as const,
      ['increment:read', cleo.increment] as const,
    ]) {
      const pause = world.pauseAt(point);
      pauses.push(pause);
      late.push(act());
      await pause.reached;
    }
    await resetCounts(redis.client());
    proxy.hold(true);
    for (const pause of pauses) pause.release();
    for (const response of await Promise.all([...late, dora.signIn()])) {
      expect(response).toMatchObject({ status: 503, setCookies: [] });
    }
    await Promise.all(['ada', 'bob'].map((name) => world.otherProcess.of(name).revokeAll()));
    ada.markSignedOut();
    bob.markSignedOut();
    proxy.hold(false);
    const haveArrived = async () => expect((await countCommands(redis.client())).evalsha).toBeGreaterThanOrEqual(2 + 6);
    await vi.waitFor(haveArrived, 10_000);
    for (const name of ['ada', 'bob']) expect(await world.otherProcess.of(name).list()).toEqual([]);
    expect(await cleo.me()).toMatchObject({ status: 200, result: { count: 1 } });
    await vi.waitFor(async () => expect(await world.otherProcess.of('dora').list()).toEqual([]), 10_000);
  },
);

test.each(everyClient)(
  'F6 · The connection breaks between a write and its reply: the write is applied once, and the user notices nothing (%s)',
  async (client) => {
    const world = await openBehindProxy({ client });
    const ada = await world.signIn('ada');
    const losses = loseEveryReplyOnce(proxy, /\b(eval|evalsha|hmget)\b/i);
    for (const act of [ada.increment, ada.regenerate, ada.me, ada.page, ada.increment])
      expect(await act()).toMatchObject({ status: 200 });
    expect(losses.lost()).toBeGreaterThanOrEqual(5);
    expect(ada.unacknowledged).toBe(0);
  },
);

test.each(everyClient)(
  'F6 · The connection breaks in the middle of a pipeline: every write in it is applied once (%s)',
  async (client) => {
    const world = await openBehindProxy({ client });
    const visitors = await signInMany(world, 20);
    const loss = loseNextReply(proxy, /\beval/i, { share: 0.5 });
    const responses = await Promise.all(visitors.map(({ increment }) => increment()));
    expect(loss.done()).toBe(true);
    expect(responses.map(({ status, result }) => [status, result.count])).toEqual(visitors.map(() => [200, 1]));
  },
);

test('F7 · Your own client never completes a command: 503 at the deadline, and the next request works', async () => {
  const client = new Redis(proxy.port, { autoResendUnfulfilledCommands: false });
  client.on('error', () => {});
  onTestFinished(() => client.disconnect());
  const world = await openWorld({ source: client, deadline: 1_000 });
  const ada = await world.signIn('ada');
  const loss = loseNextReply(proxy, /\bhmget\b/i);
  const me = await ada.me();
  expect(loss.done()).toBe(true);
  expect(me).toMatchObject({ status: 503, refusal: { reason: 'unavailable' } });
  expect(me.overdueMs).toBeLessThan(250);
  expect(await ada.me()).toMatchObject({ status: 200 });
});

test('F8 · The network drops all packets without closing the connection: 503 at the deadline, then a new connection without a restart', async ({
  skip,
}) => {
  if (everyClient.every((name) => name.startsWith('redis')))
    skip('The redis package does not give up a connection while commands are written to it.');
  const world = await openBehindProxy({ deadline: 300 });
  const ada = await world.signIn('ada');
  await world.signInAndOut('bob');
  proxy.blackhole(true);
  await expectOutage(world, ada);
  // The old connection stays dead. Only a new one works.
  proxy.blackhole(false);
  await vi.waitFor(async () => expect(await ada.me()).toMatchObject({ status: 200 }), 2_000);
});

test.each([100, 1_400])('F9 · Every reply takes %d ms: requests succeed, and no command is sent twice', async (ms) => {
  const world = await openBehindProxy({ deadline: 2_000 });
  const ada = await world.signIn('ada');
  await ada.increment();
  proxy.delay(ms / 2);
  expect(await listSentCommands(ada.me)).toEqual(['hmget']);
  expect(await listSentCommands(ada.increment)).toEqual(['hmget', 'evalsha']);
  expect(world.responses.filter(({ status }) => status !== 200)).toEqual([]);
  proxy.delay(0);
});

test('F9 · Every reply takes 5 s: 503 at the deadline, and few commands are sent', async () => {
  const world = await openBehindProxy({ deadline: 300 });
  const ada = await world.signIn('ada');
  proxy.delay(2_500);
  const sent = await listSentCommands(async () => {
    await expectOutage(world, ada);
    await Promise.all(Array.from({ length: 50 }, ada.me));
    proxy.delay(0);
    await vi.waitFor(async () => expect(await ada.me()).toMatchObject({ status: 200 }), 3_000);
  });
  expect(sent.length).toBeLessThan(15);
});

test('F9 · Replies take 0 to 240 ms: every request succeeds, and no command is sent twice', async () => {
  const world = await openBehindProxy();
  const visitors = await signInMany(world, 10);
  await visitors[0]?.increment();
  const jitter = [5, 120, 20, 80, 0];
  let turns = 0;
  proxy.delay(() => jitter[turns++ % jitter.length] ?? 0);
  const sent = await listSentCommands(async () => {
    await Promise.all(visitors.map(({ increment }) => increment()));
  });
  expect(sent.toSorted()).toEqual([...visitors.map(() => 'evalsha'), ...visitors.map(() => 'hmget')]);
  proxy.delay(0);
});

test('F10 · Data arrives byte by byte: every request succeeds', async () => {
  const world = await openBehindProxy();
  const ada = await world.signIn('ada');
  await redis.client().script('FLUSH');
  proxy.trickle({ bytes: 1, everyMs: 0 });
  for (const act of [ada.me, ada.increment, ada.regenerate, ada.page])
    expect(await act()).toMatchObject({ status: 200 });
});

test('F10 · The bandwidth is too low: replies that fit into the deadline succeed, and the others are 503 at the deadline', async () => {
  const world = await openBehindProxy({ deadline: 1_000 });
  const ada = await world.signIn('ada');
  proxy.trickle({ bytes: 100, everyMs: 5 });
  expect(await ada.me()).toMatchObject({ status: 200 });
  proxy.trickle({ bytes: 1, everyMs: 20 });
  await expectOutage(world, ada);
  proxy.trickle(null);
});
