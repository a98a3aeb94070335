// Slow: it starts Redis servers, and restarts one from a backup.
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { type RedisServer, startRedis } from '../../_support/redis-server.ts';
import { countUsersWithSessions } from '../../_support/stored-sessions.ts';
import { startDurableRedis } from './durable-redis.ts';
import { createWorldOpener, toKey } from './invariants.ts';
import { World } from './world.ts';

const dayMs = 24 * 3_600_000;

let redis: RedisServer;
const openWorld = createWorldOpener(() => redis);

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());

beforeEach(async () => {
  await redis.client().flushall();
});

const expired = { status: 401, refusal: { code: 'UNAUTHORIZED', reason: 'expired' }, setCookies: [] };

test('F12 · Redis evicts sessions (allkeys-lru): their users are signed out, and can sign in again', async () => {
  const world = await openWorld();
  const ada = await world.signIn('ada');
  const used = Number(/used_memory:(\d+)/.exec(await redis.client().info('memory'))?.[1]);
  await redis.client().config('SET', 'maxmemory-policy', 'allkeys-lru', 'maxmemory', String(used + 2 ** 20));
  for (let values = 0; (await redis.client().exists(toKey('ada'))) === 1; values++) {
    await redis.client().set(`neighbour:${values}`, Buffer.alloc(10_000));
  }
  ada.markSignedOut();
  for (const act of [ada.me, ada.increment, ada.regenerate]) expect(await act()).toMatchObject(expired);
  await redis.client().flushall();
  await redis.client().config('SET', 'maxmemory-policy', 'noeviction', 'maxmemory', '0');
  expect(await ada.signIn()).toMatchObject({ status: 200 });
});

test('F27 · Redis loses all data (FLUSHALL): every user is signed out, and pending requests bring no session back', async () => {
  const world = await openWorld();
  const [ada, bob] = [await world.signIn('ada'), await world.signIn('bob')];
  const [updating, regenerating] = [world.pauseAt('increment:read'), world.pauseAt('regenerate:read')];
  const late = Promise.all([ada.increment(), bob.regenerate()]);
  await Promise.all([updating.reached, regenerating.reached]);
  await redis.client().flushall();
  for (const visitor of [ada, bob]) visitor.markSignedOut();
  updating.release();
  regenerating.release();
  for (const response of await late) expect(response).toMatchObject(expired);
  for (const act of [ada.me, ada.increment, bob.me, bob.regenerate]) expect(await act()).toMatchObject(expired);
  expect(await countUsersWithSessions(redis.client())).toBe(0);
  expect(world.events.filter(({ type }) => type === 'unavailable')).toEqual([]);
});

test('F28 · An older backup is restored: ended sessions are valid again up to their absolute deadline, and a new prefix signs out every user', async () => {
  const restored = await startDurableRedis({ snapshots: true });
  onTestFinished(() => restored.stop());
  const before = await World.open({ redis: restored.server });
  const [ada, bob] = [await before.signIn('ada'), await before.signIn('bob')];
  await restored.server().client().save();
  await bob.signOut();
  await before.close();
  await restored.crash();
  await restored.restart();
  // Ada is signed in. Bob signed out after the backup.
  const cookies = [ada.jar.header, bob.endedCookies[0]];
  const readStatuses = async (world: World) =>
    Promise.all(cookies.map(async (cookie) => (await world.createUntrackedVisitor(cookie).me()).status));
  const after = await World.open({ redis: restored.server });
  expect(await readStatuses(after)).toEqual([200, 200]);
  await after.close();
  const later = await World.open({ redis: restored.server, now: () => Date.now() + 7 * dayMs });
  expect(await readStatuses(later)).toEqual([401, 401]);
  await later.close();
  const renamed = await openWorld({ redis: restored.server, prefix: 'session-2:' });
  expect(await readStatuses(renamed)).toEqual([401, 401]);
  expect(await renamed.addVisitor('ada').signIn()).toMatchObject({ status: 200 });
});
