import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { type RedisServer, startRedis } from '../../_support/redis-server.ts';
import { durableRedis } from './durable-redis.ts';
import { keyOf, worldsOn } from './invariants.ts';
import { World } from './world.ts';

const dayMs = 24 * 3_600_000;

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
