// Slow: it starts a Redis server, and the tests wait until a session of two seconds has ended.
import { createHeadersSink } from 'trpc-session';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type RedisServer, startRedis } from '../../_support/redis-server.ts';
import { diary } from './fault-app.ts';
import { createWorldOpener, toKey } from './invariants.ts';
import type { Visitor } from './visitor.ts';
import type { World } from './world.ts';

const hourMs = 3_600_000;

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

test("F29 · The app's clock jumps forward by an hour: idle sessions are refused but kept, and valid again once the clock is right", async () => {
  let aheadMs = 0;
  const world = await openWorld({ idle: '30m', now: () => Date.now() + aheadMs });
  const ada = await world.signIn('ada');
  const before = await redis.client().hgetall(toKey('ada'));
  aheadMs = hourMs;
  ada.mayBeSignedOut = true;
  for (const act of [ada.me, ada.increment, ada.page])
    expect(await act()).toMatchObject({ status: 401, setCookies: [] });
  expect(await world.sessions.of('ada').list()).toHaveLength(1);
  expect(await redis.client().hgetall(toKey('ada'))).toEqual(before);
  aheadMs = 0;
  ada.mayBeSignedOut = false;
  expect(await ada.me()).toMatchObject({ status: 200 });
});

/** Starts a second session that lasts longer, so that the user's key remains in Redis when the first session ends. */
async function startLongerSession({ sessions }: World, userId: string): Promise<void> {
  const session = sessions.open(
    { headers: { 'sec-fetch-site': 'same-origin' }, method: 'POST' },
    createHeadersSink(new Headers()),
  );
  await session.start({ userId, count: 0, diary }, { idle: '1h', absolute: '1h' });
}

test.each([
  ['alone', async () => {}],
  ['beside a longer one of the same user', startLongerSession],
])(
  "F29 · The app's clock jumps back by an hour: a session still ends at its absolute deadline (%s)",
  async (_case, startOther) => {
    let aheadMs = 0;
    const world = await openWorld({ idle: '2s', absolute: '2s', now: () => Date.now() + aheadMs });
    const ada = await world.signIn('ada');
    await startOther(world, 'ada');
    aheadMs = -hourMs;
    expect(await ada.me()).toMatchObject({ status: 200 });
    ada.mayBeSignedOut = true;
    await vi.waitFor(async () => expect(await ada.me()).toMatchObject(expired), { timeout: 3_000, interval: 20 });
    ada.markSignedOut();
    aheadMs = 0;
  },
);

test('F29 · The clocks of two app servers are two hours apart: each serves sessions of the other, and sees when the other ends one', async () => {
  const ahead = await openWorld({ now: () => Date.now() + hourMs });
  const behind = await openWorld({ now: () => Date.now() - hourMs });
  for (const [here, there] of [[ahead, behind] as const, [behind, ahead] as const]) {
    const ada: Visitor = await here.signIn('ada');
    const same = there.adopt(ada);
    expect(await same.me()).toMatchObject({ status: 200 });
    expect(await same.increment()).toMatchObject({ status: 200, result: { count: 1 } });
    expect(await ada.increment()).toMatchObject({ status: 200, result: { count: 2 } });
    expect(await same.signOut()).toMatchObject({ status: 200 });
    ada.markSignedOut();
    expect(await ada.me()).toMatchObject(expired);
  }
});
