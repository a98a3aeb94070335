// Slow: Redis is made to sleep, to load data slowly and to run an endless script, each for longer than a deadline.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { listClientsToTest, nearCache } from '../../_support/redis-clients.ts';
import { type RedisServer, resetCounts, startRedis } from '../../_support/redis-server.ts';
import { startDurableRedis } from './durable-redis.ts';
import { createWorldOpener, expectOutage, toKey } from './invariants.ts';

const isNodeRedis = listClientsToTest(['URL']).every((name) => name.startsWith('redis'));

let redis: RedisServer;
const openWorld = createWorldOpener(() => redis);

beforeAll(async () => {
  redis = await startRedis({ args: ['--enable-debug-command', 'local'] });
});

afterAll(() => redis.stop());

beforeEach(async () => {
  // A failed test may have left these.
  await redis
    .client()
    .script('KILL')
    .catch(() => {});
  await setConfig('maxmemory', '0');
  await setConfig('maxclients', '10000');
  await redis.client().flushall();
});

/** The connection of another program in the same Redis. */
function connectNeighbour(url = redis.url): Redis {
  // Without the ready check it can also talk to a server that is loading.
  const client = new Redis(url, { enableReadyCheck: false });
  client.on('error', () => {});
  onTestFinished(() => client.disconnect());
  return client;
}

/** A number of `INFO`. */
async function readInfo(name: string): Promise<number> {
  const found = new RegExp(`^${name}[:=](\\d+)`, 'm').exec(await redis.client().info('everything'));
  return Number(found?.[1] ?? 0);
}

async function setConfig(option: string, value: string): Promise<void> {
  await redis.client().config('SET', option, value);
}

test('F11 · Redis is out of memory: reading, signing out and revoking work; sign-ins and updates fail with 503 and change nothing', async () => {
  const world = await openWorld({ touchEvery: 1 });
  const [ada, bob, cleo] = [await world.signIn('ada'), await world.signIn('bob'), await world.signIn('cleo')];
  await ada.increment();
  await setConfig('maxmemory', '1');
  const seen = await redis.client().hgetall(toKey('ada'));
  expect(await ada.increment()).toMatchObject({ status: 503, refusal: { reason: 'unavailable' } });
  expect(await ada.regenerate()).toMatchObject({ status: 503, setCookies: [] });
  expect(await world.addVisitor('dora').signIn()).toMatchObject({ status: 503, setCookies: [] });
  expect(await ada.me()).toMatchObject({ status: 200, result: { count: 1 } });
  expect(await ada.page()).toMatchObject({ status: 200 });
  const failedTouch = expect.objectContaining({ type: 'unavailable', operation: 'touch' });
  await vi.waitFor(() => expect(world.events).toContainEqual(failedTouch), 10_000);
  expect(await redis.client().hgetall(toKey('ada'))).toEqual(seen);
  expect(await bob.signOut()).toMatchObject({ status: 200 });
  expect(await world.sessions.of('cleo').revokeAll()).toBe(1);
  cleo.markSignedOut();
  expect(await cleo.me()).toMatchObject({ status: 401 });
  await expect(world.sessions.ready()).rejects.toHaveProperty('cause.message', expect.stringMatching(/^HSET: .*OOM/));
  await setConfig('maxmemory', '0');
});

test('F19 · Redis is loading its data: 503 at the deadline, and everything works once it has loaded', async () => {
  const loading = await startDurableRedis({ snapshots: true });
  onTestFinished(() => loading.stop());
  const world = await openWorld({ redis: loading.server, deadline: 300 });
  const ada = await world.signIn('ada');
  const neighbours = Array.from({ length: 1_000 }, (_, at) => [`neighbour:${at}`, 'x'.repeat(64)]);
  await loading
    .server()
    .client()
    .mset(...neighbours.flat());
  await loading.server().client().save();
  await loading.crash();
  const slowly = ['--key-load-delay', '3000', '--loading-process-events-interval-bytes', '1024'];
  const restarted = loading.restart(...slowly);
  const probe = connectNeighbour(loading.server().url);
  await vi.waitFor(async () => expect(await probe.info('persistence')).toContain('loading:1'), {
    timeout: 10_000,
    interval: 20,
  });
  await expectOutage(world, ada);
  expect(await probe.info('persistence')).toContain('loading:1');
  await restarted;
});

test('F20 · Redis runs an endless script of another program: 503, and everything works once the script is killed', async () => {
  const world = await openWorld({ deadline: 300 });
  const ada = await world.signIn('ada');
  await world.signInAndOut('bob');
  await setConfig('busy-reply-threshold', '50');
  await resetCounts(redis.client());
  const endless = connectNeighbour()
    .eval('while true do end', 0)
    .catch((error: Error) => error.message);
  await vi.waitFor(() => expect(redis.client().ping()).rejects.toThrow('BUSY'), 10_000);
  await expectOutage(world, ada);
  await Promise.all(Array.from({ length: 20 }, ada.me));
  await redis.client().script('KILL');
  expect(await endless).toContain('killed');
  // Each request sent one command, and did not repeat it. The test pings once, and the redis package may ping too.
  const pings = isNodeRedis ? 2 : 1;
  // A near cache sends five commands a second.
  const beats = nearCache ? 10 : 0;
  expect(await readInfo('errorstat_BUSY:count')).toBeLessThanOrEqual(4 + 20 + pings + beats);
});

