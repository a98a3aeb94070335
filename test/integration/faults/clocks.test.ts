import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type RedisServer, startRedis } from '../../_support/redis-server.ts';
import { keyOf, worldsOn } from './invariants.ts';
import type { Visitor } from './visitor.ts';

const hourMs = 3_600_000;

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

test("F29 · The app's clock jumps forward by an hour: nothing is deleted, no cookie is cleared, and the right time finds everybody signed in", async () => {
  let aheadMs = 0;
  const world = await open({ idle: '30m', now: () => Date.now() + aheadMs });
  const ada = await world.signedIn('ada');
  const held = Object.keys(await redis.client().hgetall(keyOf('ada')));
  aheadMs = hourMs;
  // Whoever looks idle by this clock may be taken for nobody as long as it is wrong.
  ada.mayBeGone = true;
  for (const act of [ada.me, ada.bump, ada.page]) expect(await act()).toMatchObject({ setCookies: [] });
  expect(await world.sessions.of('ada').list()).toHaveLength(1);
  expect(Object.keys(await redis.client().hgetall(keyOf('ada')))).toEqual(held);
  aheadMs = 0;
  ada.mayBeGone = false;
  expect(await ada.me()).toMatchObject({ status: 200 });
});

test("F29 · The app's clock jumps back by an hour: a session ends at its absolute deadline all the same", async () => {
  let aheadMs = 0;
  const world = await open({ idle: '1s', absolute: '1s', now: () => Date.now() + aheadMs });
  const ada = await world.signedIn('ada');
  aheadMs = -hourMs;
  expect(await ada.me()).toMatchObject({ status: 200 });
  ada.mayBeGone = true;
  await vi.waitFor(async () => expect(await ada.me()).toMatchObject(expired), { timeout: 1_500, interval: 20 });
  ada.lose();
  aheadMs = 0;
});

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
