import { headersSink } from 'trpc-session';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { type RedisServer, startRedis } from '../../_support/redis-server.ts';
import { durableRedis } from './durable-redis.ts';
import { diary } from './fault-app.ts';
import { keyOf, worldsOn } from './invariants.ts';
import type { Visitor } from './visitor.ts';
import { World } from './world.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

let redis: RedisServer;
const open = worldsOn(() => redis);

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());

beforeEach(async () => {
  await redis.client().flushall();
});

const expired = { status: 401, refusal: { code: 'UNAUTHORIZED', reason: 'expired' }, setCookies: [] };

test('F12 · Redis evicts sessions (allkeys-lru): their users are signed out, whoever signs in again is in, and nothing breaks', async () => {
  const world = await open();
  const ada = await world.signedIn('ada');
  const used = Number(/used_memory:(\d+)/.exec(await redis.client().info('memory'))?.[1]);
  await redis.client().config('SET', 'maxmemory-policy', 'allkeys-lru', 'maxmemory', String(used + 2 ** 20));
  for (let values = 0; (await redis.client().exists(keyOf('ada'))) === 1; values++) {
    await redis.client().set(`neighbour:${values}`, Buffer.alloc(10_000));
  }
  ada.lose();
  for (const act of [ada.me, ada.bump, ada.renew]) expect(await act()).toMatchObject(expired);
  await redis.client().flushall();
  await redis.client().config('SET', 'maxmemory-policy', 'noeviction', 'maxmemory', '0');
  expect(await ada.signIn()).toMatchObject({ status: 200 });
});

test('F27 · All data is lost (FLUSHALL): everybody is signed out, and no request under way brings a session back', async () => {
  const world = await open();
  const [ada, bob] = [await world.signedIn('ada'), await world.signedIn('bob')];
  const [saving, renewing] = [world.pauseAt('bump:read'), world.pauseAt('renew:read')];
  const late = Promise.all([ada.bump(), bob.renew()]);
  await Promise.all([saving.reached, renewing.reached]);
  await redis.client().flushall();
  for (const visitor of [ada, bob]) visitor.lose();
  saving.release();
  renewing.release();
  for (const answer of await late) expect(answer).toMatchObject(expired);
  for (const act of [ada.me, ada.bump, bob.me, bob.renew]) expect(await act()).toMatchObject(expired);
  expect(await redis.client().dbsize()).toBe(0);
  expect(world.events.filter(({ type }) => type === 'unavailable')).toEqual([]);
});

test('F28 · An older dump is restored: who signed out since is signed in again, up to the absolute deadline, and a new prefix signs everybody out', async () => {
  const restored = await durableRedis({ snapshots: true });
  onTestFinished(() => restored.stop());
  const before = await World.open({ redis: restored.server });
  const [ada, bob] = [await before.signedIn('ada'), await before.signedIn('bob')];
  await restored.server().client().save();
  await bob.signOut();
  await before.close();
  await restored.crash();
  await restored.restart();
  // The visitors' browsers, with the cookies of then.
  const cookies = [ada.jar.header, bob.ended[0]];
  const whoComesTo = async (world: World) =>
    Promise.all(cookies.map(async (cookie) => (await world.stranger(cookie).me()).status));
  const after = await World.open({ redis: restored.server });
  expect(await whoComesTo(after)).toEqual([200, 200]);
  await after.close();
  const later = await World.open({ redis: restored.server, now: () => Date.now() + 7 * dayMs });
  expect(await whoComesTo(later)).toEqual([401, 401]);
  await later.close();
  const renamed = await open({ redis: restored.server, prefix: 'session-2:' });
  expect(await whoComesTo(renamed)).toEqual([401, 401]);
  expect(await renamed.visitor('ada').signIn()).toMatchObject({ status: 200 });
});

test("F29 · The app's clock jumps forward by an hour: who counts as idle is asked to sign in, nothing is deleted, and the right time lets them in again", async () => {
  let aheadMs = 0;
  const world = await open({ idle: '30m', now: () => Date.now() + aheadMs });
  const ada = await world.signedIn('ada');
  const held = await redis.client().hgetall(keyOf('ada'));
  aheadMs = hourMs;
  ada.mayBeGone = true;
  for (const act of [ada.me, ada.bump, ada.page]) expect(await act()).toMatchObject({ status: 401, setCookies: [] });
  expect(await world.sessions.of('ada').list()).toHaveLength(1);
  expect(await redis.client().hgetall(keyOf('ada'))).toEqual(held);
  aheadMs = 0;
  ada.mayBeGone = false;
  expect(await ada.me()).toMatchObject({ status: 200 });
});

/** Keeps the key of a subject alive beyond the sessions that the test looks at. */
async function signInForLonger({ sessions }: World, userId: string): Promise<void> {
  const elsewhere = sessions.open(
    { headers: { 'sec-fetch-site': 'same-origin' }, method: 'POST' },
    headersSink(new Headers()),
  );
  await elsewhere.start({ userId, count: 0, diary }, { idle: '1h', absolute: '1h' });
}

test.each([
  ['alone', async () => {}],
  ['beside a longer one of the same user', signInForLonger],
])(
  "F29 · The app's clock jumps back by an hour: a session ends at its absolute deadline all the same (%s)",
  async (_where, meanwhile) => {
    let aheadMs = 0;
    const world = await open({ idle: '1s', absolute: '1s', now: () => Date.now() + aheadMs });
    const ada = await world.signedIn('ada');
    await meanwhile(world, 'ada');
    aheadMs = -hourMs;
    expect(await ada.me()).toMatchObject({ status: 200 });
    ada.mayBeGone = true;
    await vi.waitFor(async () => expect(await ada.me()).toMatchObject(expired), { timeout: 1_500, interval: 20 });
    ada.lose();
    aheadMs = 0;
  },
);

test('F29 · The clocks of two app servers are two hours apart: what one begins the other serves, and what one ends is over', async () => {
  const ahead = await open({ now: () => Date.now() + hourMs });
  const behind = await open({ now: () => Date.now() - hourMs });
  for (const [here, there] of [[ahead, behind] as const, [behind, ahead] as const]) {
    const ada: Visitor = await here.signedIn('ada');
    const same = there.adopt(ada);
    expect(await same.me()).toMatchObject({ status: 200 });
    expect(await same.bump()).toMatchObject({ status: 200, result: { count: 1 } });
    expect(await ada.bump()).toMatchObject({ status: 200, result: { count: 2 } });
    expect(await same.signOut()).toMatchObject({ status: 200 });
    ada.lose();
    expect(await ada.me()).toMatchObject(expired);
  }
});
