// Slow: Redis is killed, restarted and suspended, and each outage lasts for several deadlines.
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { listClientsToTest } from '../../_support/redis-clients.ts';
import { countCommands, resetCounts } from '../../_support/redis-server.ts';
import { type DurableRedis, startDurableRedis, suspendDuring } from './durable-redis.ts';
import { createWorldOpener, expectOutage, expectUnreachable } from './invariants.ts';
import type { AppResponse } from './visitor.ts';
import type { World } from './world.ts';

/** While Redis does not respond, one call in this interval is sent as a probe. */
const probeEveryMs = 250;
/** The store's default deadline. */
const defaultDeadlineMs = 1_000;

/** The core cases run with each library. */
const everyClient = listClientsToTest(['URL', 'redis 6']);

let redis: DurableRedis;
const openWorld = createWorldOpener(() => redis.server());

beforeAll(async () => {
  redis = await startDurableRedis();
});

afterAll(() => redis.stop());

beforeEach(async () => {
  await redis.server().client().flushall();
});

/** Runs the scripts once, so that the commands counted later do not include a script that Redis lacked. */
async function loadScripts(world: World): Promise<void> {
  const visitor = await world.signIn('rehearsal');
  await visitor.increment();
  await visitor.regenerate();
  await visitor.signOut();
}

/** Whether the call failed without a command to Redis. */
function isRefusedByCircuit(error: unknown): boolean {
  return /was not (asked|sent)|circuit is open/i.test(inspect(error));
}

test.each(everyClient)(
  'F1 · Redis is not running when the app starts: public procedures work, and sign-in works as soon as Redis runs (%s)',
  async (client) => {
    const before = await openWorld({ client });
    const ada = await before.signIn('ada');
    await redis.crash();
    const world = await openWorld({ client, deadline: defaultDeadlineMs });
    await expectOutage(world, world.adopt(ada));
    expect(await world.addVisitor('bob').signIn()).toMatchObject({ status: 503, setCookies: [] });
    await expectUnreachable(world, client, /ECONNREFUSED/);
    await redis.restart();
  },
);

test.each(everyClient)(
  'F3 · Redis crashes between the read and the write of a request (SIGKILL): 503, and a sign-in sets no cookie (%s)',
  async (client) => {
    const world = await openWorld({ client, deadline: defaultDeadlineMs });
    const [ada, bob, dora] = [await world.signIn('ada'), world.addVisitor('bob'), await world.signIn('dora')];
    await world.signInAndOut('cleo');
    const [saving, starting] = [world.pauseAt('increment:read'), world.pauseAt('signIn:read')];
    const responses = Promise.all([ada.increment(), bob.signIn()]);
    await Promise.all([saving.reached, starting.reached]);
    await redis.crash();
    saving.release();
    starting.release();
    for (const response of await responses) expect(response).toMatchObject({ status: 503, setCookies: [] });
    await expectOutage(world, ada);
    // The session may still exist, so the browser keeps the cookie and can sign out again.
    expect(await dora.signOut()).toMatchObject({ status: 503, setCookies: [] });
    await redis.restart();
    expect(await world.otherProcess.of('bob').list()).toEqual([]);
  },
);

test('F4 · Redis hangs (SIGSTOP): every request responds within the deadline, and few commands are sent', async () => {
  const world = await openWorld({ deadline: defaultDeadlineMs });
  const [ada, cleo] = [await world.signIn('ada'), await world.signIn('cleo')];
  await world.signInAndOut('bob');
  let passed = 0;
  await resetCounts(world.admin);
  await suspendDuring(redis.server(), async () => {
    await expectOutage(world, ada);
    expect(await cleo.signOut()).toMatchObject({ status: 503, setCookies: [] });
    const before = world.errors.length;
    const began = performance.now();
    const responses = await Promise.all(Array.from({ length: 200 }, ada.me));
    expect(responses.filter(({ status }) => status !== 503)).toEqual([]);
    const sent = world.errors.slice(before).filter((error) => !isRefusedByCircuit(error));
    passed = 1 + (performance.now() - began) / probeEveryMs;
    expect(sent.length).toBeLessThanOrEqual(passed);
  });
  await vi.waitFor(async () => expect(await ada.me()).toMatchObject({ status: 200 }), 2_000);
  expect((await countCommands(world.admin)).hmget).toBeLessThanOrEqual(passed + 8);
});

test.each(everyClient)(
  'F4 · Redis hangs (SIGSTOP): a sign-in and a new token whose reply was lost are undone when it continues (%s)',
  async (client) => {
    const world = await openWorld({ client, deadline: 300 });
    await loadScripts(world);
    const [ada, bob] = [await world.signIn('ada'), world.addVisitor('bob')];
    const regenerating = world.pauseAt('regenerate:read');
    const regenerated = ada.regenerate();
    await regenerating.reached;
    await resetCounts(world.admin);
    await suspendDuring(redis.server(), async () => {
      regenerating.release();
      expect(await bob.signIn()).toMatchObject({ status: 503, setCookies: [] });
      expect(await regenerated).toMatchObject({ status: 503, setCookies: [] });
    });
    const ran = async () => expect((await countCommands(world.admin)).evalsha).toBeGreaterThanOrEqual(4);
    await vi.waitFor(ran, 2_000);
    expect(await world.otherProcess.of('bob').list()).toEqual([]);
    expect(await ada.me()).toMatchObject({ status: 200 });
  },
);

