import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { commandsDuring } from '../../_support/redis-monitor.ts';
import { commandCounts, type RedisServer, resetCounts, startRedis } from '../../_support/redis-server.ts';
import { loseEveryReplyOnce, loseNextReply, startTcpProxy, type TcpProxy } from '../../_support/tcp-proxy.ts';
import { expectOutage, worldsOn } from './invariants.ts';
import type { Answer, Visitor } from './visitor.ts';
import { type Pause, World } from './world.ts';

let redis: RedisServer;
let proxy: TcpProxy;
// Before the worlds, since what is to be done after a test is done in reverse order.
afterEach(() => proxy.close());
const open = worldsOn(() => redis);
/** An app that reaches Redis through the proxy. */
const openBehind = (options: { readonly deadline?: number } = {}) => open({ source: proxy.url, ...options });

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());

beforeEach(async () => {
  await redis.client().flushall();
  proxy = await startTcpProxy(redis.port);
});

/** What the app sent meanwhile, by name. */
async function sentDuring(work: () => Promise<unknown>): Promise<readonly string[]> {
  const seen = await commandsDuring(redis.client(), work);
  return seen.filter(({ sent }) => sent).map(({ name }) => name);
}

async function crowd(world: World, size: number): Promise<readonly Visitor[]> {
  return Promise.all(Array.from({ length: size }, (_, at) => world.signedIn(`visitor-${at}`)));
}

test('F2 · The host of Redis cannot be found: 503 as in any outage, and the cause of the event says why', async () => {
  const right = await open();
  const ada = await right.signedIn('ada');
  const world = await World.open({ redis: () => redis, source: 'redis://no-such-host.invalid:6379' });
  await expectOutage(world, world.adopt(ada));
  const refused = world.sessions.ready();
  await expect(refused).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await expect(refused).rejects.toHaveProperty('cause.cause.message', expect.stringMatching(/ENOTFOUND|EAI_AGAIN/));
  await world.close();
  // What was said by the app in the dark is judged with what the other one says.
  right.answers.push(...world.answers);
  right.events.push(...world.events);
  right.errors.push(...world.errors);
});

test('F5 · A write that timed out is applied later: it brings nothing back that ended meanwhile, and no sign-in without its cookie', async () => {
  const world = await openBehind({ deadline: 300 });
  const [ada, bob, cleo] = [await world.signedIn('ada'), await world.signedIn('bob'), await world.signedIn('cleo')];
  const dora = world.visitor('dora');
  await ada.bump();
  await bob.renew();
  const late: Promise<Answer>[] = [];
  const pauses: Pause[] = [];
  for (const [point, act] of [
    ['bump:read', ada.bump] as const,
    ['renew:read', bob.renew] as const,
    ['bump:read', cleo.bump] as const,
  ]) {
    const pause = world.pauseAt(point);
    pauses.push(pause);
    late.push(act());
    await pause.reached;
  }
  await resetCounts(redis.client());
  proxy.hold(true);
  for (const pause of pauses) pause.release();
  for (const answer of await Promise.all([...late, dora.signIn()])) {
    expect(answer).toMatchObject({ status: 503, setCookies: [] });
  }
  await Promise.all(['ada', 'bob'].map((name) => world.elsewhere.of(name).revokeAll()));
  ada.lose();
  bob.lose();
  proxy.hold(false);
  const arrived = async () => expect((await commandCounts(redis.client())).evalsha).toBeGreaterThanOrEqual(2 + 6);
  await vi.waitFor(arrived, 2_000);
  for (const name of ['ada', 'bob']) expect(await world.elsewhere.of(name).list()).toEqual([]);
  expect(await cleo.me()).toMatchObject({ status: 200, result: { count: 1 } });
  await vi.waitFor(async () => expect(await world.elsewhere.of('dora').list()).toEqual([]));
});

test('F6 · The connection breaks after the write and before its reply: it counts once, and the visitor notices nothing', async () => {
  const world = await openBehind();
  const ada = await world.signedIn('ada');
  const losses = loseEveryReplyOnce(proxy, /\b(eval|evalsha|hmget)\b/i);
  for (const act of [ada.bump, ada.renew, ada.me, ada.page, ada.bump])
    expect(await act()).toMatchObject({ status: 200 });
  expect(losses.lost()).toBeGreaterThanOrEqual(5);
  expect(ada.unknown).toBe(0);
});

