// Slow: it starts a Redis server, and waits for outages of several deadlines.
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type RedisServer, startRedis } from '../../_support/redis-server.ts';
import { createWorldOpener, expectOutage, toKey } from './invariants.ts';
import type { World } from './world.ts';

const password = 'a-password-of-redis-itself';
const nextPassword = 'and-the-one-that-comes-after-it';

let redis: RedisServer;
const openWorld = createWorldOpener(() => redis);

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());

beforeEach(async () => {
  await redis.client().flushall();
  await setUser('reset', 'on', `>${password}`, '~*', '+@all');
});

/** Changes the permissions of the app's Redis user. */
async function setUser(...rules: readonly string[]): Promise<void> {
  await redis.client().call('ACL', 'SETUSER', 'app', ...rules);
}

/** An app that connects as its own Redis user. */
function openAsUser(options: { readonly deadline?: number } = {}): Promise<World> {
  const source = `redis://app:${password}@127.0.0.1:${redis.port}`;
  return openWorld({ source, passwords: [password, nextPassword], ...options });
}

async function killConnections(): Promise<void> {
  await redis.client().call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
}

/** How many connections Redis received per second during the work, which takes a second or longer. */
async function countConnectionsPerSecond(work: () => Promise<unknown>): Promise<number> {
  const received = async () => Number(/total_connections_received:(\d+)/.exec(await redis.client().info('stats'))?.[1]);
  const before = await received();
  const startedAt = performance.now();
  await work();
  const seconds = (performance.now() - startedAt) / 1_000;
  return ((await received()) - before) / Math.max(1, seconds);
}

test('F23 · The password changes while the app runs (WRONGPASS): 503, few connection attempts, and no password in the log', async () => {
  const printed = (['log', 'warn', 'error'] as const).map((name) => vi.spyOn(console, name));
  const world = await openAsUser({ deadline: 300 });
  const ada = await world.signIn('ada');
  await world.signInAndOut('bob');
  await setUser('resetpass', `>${nextPassword}`);
  await killConnections();
  await expectOutage(world, ada);
  const refused = world.sessions.ready();
  await expect(refused).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(inspect(await refused.catch((error: unknown) => error))).toContain('WRONGPASS');
  const attempts = await countConnectionsPerSecond(() => {
    const requestAfter = (ms: number) => sleep(ms).then(ada.me);
    return Promise.all(Array.from({ length: 20 }, (_, at) => requestAfter(at * 50)));
  });
  expect(attempts).toBeLessThan(8);
  await setUser(`>${password}`);
  expect(
    inspect(
      printed.map(({ mock }) => mock.calls),
      { depth: 9 },
    ),
  ).not.toContain(password);
});

test('F23 · Redis starts to require a password (NOAUTH): 503, and the error names the reason', async () => {
  const world = await openWorld({ deadline: 300, passwords: [password] });
  const ada = await world.signIn('ada');
  await redis.client().config('SET', 'requirepass', password);
  await killConnections();
  await expectOutage(world, ada);
  expect(inspect(await world.sessions.ready().catch((error: unknown) => error))).toContain('NOAUTH');
  await redis.client().config('SET', 'requirepass', '');
});

test.each([
  ['hset', /^HSET: /, 503],
  ['hget', /^HGET: /, 503],
  // A regeneration does not extend the life of the key.
  ['pexpire', /^PEXPIRE: /, 200],
  ['evalsha', /NOPERM .*'evalsha'/, 503],
])(
  'F23 · Redis denies a command of a write (NOPERM %s): writes fail with 503, reading works, and ready() names the command',
  async (command, named, regenerateStatus) => {
    const world = await openAsUser();
    const [ada, bob] = [await world.signIn('ada'), world.addVisitor('bob')];
    await setUser(`-${command}`);
    expect(await bob.signIn()).toMatchObject({ status: 503, refusal: { reason: 'unavailable' }, setCookies: [] });
    expect(await ada.regenerate()).toMatchObject({ status: regenerateStatus });
    expect(await ada.me()).toMatchObject({ status: 200 });
    const refused = world.sessions.ready();
    await expect(refused).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(refused).rejects.toHaveProperty('cause.message', expect.stringMatching(named));
    await setUser(`+${command}`);
  },
);

test('F23 · Redis denies reading (NOPERM hmget): 503, and ready() names the command', async () => {
  const world = await openAsUser({ deadline: 1_000 });
  const ada = await world.signIn('ada');
  await setUser('-hmget');
  await expectOutage(world, ada);
  await expect(world.sessions.ready()).rejects.toHaveProperty('cause.message', expect.stringMatching(/^HMGET: /));
  await setUser('+hmget');
});

test("F37 · Another program has overwritten a user's key (WRONGTYPE): that user is signed out, the value is left alone, and other users notice nothing", async () => {
  const world = await openWorld();
  const [ada, bob] = [await world.signIn('ada'), await world.signIn('bob')];
  await redis.client().del(toKey('ada'));
  await redis.client().set(toKey('ada'), 'a value of another program', 'EX', 1_000);
  ada.markSignedOut();
  expect(await ada.me()).toMatchObject({ status: 401, refusal: { reason: 'expired' }, setCookies: [] });
  expect(world.events).toContainEqual({ type: 'unreadable', why: 'corrupt' });
  for (const act of [ada.signIn, ada.signOut]) expect(await act()).toMatchObject({ status: 503, setCookies: [] });
  await expect(world.sessions.of('ada').revokeAll()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(await redis.client().get(toKey('ada'))).toBe('a value of another program');
  expect(await bob.increment()).toMatchObject({ status: 200 });
  await redis.client().del(toKey('ada'));
});
