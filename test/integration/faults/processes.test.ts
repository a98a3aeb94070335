import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { commandCounts, resetCounts } from '../../_support/redis-server.ts';
import { type DurableRedis, durableRedis, whileFrozen } from './durable-redis.ts';
import { expectOutage, worldsOn } from './invariants.ts';
import type { Answer } from './visitor.ts';
import type { World } from './world.ts';

/** While Redis does not answer, one call in this time is sent to see whether it does again. */
const probeEveryMs = 250;

let redis: DurableRedis;
const open = worldsOn(() => redis.server());

beforeAll(async () => {
  redis = await durableRedis();
});

afterAll(() => redis.stop());

beforeEach(async () => {
  await redis.server().client().flushall();
});

/** Has the server learn the scripts that the test goes on to time. */
async function rehearse(world: World): Promise<void> {
  const visitor = await world.signedIn('rehearsal');
  await visitor.bump();
  await visitor.renew();
  await visitor.signOut();
}

test('F1 · Redis is down at boot: the app starts and serves what is public, and the first sign-in once Redis is up needs no restart', async () => {
  const before = await open();
  const ada = await before.signedIn('ada');
  await redis.crash();
  const world = await open();
  await expectOutage(world, world.adopt(ada));
  expect(await world.visitor('bob').signIn()).toMatchObject({ status: 503, setCookies: [] });
  const refused = world.sessions.ready();
  await expect(refused).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await expect(refused).rejects.toHaveProperty('cause.cause.message', expect.stringContaining('ECONNREFUSED'));
  await redis.restart();
});

test('F3 · Redis dies mid-request (SIGKILL between load and save): the write answers 503, and who signed in gets no cookie', async () => {
  const world = await open();
  const [ada, bob, dora] = [await world.signedIn('ada'), world.visitor('bob'), await world.signedIn('dora')];
  await world.signedOut('cleo');
  const [saving, starting] = [world.pauseAt('bump:read'), world.pauseAt('signIn:read')];
  const answers = Promise.all([ada.bump(), bob.signIn()]);
  await Promise.all([saving.reached, starting.reached]);
  await redis.crash();
  saving.release();
  starting.release();
  for (const answer of await answers) expect(answer).toMatchObject({ status: 503, setCookies: [] });
  await expectOutage(world, ada);
  // Nobody is told that they are signed out who may not be: the cookie stays, for another try.
  expect(await dora.signOut()).toMatchObject({ status: 503, setCookies: [] });
  await redis.restart();
  expect(await world.elsewhere.of('bob').list()).toEqual([]);
});

test('F4 · Redis hangs (SIGSTOP): nobody waits longer than the deadline, and while it hangs next to nothing is asked of it', async () => {
  const world = await open();
  const [ada, cleo] = [await world.signedIn('ada'), await world.signedIn('cleo')];
  await world.signedOut('bob');
  let passed = 0;
  await resetCounts(world.admin);
  await whileFrozen(redis.server(), async () => {
    await expectOutage(world, ada);
    expect(await cleo.signOut()).toMatchObject({ status: 503, setCookies: [] });
    const before = world.errors.length;
    const began = performance.now();
    const answers = await Promise.all(Array.from({ length: 200 }, ada.me));
    expect(answers.filter(({ status }) => status !== 503)).toEqual([]);
    const asked = world.errors.slice(before).filter((error) => !inspect(error).includes('it was not asked'));
    passed = 1 + (performance.now() - began) / probeEveryMs;
    expect(asked.length).toBeLessThanOrEqual(passed);
  });
  await vi.waitFor(async () => expect(await ada.me()).toMatchObject({ status: 200 }));
  expect((await commandCounts(world.admin)).hmget).toBeLessThanOrEqual(passed + 8);
});

test('F4 · Redis hangs (SIGSTOP): a sign-in and a new token that nobody was told of are undone when it thaws', async () => {
  const world = await open({ deadline: 300 });
  await rehearse(world);
  const [ada, bob] = [await world.signedIn('ada'), world.visitor('bob')];
  const renewing = world.pauseAt('renew:read');
  const renewed = ada.renew();
  await renewing.reached;
  await resetCounts(world.admin);
  await whileFrozen(redis.server(), async () => {
    renewing.release();
    expect(await bob.signIn()).toMatchObject({ status: 503, setCookies: [] });
    expect(await renewed).toMatchObject({ status: 503, setCookies: [] });
  });
  const ran = async () => expect((await commandCounts(world.admin)).evalsha).toBeGreaterThanOrEqual(4);
  await vi.waitFor(ran);
  expect(await world.elsewhere.of('bob').list()).toEqual([]);
  expect(await ada.me()).toMatchObject({ status: 200 });
});