test('F6 · The connection breaks in the middle of a pipeline: every one of the requests in it counts once', async () => {
  const world = await openBehind();
  const visitors = await crowd(world, 20);
  const loss = loseNextReply(proxy, /\beval/i, { share: 0.5 });
  const answers = await Promise.all(visitors.map(({ bump }) => bump()));
  expect(loss.done()).toBe(true);
  expect(answers.map(({ status, result }) => [status, result.count])).toEqual(visitors.map(() => [200, 1]));
});

test('F7 · A client of your own leaves a command unanswered for ever: our deadline answers, and the next request works', async () => {
  const client = new Redis(proxy.port, { autoResendUnfulfilledCommands: false });
  client.on('error', () => {});
  onTestFinished(() => client.disconnect());
  const world = await open({ source: client });
  const ada = await world.signedIn('ada');
  const loss = loseNextReply(proxy, /\bhmget\b/i);
  const me = await ada.me();
  expect(loss.done()).toBe(true);
  expect(me).toMatchObject({ status: 503, refusal: { reason: 'unavailable' } });
  expect(me.overdueMs).toBeLessThan(250);
  expect(await ada.me()).toMatchObject({ status: 200 });
});

test('F8 · The connection is half open: the deadline answers, and a new connection is made without a restart', async () => {
  const world = await openBehind({ deadline: 300 });
  const ada = await world.signedIn('ada');
  await world.signedOut('bob');
  proxy.blackhole(true);
  await expectOutage(world, ada);
  // The old connection stays dead: only giving it up helps.
  proxy.blackhole(false);
  await vi.waitFor(async () => expect(await ada.me()).toMatchObject({ status: 200 }), 2_000);
});

test.each([100, 700])(
  'F9 · Every answer takes %d ms: requests take as long and no longer, and nothing is asked twice',
  async (ms) => {
    const world = await openBehind();
    const ada = await world.signedIn('ada');
    await ada.bump();
    proxy.delay(ms / 2);
    expect(await sentDuring(ada.me)).toEqual(['hmget']);
    expect(await sentDuring(ada.bump)).toEqual(['hmget', 'evalsha']);
    expect(world.answers.filter(({ status }) => status !== 200)).toEqual([]);
    proxy.delay(0);
  },
);

test('F9 · Every answer takes 5 s: 503 at the deadline, no request waits for it, and little is asked', async () => {
  const world = await openBehind({ deadline: 300 });
  const ada = await world.signedIn('ada');
  proxy.delay(2_500);
  const sent = await sentDuring(async () => {
    await expectOutage(world, ada);
    await Promise.all(Array.from({ length: 50 }, ada.me));
    proxy.delay(0);
    await vi.waitFor(async () => expect(await ada.me()).toMatchObject({ status: 200 }), 3_000);
  });
  expect(sent.length).toBeLessThan(15);
});

test('F9 · Answers take anything from 0 to 240 ms: every request succeeds, and nothing is asked twice', async () => {
  const world = await openBehind();
  const visitors = await crowd(world, 10);
  await visitors[0]?.bump();
  const jitter = [5, 120, 20, 80, 0];
  let turns = 0;
  proxy.delay(() => jitter[turns++ % jitter.length] ?? 0);
  const sent = await sentDuring(async () => {
    await Promise.all(visitors.map(({ bump }) => bump()));
  });
  expect(sent.toSorted()).toEqual([...visitors.map(() => 'evalsha'), ...visitors.map(() => 'hmget')]);
  proxy.delay(0);
});

test('F10 · Everything comes byte by byte: it is understood', async () => {
  const world = await openBehind();
  const ada = await world.signedIn('ada');
  await redis.client().script('FLUSH');
  proxy.trickle({ bytes: 1, everyMs: 0 });
  for (const act of [ada.me, ada.bump, ada.renew, ada.page]) expect(await act()).toMatchObject({ status: 200 });
});

test('F10 · The line carries too little: what fits into the deadline succeeds, and the rest is 503 at the deadline', async () => {
  const world = await openBehind({ deadline: 300 });
  const ada = await world.signedIn('ada');
  proxy.trickle({ bytes: 100, everyMs: 5 });
  expect(await ada.me()).toMatchObject({ status: 200 });
  proxy.trickle({ bytes: 1, everyMs: 20 });
  await expectOutage(world, ada);
  proxy.trickle(null);
});
