// Slow: most tests start the app in a process of its own, and one evaluates the library 200 times.
import { initTRPC } from '@trpc/server';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { findFreePort } from '../../_support/free-port.ts';
import { type OwnedProcess, startProcess } from '../../_support/owned-process.ts';
import { type RedisServer, startRedis } from '../../_support/redis-server.ts';
import { type Bundle, bundleModule } from '../../_support/workers.ts';
import type { PausePoint } from './fault-app.ts';
import { createWorldOpener, toKey } from './invariants.ts';
import { World } from './world.ts';

let redis: RedisServer;
let program: Bundle;
const openWorld = createWorldOpener(() => redis);

beforeAll(async () => {
  [redis, program] = await Promise.all([startRedis(), bundleModule(new URL('./child.ts', import.meta.url))]);
});

afterAll(() => Promise.all([redis.stop(), program.remove()]));

beforeEach(async () => {
  await redis.client().flushall();
});

/** The app in a process of its own. */
async function startChild(...pauses: readonly PausePoint[]): Promise<OwnedProcess & { readonly origin: string }> {
  const env = { ...process.env, REDIS_URL: redis.url, PAUSE_AT: pauses.join() };
  const child = await startProcess(process.execPath, [program.file], { env });
  onTestFinished(() => child.kill('SIGKILL'));
  await child.waitForOutput('listens on', 10_000);
  return { ...child, origin: /listens on (\S+)\./.exec(child.output())?.[1] ?? '' };
}

/** The number of connections to the server, without the test's own. */
async function countConnections(): Promise<number> {
  const list = String(await redis.client().client('LIST'));
  return list.trim().split('\n').length - 1;
}

/**
 * A world without the check of the invariants, which would need an open connection. The store closes only a client that
 * it has created itself.
 */
async function openWorldToClose(): Promise<World> {
  const world = await World.open({ redis: () => redis, client: 'URL' });
  onTestFinished(() => world.close());
  return world;
}

test('F30 · The app is killed between a write and its response: no user is signed in by mistake, and a user whose token was lost signs in again', async () => {
  const world = await openWorld();
  const [bob, cleo, dora] = [await world.signIn('bob'), await world.signIn('cleo'), await world.signIn('dora')];
  const points = ['signIn:written', 'regenerate:written', 'signOut:written', 'increment:written'] as const;
  const child = await startChild(...points);
  const dying = await World.open({ redis: () => redis, origin: child.origin });
  const requests = [
    dying.addVisitor('ada').signIn,
    dying.adopt(bob).regenerate,
    dying.adopt(cleo).signOut,
    dying.adopt(dora).increment,
  ];
  const responses = Promise.allSettled(requests.map((send) => send()));
  for (const point of points) await child.waitForOutput(`paused at ${point}`, 5_000);
  await child.kill('SIGKILL');
  expect((await responses).map(({ status }) => status)).toEqual(requests.map(() => 'rejected'));
  await dying.close();
  // The session whose token ada never received stays listed until its idle timeout. Its key has a TTL like every other.
  expect(await world.otherProcess.of('ada').list()).toHaveLength(1);
  expect(await redis.client().pttl(toKey('ada'))).toBeGreaterThan(0);
  const ada = world.addVisitor('ada');
  expect(await ada.me()).toMatchObject({ status: 401, refusal: { reason: 'missing' } });
  for (const visitor of [bob, cleo]) {
    visitor.markSignedOut();
    expect(await visitor.me()).toMatchObject({ status: 401, refusal: { reason: 'expired' }, setCookies: [] });
  }
  for (const visitor of [ada, bob]) expect(await visitor.signIn()).toMatchObject({ status: 200 });
  dora.unacknowledged++;
  expect(await dora.me()).toMatchObject({ status: 200, result: { count: 1 } });
});

test('F32 · The app is suspended while its connection dies: the first request afterwards succeeds', async () => {
  const child = await startChild();
  const world = await openWorld({ origin: child.origin, deadline: 1_000 });
  const ada = await world.signIn('ada');
  await world.signInAndOut('bob');
  await child.kill('SIGSTOP');
  await redis.client().call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  await child.kill('SIGCONT');
  const response = await ada.me();
  expect(response).toMatchObject({ status: 200 });
  expect(response.overdueMs).toBe(0);
});

test('F32 · Redis closes an idle connection between two requests (CLIENT KILL): the next request succeeds', async () => {
  const world = await openWorld();
  const ada = await world.signIn('ada');
  for (const act of [ada.me, ada.increment, ada.regenerate, ada.page]) {
    await redis.client().call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    expect(await act()).toMatchObject({ status: 200 });
  }
});

