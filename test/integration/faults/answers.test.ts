import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { type RedisServer, resetCounts, startRedis } from '../../_support/redis-server.ts';
import { durableRedis } from './durable-redis.ts';
import { expectOutage, keyOf, worldsOn } from './invariants.ts';

let redis: RedisServer;
const open = worldsOn(() => redis);

beforeAll(async () => {
  redis = await startRedis({ args: ['--enable-debug-command', 'local'] });
});

afterAll(() => redis.stop());

beforeEach(async () => {
  // Whatever a test that failed has left.
  await redis
    .client()
    .script('KILL')
    .catch(() => {});
  await set('maxmemory', '0');
  await set('maxclients', '10000');
  await redis.client().flushall();
});

/** A neighbour's connection: what it runs is answered when it is answered. */
function neighbour(url = redis.url): Redis {
  // It looks at a server that is loading, too.
  const client = new Redis(url, { enableReadyCheck: false });
  client.on('error', () => {});
  onTestFinished(() => client.disconnect());
  return client;
}

/** A number that the server counts under this name. */
async function counted(name: string): Promise<number> {
  const found = new RegExp(`^${name}[:=](\\d+)`, 'm').exec(await redis.client().info('everything'));
  return Number(found?.[1] ?? 0);
}

async function set(option: string, value: string): Promise<void> {
  await redis.client().config('SET', option, value);
}

test('F11 · Redis is out of memory: reading, signing out and revoking work, and what would grow answers 503 and changes nothing', async () => {
  const world = await open({ touchEvery: 1 });
  const [ada, bob, cleo] = [await world.signedIn('ada'), await world.signedIn('bob'), await world.signedIn('cleo')];
  await ada.bump();
  await set('maxmemory', '1');
  const seen = await redis.client().hgetall(keyOf('ada'));
  expect(await ada.bump()).toMatchObject({ status: 503, refusal: { reason: 'unavailable' } });
  expect(await ada.renew()).toMatchObject({ status: 503, setCookies: [] });
  expect(await world.visitor('dora').signIn()).toMatchObject({ status: 503, setCookies: [] });
  expect(await ada.me()).toMatchObject({ status: 200, result: { count: 1 } });
  expect(await ada.page()).toMatchObject({ status: 200 });
  const touchless = expect.objectContaining({ type: 'unavailable', operation: 'touch' });
  await vi.waitFor(() => expect(world.events).toContainEqual(touchless));
  expect(await redis.client().hgetall(keyOf('ada'))).toEqual(seen);
  expect(await bob.signOut()).toMatchObject({ status: 200 });
  expect(await world.sessions.of('cleo').revokeAll()).toBe(1);
  cleo.lose();
  expect(await cleo.me()).toMatchObject({ status: 401 });
  await expect(world.sessions.ready()).rejects.toHaveProperty('cause.message', expect.stringMatching(/^HSET: .*OOM/));
  await set('maxmemory', '0');
});

test('F19 · Redis is loading its data: 503 at the deadline, and all is well when it has', async () => {
  const loading = await durableRedis({ snapshots: true });
  onTestFinished(() => loading.stop());
  const world = await open({ redis: loading.server, deadline: 300 });
  const ada = await world.signedIn('ada');
  const neighbours = Array.from({ length: 1_000 }, (_, at) => [`neighbour:${at}`, 'x'.repeat(64)]);
  await loading
    .server()
    .client()
    .mset(...neighbours.flat());
  await loading.server().client().save();
  await loading.crash();
  const slowly = ['--key-load-delay', '1500', '--loading-process-events-interval-bytes', '1024'];
  const restarted = loading.restart(...slowly);
  const probe = neighbour(loading.server().url);
  await vi.waitFor(async () => expect(await probe.info('persistence')).toContain('loading:1'), {
    timeout: 5_000,
    interval: 20,
  });
  await expectOutage(world, ada);
  expect(await probe.info('persistence')).toContain('loading:1');
  await restarted;
});

test('F20 · Redis is busy with the endless script of a neighbour: 503, and all is well when it is killed', async () => {
  const world = await open({ deadline: 300 });
  const ada = await world.signedIn('ada');
  await world.signedOut('bob');
  await set('busy-reply-threshold', '50');
  await resetCounts(redis.client());
  const endless = neighbour()
    .eval('while true do end', 0)
    .catch((error: Error) => error.message);
  await sleep(100);
  await expectOutage(world, ada);
  await Promise.all(Array.from({ length: 20 }, ada.me));
  await redis.client().script('KILL');
  expect(await endless).toContain('killed');
  // Each request asked once, and none again.
  expect(await counted('errorstat_BUSY:count')).toBeLessThanOrEqual(4 + 20);
});

