import { initTRPC } from '@trpc/server';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { freePort } from '../../_support/free-port.ts';
import { type OwnedProcess, startProcess } from '../../_support/owned-process.ts';
import { type RedisServer, startRedis } from '../../_support/redis-server.ts';
import { type Bundle, bundle } from '../../_support/workers.ts';
import type { PausePoint } from './fault-app.ts';
import { keyOf, worldsOn } from './invariants.ts';
import { World } from './world.ts';

let redis: RedisServer;
let program: Bundle;
const open = worldsOn(() => redis);

beforeAll(async () => {
  [redis, program] = await Promise.all([startRedis(), bundle(new URL('./child.ts', import.meta.url))]);
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
  await child.printed('listens on', 10_000);
  return { ...child, origin: /listens on (\S+)\./.exec(child.output())?.[1] ?? '' };
}

/** How many connections the server has, but for the test's own. */
async function connections(): Promise<number> {
  const list = String(await redis.client().client('LIST'));
  return list.trim().split('\n').length - 1;
}

/** A world whose connections alone are counted: it is closed by the test, so that nothing of it can heal. */
async function openAlone(): Promise<World> {
  const world = await World.open({ redis: () => redis });
  onTestFinished(() => world.close());
  return world;
}

test('F30 · The app is killed between the write and its answer: nobody is in who was not, and whoever lost a token signs in again', async () => {
  const world = await open();
  const [bob, cleo, dora] = [await world.signedIn('bob'), await world.signedIn('cleo'), await world.signedIn('dora')];
  const points = ['signIn:written', 'renew:written', 'signOut:written', 'bump:written'] as const;
  const child = await startChild(...points);
  const dying = await World.open({ redis: () => redis, origin: child.origin });
  const acts = [dying.visitor('ada').signIn, dying.adopt(bob).renew, dying.adopt(cleo).signOut, dying.adopt(dora).bump];
  const answers = Promise.allSettled(acts.map((act) => act()));
  for (const point of points) await child.printed(`paused at ${point}`, 5_000);
  await child.kill('SIGKILL');
  expect((await answers).map(({ status }) => status)).toEqual(acts.map(() => 'rejected'));
  await dying.close();
  // The session that ada has no token of stays listed until it is idle for too long: its key has a TTL as every other.
  expect(await world.elsewhere.of('ada').list()).toHaveLength(1);
  expect(await redis.client().pttl(keyOf('ada'))).toBeGreaterThan(0);
  const ada = world.visitor('ada');
  expect(await ada.me()).toMatchObject({ status: 401, refusal: { reason: 'missing' } });
  for (const visitor of [bob, cleo]) {
    visitor.lose();
    expect(await visitor.me()).toMatchObject({ status: 401, refusal: { reason: 'expired' }, setCookies: [] });
  }
  for (const visitor of [ada, bob]) expect(await visitor.signIn()).toMatchObject({ status: 200 });
  dora.unknown++;
  expect(await dora.me()).toMatchObject({ status: 200, result: { count: 1 } });
});

test('F32 · The app is frozen, its connection dies, and it thaws: the first request succeeds', async () => {
  const child = await startChild();
  const world = await open({ origin: child.origin });
  const ada = await world.signedIn('ada');
  await world.signedOut('bob');
  await child.kill('SIGSTOP');
  await redis.client().call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  await child.kill('SIGCONT');
  const answer = await ada.me();
  expect(answer).toMatchObject({ status: 200 });
  expect(answer.overdueMs).toBe(0);
});

test('F32 · The server drops an idle connection between two requests (CLIENT KILL): the next one succeeds', async () => {
  const world = await open();
  const ada = await world.signedIn('ada');
  for (const act of [ada.me, ada.bump, ada.renew, ada.page]) {
    await redis.client().call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    expect(await act()).toMatchObject({ status: 200 });
  }
});

test('F32 · The app is told to end: after close() no connection is left, and its process exits by itself', async () => {
  const before = await connections();
  const child = await startChild();
  const world = await World.open({ redis: () => redis, origin: child.origin });
  expect(await world.visitor('ada').signIn()).toMatchObject({ status: 200 });
  expect(await connections()).toBe(before + 1);
  process.kill(child.pid, 'SIGTERM');
  await vi.waitFor(() => expect(child.hasEnded()).toBe(true), { timeout: 1_000, interval: 20 });
  expect(child.output()).toContain('closed');
  expect(await connections()).toBe(before);
  await world.close();
});

test('F32 · close() comes while Redis works on something: what was asked of it is still answered, and then no connection is left', async () => {
  const world = await openAlone();
  const visitors = await Promise.all(Array.from({ length: 10 }, (_, at) => world.signedIn(`visitor-${at}`)));
  await redis.client().client('PAUSE', '10000', 'WRITE');
  const bumps = Promise.all(visitors.map(({ bump }) => bump()));
  await vi.waitFor(async () => expect(await redis.client().info('clients')).toContain('blocked_clients:1'), {
    interval: 5,
  });
  const closed = world.sessions.close();
  await redis.client().client('UNPAUSE');
  expect((await bumps).map(({ status }) => status)).toEqual(visitors.map(() => 200));
  await closed;
  await vi.waitFor(async () => expect(await connections()).toBe(0), 1_000);
});

test('F32 · close() comes while a request has not yet written: it is answered, and leaves no connection behind', async () => {
  const world = await openAlone();
  const ada = await world.signedIn('ada');
  const saving = world.pauseAt('bump:read');
  const late = ada.bump();
  await saving.reached;
  await world.sessions.close();
  saving.release();
  expect([200, 503]).toContain((await late).status);
  await vi.waitFor(async () => expect(await connections()).toBe(0), 1_000);
});

test('F33 · The module is evaluated 200 times: one connection, and no warning', async () => {
  const warnings: Error[] = [];
  const listen = (warning: Error) => warnings.push(warning);
  process.on('warning', listen);
  onTestFinished(() => void process.off('warning', listen));
  const world = await open({ deadline: 800 });
  const cookie = (await world.signedIn('ada')).jar.header;
  const before = await connections();
  for (let edits = 0; edits < 200; edits++) {
    vi.resetModules();
    const { faultApp } = await import('./fault-app.ts');
    const { redisStore } = await import('trpc-session/stores/redis');
    const { sessions } = faultApp({ store: redisStore(redis.url, { deadline: 800 }) });
    expect(await sessions.open({ headers: { cookie } }).get()).toMatchObject({ data: { userId: 'ada' } });
  }
  expect(await connections()).toBe(before);
  expect(warnings).toEqual([]);
});

test('F34 · Two copies of the library are loaded: they share one connection, and know the errors of each other', async () => {
  const before = await connections();
  const load = async () => {
    vi.resetModules();
    const { faultApp } = await import('./fault-app.ts');
    const { redisStore } = await import('trpc-session/stores/redis');
    const [core, trpc, next] = [
      await import('trpc-session'),
      await import('trpc-session/trpc'),
      await import('trpc-session/next'),
    ];
    return { faultApp, redisStore, ...core, ...trpc, ...next };
  };
  const [one, other] = [await load(), await load()];
  expect(one.SessionError).not.toBe(other.SessionError);
  const apps = [one, other].map(({ faultApp, redisStore }) =>
    faultApp({ store: redisStore(redis.url, { deadline: 700 }) }),
  );
  for (const { sessions } of apps) await sessions.ready();
  expect(await connections()).toBe(before + 1);
  for (const { sessions } of apps) await sessions.close();

  const { sessions } = one.faultApp({
    store: one.redisStore(`redis://127.0.0.1:${await freePort()}`, { deadline: 200 }),
  });
  onTestFinished(() => sessions.close());
  const refused = await sessions.ready().catch((error: unknown) => error);
  expect(other.isSessionError(refused) && refused.code).toBe('UNAVAILABLE');
  const { requireSession } = other.createTrpcSession(sessions);
  const t = initTRPC.context<{ session: ReturnType<typeof sessions.open> }>().create();
  const caller = t.router({ me: t.procedure.use(requireSession()).query(() => 'in') }).createCaller;
  const cookie = (await (await open()).signedIn('ada')).jar.header;
  const call = caller({ session: sessions.open({ headers: { cookie } }) }).me();
  await expect(call).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  const { privateResponse } = other.createNextSession(sessions);
  expect((await privateResponse(() => Promise.reject(refused))).status).toBe(503);
});