test('F4 · Redis hangs (SIGSTOP) for so long that the connection is given up: what went unanswered is still undone', async () => {
  const world = await open({ deadline: 300 });
  await rehearse(world);
  const [ada, bob] = [await world.signedIn('ada'), world.visitor('bob')];
  const renewing = world.pauseAt('renew:read');
  const renewed = ada.renew();
  await renewing.reached;
  await whileFrozen(redis.server(), async () => {
    renewing.release();
    const answers = await Promise.all([renewed, bob.signIn(), ada.bump()]);
    for (const answer of answers) expect(answer).toMatchObject({ status: 503, setCookies: [] });
    // The connection is given up after two deadlines, and the next one as well: it cannot shake hands.
    await sleep(5 * world.deadlineMs);
  });
  await vi.waitFor(async () => expect(await ada.me()).toMatchObject({ status: 200 }), 2_000);
  expect(await world.elsewhere.of('bob').list()).toEqual([]);
});

test.each([
  ['commands in pipelines', true],
  ['commands one by one', false],
])(
  'F4 · Redis hangs (SIGSTOP), and a sign-in comes just before the connection is given up: it is still undone (%s)',
  async (_how, enableAutoPipelining) => {
    const { port } = redis.server();
    const world = await open({ deadline: 300, source: { host: '127.0.0.1', port, enableAutoPipelining } });
    await rehearse(world);
    const [ada, bob] = [await world.signedIn('ada'), world.visitor('bob')];
    await whileFrozen(redis.server(), async () => {
      expect(await ada.me()).toMatchObject({ status: 503 });
      await sleep(world.deadlineMs / 2);
      // The connection is given up before this deadline is over.
      expect(await bob.signIn()).toMatchObject({ status: 503, setCookies: [] });
      await sleep(3 * world.deadlineMs);
    });
    await vi.waitFor(async () => expect(await ada.me()).toMatchObject({ status: 200 }), 2_000);
    await vi.waitFor(async () => expect(await world.elsewhere.of('bob').list()).toEqual([]), 1_000);
  },
);

test('F4 · Redis hangs (SIGSTOP), and has forgotten the script of a sign-in: a sign-in that was given up is not sent again', async () => {
  const world = await open({ deadline: 300 });
  const [ada, bob, cleo] = [await world.signedIn('ada'), world.visitor('bob'), await world.signedIn('cleo')];
  await world.admin.script('FLUSH');
  // From here on Redis knows how to end a session, and not how to begin one.
  await cleo.signOut();
  await whileFrozen(redis.server(), async () => {
    expect(await bob.signIn()).toMatchObject({ status: 503, setCookies: [] });
  });
  const answered = async () => expect(await ada.me()).toMatchObject({ status: 200 });
  await vi.waitFor(answered, 2_000);
  await answered();
  expect(await world.elsewhere.of('bob').list()).toEqual([]);
});

test('F3 · Redis is killed with 200 requests in flight, and comes back: what is public answers throughout, and all is well in two seconds', async () => {
  const world = await open();
  const crowd = await Promise.all(Array.from({ length: 20 }, (_, at) => world.signedIn(`visitor-${at}`)));
  await world.signedOut('bob');
  const everybody = () => crowd.flatMap(({ me, bump, page, hello }) => [me(), me(), bump(), bump(), page(), hello()]);
  const wave = async () => (await Promise.all([...everybody(), ...everybody()])).map(({ status }) => status);
  const flying = wave();
  await vi.waitFor(() => expect(world.calls.length).toBeGreaterThan(50), { interval: 1 });
  await redis.crash();
  expect(new Set(await flying)).toEqual(new Set([200, 503]));
  await wave();
  const answered = (isPublic: boolean, answers: readonly Answer[]) =>
    new Set(answers.filter(({ route }) => (route === 'hello') === isPublic).map(({ status }) => status));
  expect(answered(true, world.answers)).toEqual(new Set([200]));
  expect(answered(false, world.answers.slice(-240))).toEqual(new Set([503]));
  await redis.restart();
  const [first] = crowd;
  await vi.waitFor(async () => expect(await first?.me()).toMatchObject({ status: 200 }), {
    timeout: 2_000,
    interval: 20,
  });
  expect(new Set(await wave())).toEqual(new Set([200]));
});