test.each(everyClient)(
  'F4 · Redis hangs until the connection is given up (SIGSTOP): writes whose reply was lost are still undone (%s)',
  async (client) => {
    const world = await openWorld({ client, deadline: 300 });
    await loadScripts(world);
    const [ada, bob] = [await world.signIn('ada'), world.addVisitor('bob')];
    const regenerating = world.pauseAt('regenerate:read');
    const regenerated = ada.regenerate();
    await regenerating.reached;
    await suspendDuring(redis.server(), async () => {
      regenerating.release();
      const responses = await Promise.all([regenerated, bob.signIn(), ada.increment()]);
      for (const response of responses) expect(response).toMatchObject({ status: 503, setCookies: [] });
      // The connection is given up after two deadlines. So is the next one, because its handshake gets no reply.
      await sleep(5 * world.deadlineMs);
    });
    await vi.waitFor(async () => expect(await ada.me()).toMatchObject({ status: 200 }), 2_000);
    expect(await world.otherProcess.of('bob').list()).toEqual([]);
  },
);

test.each([
  ['commands in pipelines', true],
  ['commands one by one', false],
])(
  'F4 · Redis hangs, and a sign-in starts just before the connection is given up (SIGSTOP): it is still undone (%s)',
  async (_how, enableAutoPipelining) => {
    const { port } = redis.server();
    const world = await openWorld({ deadline: 300, source: { host: '127.0.0.1', port, enableAutoPipelining } });
    await loadScripts(world);
    const [ada, bob] = [await world.signIn('ada'), world.addVisitor('bob')];
    await suspendDuring(redis.server(), async () => {
      expect(await ada.me()).toMatchObject({ status: 503 });
      await sleep(world.deadlineMs / 2);
      // The connection is given up before the deadline of this call.
      expect(await bob.signIn()).toMatchObject({ status: 503, setCookies: [] });
      await sleep(3 * world.deadlineMs);
    });
    await vi.waitFor(async () => expect(await ada.me()).toMatchObject({ status: 200 }), 2_000);
    await vi.waitFor(async () => expect(await world.otherProcess.of('bob').list()).toEqual([]), 2_000);
  },
);

test('F4 · Redis hangs and lacks the script of a sign-in (SIGSTOP): a sign-in that timed out is not sent again', async () => {
  const world = await openWorld({ deadline: 300 });
  const [ada, bob, cleo] = [await world.signIn('ada'), world.addVisitor('bob'), await world.signIn('cleo')];
  await world.admin.script('FLUSH');
  // Now Redis has the script that ends a session, but not the one that starts one.
  await cleo.signOut();
  await suspendDuring(redis.server(), async () => {
    expect(await bob.signIn()).toMatchObject({ status: 503, setCookies: [] });
  });
  const isServed = async () => expect(await ada.me()).toMatchObject({ status: 200 });
  await vi.waitFor(isServed, 2_000);
  await isServed();
  expect(await world.otherProcess.of('bob').list()).toEqual([]);
});

test('F3 · Redis is killed with 200 requests in flight: public procedures work throughout, and everything works within two seconds after the restart', async () => {
  const world = await openWorld({ deadline: defaultDeadlineMs });
  const crowd = await Promise.all(Array.from({ length: 20 }, (_, at) => world.signIn(`visitor-${at}`)));
  await world.signInAndOut('bob');
  const sendAll = () =>
    crowd.flatMap(({ me, increment, page, hello }) => [me(), me(), increment(), increment(), page(), hello()]);
  const wave = async () => (await Promise.all([...sendAll(), ...sendAll()])).map(({ status }) => status);
  const pending = wave();
  await vi.waitFor(() => expect(world.calls.length).toBeGreaterThan(50), { interval: 1 });
  await redis.crash();
  expect(new Set(await pending)).toEqual(new Set([200, 503]));
  await wave();
  const listStatuses = (isPublic: boolean, responses: readonly AppResponse[]) =>
    new Set(responses.filter(({ route }) => (route === 'hello') === isPublic).map(({ status }) => status));
  expect(listStatuses(true, world.responses)).toEqual(new Set([200]));
  expect(listStatuses(false, world.responses.slice(-240))).toEqual(new Set([503]));
  await redis.restart();
  const [first] = crowd;
  await vi.waitFor(async () => expect(await first?.me()).toMatchObject({ status: 200 }), {
    timeout: 2_000,
    interval: 20,
  });
  expect(new Set(await wave())).toEqual(new Set([200]));
});