test('F21 · Redis has forgotten the scripts: every operation works', async () => {
  const world = await openWorld({ touchEvery: 1 });
  const flushAndRun = async (act: () => Promise<unknown>): Promise<unknown> => {
    await redis.client().script('FLUSH');
    return act();
  };
  const ada = world.addVisitor('ada');
  for (const act of [ada.signIn, ada.me, ada.increment, ada.regenerate, ada.page, ada.signOut, ada.signIn]) {
    expect(await flushAndRun(act)).toMatchObject({ status: 200 });
  }
  await flushAndRun(() => world.sessions.ready());
  expect(await flushAndRun(() => world.sessions.of('ada').list())).toHaveLength(1);
  expect(await flushAndRun(() => world.sessions.of('ada').revoke('an-unknown-id'))).toBe(false);
});

test('F21 · Redis forgets the scripts during many requests: each update is applied once', async () => {
  const world = await openWorld();
  const visitors = await Promise.all(Array.from({ length: 30 }, (_, at) => world.signIn(`visitor-${at}`)));
  const flushing = Promise.all(Array.from({ length: 5 }, () => redis.client().script('FLUSH')));
  const responses = await Promise.all(visitors.map(({ increment }) => increment()));
  await flushing;
  expect(responses.map(({ status, result }) => [status, result.count])).toEqual(visitors.map(() => [200, 1]));
});

test('F22 · Redis accepts no more connections: 503, few connection attempts, and everything works once a connection is free', async ({
  skip,
}) => {
  if (isNodeRedis) skip('The redis package connects again at once, before the test can take its place.');
  const world = await openWorld({ deadline: 300 });
  const ada = await world.signIn('ada');
  const others: Socket[] = [];
  onTestFinished(() => {
    for (const socket of others) socket.destroy();
  });
  await setConfig('maxclients', String((await readInfo('connected_clients')) + 5));
  await redis.client().call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  for (let sockets = 0; sockets < 20; sockets++) {
    const socket = connect(redis.port, '127.0.0.1');
    socket.on('error', () => {});
    others.push(socket);
    await once(socket, 'connect');
  }
  await expectOutage(world, ada);
  const rejected = await readInfo('rejected_connections');
  await sleep(1_000);
  expect((await readInfo('rejected_connections')) - rejected).toBeLessThan(10);
  await setConfig('maxclients', '10000');
});

test('F26 · Another program runs a slow command: 503 at the deadline, and everything works afterwards', async () => {
  const world = await openWorld({ deadline: 300 });
  const ada = await world.signIn('ada');
  await world.signInAndOut('bob');
  const client = connectNeighbour();
  // Connected first, so that Redis receives the slow command before the commands of the app.
  await client.ping();
  const slow = client.debug('SLEEP', '2');
  await sleep(50);
  await expectOutage(world, ada);
  await slow;
});

test('F26 · Another program keeps 50 MB in one value: requests beside it succeed', async () => {
  const world = await openWorld();
  const ada = await world.signIn('ada');
  const client = connectNeighbour();
  await client.set('neighbour:big', Buffer.alloc(50 * 2 ** 20));
  let isRead = false;
  const reading = client.getBuffer('neighbour:big').finally(() => {
    isRead = true;
  });
  let beside = 0;
  for (; !isRead; beside++)
    for (const act of [ada.me, ada.increment]) expect(await act()).toMatchObject({ status: 200 });
  expect((await reading)?.length).toBe(50 * 2 ** 20);
  expect(beside).toBeGreaterThan(0);
});

test('F26 · Another program pauses Redis (CLIENT PAUSE): 503 at the deadline, and everything works afterwards', async () => {
  const world = await openWorld({ deadline: 300 });
  const ada = await world.signIn('ada');
  await world.signInAndOut('bob');
  await redis.client().client('PAUSE', '2000', 'ALL');
  await expectOutage(world, ada);
});

test('F6 · An administrator kills the connection during a pipeline (CLIENT KILL): each update is applied once', async () => {
  const world = await openWorld();
  const visitors = await Promise.all(Array.from({ length: 20 }, (_, at) => world.signIn(`visitor-${at}`)));
  await redis.client().client('PAUSE', '10000', 'WRITE');
  const increments = Promise.all(visitors.map(({ increment }) => increment()));
  await vi.waitFor(async () => expect(await readInfo('blocked_clients')).toBe(1), { timeout: 10_000, interval: 5 });
  await redis.client().call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  await redis.client().client('UNPAUSE');
  const responses = (await increments).map(({ status, result }) => [status, result.count]);
  expect(responses).toEqual(visitors.map(() => [200, 1]));
});
