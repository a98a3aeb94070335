import { createHeadersSink } from 'trpc-session';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type RedisServer, startRedis } from '../../_support/redis-server.ts';
import { diary } from './fault-app.ts';
import { keyOf, worldsOn } from './invariants.ts';
import type { Visitor } from './visitor.ts';
import type { World } from './world.ts';

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
    createHeadersSink(new Headers()),
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
