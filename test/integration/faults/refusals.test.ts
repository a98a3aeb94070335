import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type RedisServer, startRedis } from '../../_support/redis-server.ts';
import { expectOutage, keyOf, worldsOn } from './invariants.ts';
import type { World } from './world.ts';

const password = 'a-password-of-redis-itself';
const nextPassword = 'and-the-one-that-comes-after-it';

let redis: RedisServer;
const open = worldsOn(() => redis);

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());

beforeEach(async () => {
  await redis.client().flushall();
  await acl('reset', 'on', `>${password}`, '~*', '+@all');
});

/** Changes what the app's user may do. */
async function acl(...rules: readonly string[]): Promise<void> {
  await redis.client().call('ACL', 'SETUSER', 'app', ...rules);
}

/** An app that is a user of Redis of its own. */
function openAsUser(): Promise<World> {
  const source = `redis://app:${password}@127.0.0.1:${redis.port}`;
  return open({ source, deadline: 300, passwords: [password, nextPassword] });
}

async function killConnections(): Promise<void> {
  await redis.client().call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
}

async function connectionsDuring(work: () => Promise<unknown>): Promise<number> {
  const received = async () => Number(/total_connections_received:(\d+)/.exec(await redis.client().info('stats'))?.[1]);
  const before = await received();
  await work();
  return (await received()) - before;
}

test('F23 · The password is rotated while the app runs (WRONGPASS): 503, tries to connect stay few, and the password is told to nobody', async () => {
  const printed = (['log', 'warn', 'error'] as const).map((name) => vi.spyOn(console, name));
  const world = await openAsUser();
  const ada = await world.signedIn('ada');
  await world.signedOut('bob');
  await acl('resetpass', `>${nextPassword}`);
  await killConnections();
  await expectOutage(world, ada);
  const refused = world.sessions.ready();
  await expect(refused).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(inspect(await refused.catch((error: unknown) => error))).toContain('WRONGPASS');
  const tries = await connectionsDuring(() => {
    const askedLater = (ms: number) => sleep(ms).then(ada.me);
    return Promise.all(Array.from({ length: 20 }, (_, at) => askedLater(at * 50)));
  });
  expect(tries).toBeLessThan(8);
  await acl(`>${password}`);
  expect(
    inspect(
      printed.map(({ mock }) => mock.calls),
      { depth: 9 },
    ),
  ).not.toContain(password);
});

test('F23 · Redis asks for a password that the app does not have (NOAUTH): 503, and the cause of the event says so', async () => {
  const world = await open({ deadline: 300, passwords: [password] });
  const ada = await world.signedIn('ada');
  await redis.client().config('SET', 'requirepass', password);
  await killConnections();
  await expectOutage(world, ada);
  expect(inspect(await world.sessions.ready().catch((error: unknown) => error))).toContain('NOAUTH');
  await redis.client().config('SET', 'requirepass', '');
});

test.each([
  ['hset', /^HSET: /],
  ['pexpire', /^PEXPIRE: /],
  ['hgetall', /^HGETALL: /],
  ['evalsha', /NOPERM .*'evalsha'/],
])(
  'F23 · Redis forbids one command of a write while the app runs (NOPERM %s): writes answer 503, reads go on, and ready() names it',
  async (command, named) => {
    const world = await openAsUser();
    const [ada, bob] = [await world.signedIn('ada'), world.visitor('bob')];
    await acl(`-${command}`);
    expect(await bob.signIn()).toMatchObject({ status: 503, refusal: { reason: 'unavailable' }, setCookies: [] });
    expect(await ada.renew()).toMatchObject({ status: 503, setCookies: [] });
    expect(await ada.me()).toMatchObject({ status: 200 });
    const refused = world.sessions.ready();
    await expect(refused).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(refused).rejects.toHaveProperty('cause.message', expect.stringMatching(named));
    await acl(`+${command}`);
  },
);

test('F23 · Redis forbids reading while the app runs (NOPERM hmget): 503, and ready() names it', async () => {
  const world = await openAsUser();
  const ada = await world.signedIn('ada');
  await acl('-hmget');
  await expectOutage(world, ada);
  await expect(world.sessions.ready()).rejects.toHaveProperty('cause.message', expect.stringMatching(/^HMGET: /));
  await acl('+hmget');
});

test("E84 · Somebody else's value lies where a session was (WRONGTYPE): that user is nobody, nothing overwrites it, and others notice nothing", async () => {
  const world = await open();
  const [ada, bob] = [await world.signedIn('ada'), await world.signedIn('bob')];
  await redis.client().del(keyOf('ada'));
  await redis.client().set(keyOf('ada'), 'a foreign value', 'EX', 1_000);
  ada.lose();
  expect(await ada.me()).toMatchObject({ status: 401, refusal: { reason: 'expired' }, setCookies: [] });
  expect(world.events).toContainEqual({ type: 'unreadable', why: 'corrupt' });
  for (const act of [ada.signIn, ada.signOut]) expect(await act()).toMatchObject({ status: 503, setCookies: [] });
  await expect(world.sessions.of('ada').revokeAll()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(await redis.client().get(keyOf('ada'))).toBe('a foreign value');
  expect(await bob.bump()).toMatchObject({ status: 200 });
  await redis.client().del(keyOf('ada'));
});