test('F32 · The app receives SIGTERM: after close() no connection remains, and the process exits by itself', async () => {
  const before = await countConnections();
  const child = await startChild();
  const world = await World.open({ redis: () => redis, origin: child.origin });
  expect(await world.addVisitor('ada').signIn()).toMatchObject({ status: 200 });
  expect(await countConnections()).toBe(before + 1);
  process.kill(child.pid, 'SIGTERM');
  await vi.waitFor(() => expect(child.hasEnded()).toBe(true), { timeout: 10_000, interval: 20 });
  expect(child.output()).toContain('closed');
  expect(await countConnections()).toBe(before);
  await world.close();
});

test('F32 · close() is called during pending requests: they succeed, and then no connection remains', async () => {
  const world = await openWorldToClose();
  const visitors = await Promise.all(Array.from({ length: 10 }, (_, at) => world.signIn(`visitor-${at}`)));
  await redis.client().client('PAUSE', '10000', 'WRITE');
  const increments = Promise.all(visitors.map(({ increment }) => increment()));
  await vi.waitFor(async () => expect(await redis.client().info('clients')).toContain('blocked_clients:1'), {
    timeout: 10_000,
    interval: 5,
  });
  const closed = world.sessions.close();
  await redis.client().client('UNPAUSE');
  expect((await increments).map(({ status }) => status)).toEqual(visitors.map(() => 200));
  await closed;
  await vi.waitFor(async () => expect(await countConnections()).toBe(0), 10_000);
});

test('F32 · close() is called before a request has written: the request gets a response, and no connection remains', async () => {
  const world = await openWorldToClose();
  const ada = await world.signIn('ada');
  const updating = world.pauseAt('increment:read');
  const late = ada.increment();
  await updating.reached;
  await world.sessions.close();
  updating.release();
  expect([200, 503]).toContain((await late).status);
  await vi.waitFor(async () => expect(await countConnections()).toBe(0), 10_000);
});

test('F33 · The module is evaluated 200 times: there is one connection and no warning', async () => {
  const warnings: Error[] = [];
  const listen = (warning: Error) => warnings.push(warning);
  process.on('warning', listen);
  onTestFinished(() => void process.off('warning', listen));
  const world = await openWorld({ client: 'URL', deadline: 8_000 });
  const cookie = (await world.signIn('ada')).jar.header;
  const before = await countConnections();
  for (let edits = 0; edits < 200; edits++) {
    vi.resetModules();
    const { createFaultApp } = await import('./fault-app.ts');
    const { redisStore } = await import('trpc-session/stores/redis');
    const { sessions } = createFaultApp({ store: redisStore(redis.url, { deadline: 8_000 }) });
    expect(await sessions.open({ headers: { cookie } }).get()).toMatchObject({ data: { userId: 'ada' } });
  }
  expect(await countConnections()).toBe(before);
  expect(warnings).toEqual([]);
}, 60_000);

test("F34 · Two copies of the library are loaded: they share one connection and recognize each other's errors", async () => {
  const before = await countConnections();
  const load = async () => {
    vi.resetModules();
    const { createFaultApp } = await import('./fault-app.ts');
    const { redisStore } = await import('trpc-session/stores/redis');
    const [core, trpc, next] = [
      await import('trpc-session'),
      await import('trpc-session/trpc'),
      await import('trpc-session/next'),
    ];
    return { createFaultApp, redisStore, ...core, ...trpc, ...next };
  };
  const [one, other] = [await load(), await load()];
  expect(one.SessionError).not.toBe(other.SessionError);
  const apps = [one, other].map(({ createFaultApp, redisStore }) =>
    createFaultApp({ store: redisStore(redis.url, { deadline: 7_000 }) }),
  );
  for (const { sessions } of apps) await sessions.ready();
  expect(await countConnections()).toBe(before + 1);
  for (const { sessions } of apps) await sessions.close();

  const { sessions } = one.createFaultApp({
    store: one.redisStore(`redis://127.0.0.1:${await findFreePort()}`, { deadline: 200 }),
  });
  onTestFinished(() => sessions.close());
  const refused = await sessions.ready().catch((error: unknown) => error);
  expect(other.isSessionError(refused) && refused.code).toBe('UNAVAILABLE');
  const { requireSession } = other.createTrpcSession(sessions);
  const t = initTRPC.context<{ session: ReturnType<typeof sessions.open> }>().create();
  const caller = t.router({ me: t.procedure.use(requireSession()).query(() => 'in') }).createCaller;
  const cookie = (await (await openWorld()).signIn('ada')).jar.header;
  const call = caller({ session: sessions.open({ headers: { cookie } }) }).me();
  await expect(call).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  const { privateResponse } = other.createNextSession(sessions);
  expect((await privateResponse(() => Promise.reject(refused))).status).toBe(503);
});