test('F21 · Redis has forgotten every script: each kind of call notices nothing', async () => {
  const world = await open({ touchEvery: 1 });
  const forgetting = async (act: () => Promise<unknown>): Promise<unknown> => {
    await redis.client().script('FLUSH');
    return act();
  };
  const ada = world.visitor('ada');
  for (const act of [ada.signIn, ada.me, ada.bump, ada.renew, ada.page, ada.signOut, ada.signIn]) {
    expect(await forgetting(act)).toMatchObject({ status: 200 });
  }
  await forgetting(() => world.sessions.ready());
  expect(await forgetting(() => world.sessions.of('ada').list())).toHaveLength(1);
  expect(await forgetting(() => world.sessions.of('ada').revoke('nobody'))).toBe(false);
});

test('F21 · Redis forgets every script under many requests at once: each of them counts once', async () => {
  const world = await open();
  const visitors = await Promise.all(Array.from({ length: 30 }, (_, at) => world.signedIn(`visitor-${at}`)));
  const flushing = Promise.all(Array.from({ length: 5 }, () => redis.client().script('FLUSH')));
  const answers = await Promise.all(visitors.map(({ bump }) => bump()));
  await flushing;
  expect(answers.map(({ status, result }) => [status, result.count])).toEqual(visitors.map(() => [200, 1]));
});

test('F22 · Redis has no connection left: 503, tries to connect stay few, and all is well when one is free', async () => {
  const world = await open({ deadline: 300 });
  const ada = await world.signedIn('ada');
  const others: Socket[] = [];
  onTestFinished(() => {
    for (const socket of others) socket.destroy();
  });
  await set('maxclients', String((await counted('connected_clients')) + 5));
  await redis.client().call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  for (let sockets = 0; sockets < 20; sockets++) {
    const socket = connect(redis.port, '127.0.0.1');
    socket.on('error', () => {});
    others.push(socket);
    await once(socket, 'connect');
  }
  await expectOutage(world, ada);
  const rejected = await counted('rejected_connections');
  await sleep(1_000);
  expect((await counted('rejected_connections')) - rejected).toBeLessThan(10);
  await set('maxclients', '10000');
});

test('F26 · Redis is slow with the command of a neighbour: 503 at the deadline, and all is well afterwards', async () => {
  const world = await open({ deadline: 300 });
  const ada = await world.signedIn('ada');
  await world.signedOut('bob');
  const slow = neighbour().debug('SLEEP', '1.2');
  await sleep(50);
  await expectOutage(world, ada);
  await slow;
});

test('F26 · A neighbour keeps 50 MB in one value: requests beside it succeed', async () => {
  const world = await open();
  const ada = await world.signedIn('ada');
  const client = neighbour();
  await client.set('neighbour:big', Buffer.alloc(50 * 2 ** 20));
  let isRead = false;
  const reading = client.getBuffer('neighbour:big').finally(() => {
    isRead = true;
  });
  let beside = 0;
  for (; !isRead; beside++) for (const act of [ada.me, ada.bump]) expect(await act()).toMatchObject({ status: 200 });
  expect((await reading)?.length).toBe(50 * 2 ** 20);
  expect(beside).toBeGreaterThan(0);
});

test('F26 · Redis is paused (CLIENT PAUSE): 503 at the deadline, and all is well when it goes on', async () => {
  const world = await open({ deadline: 300 });
  const ada = await world.signedIn('ada');
  await world.signedOut('bob');
  await redis.client().client('PAUSE', '1200', 'ALL');
  await expectOutage(world, ada);
});

test('F6 · An administrator kills the connection under a pipeline (CLIENT KILL): every request in it counts once', async () => {
  const world = await open();
  const visitors = await Promise.all(Array.from({ length: 20 }, (_, at) => world.signedIn(`visitor-${at}`)));
  await redis.client().client('PAUSE', '10000', 'WRITE');
  const bumps = Promise.all(visitors.map(({ bump }) => bump()));
  await vi.waitFor(async () => expect(await counted('blocked_clients')).toBe(1), { interval: 5 });
  await redis.client().call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  await redis.client().client('UNPAUSE');
  const answers = (await bumps).map(({ status, result }) => [status, result.count]);
  expect(answers).toEqual(visitors.map(() => [200, 1]));
});
