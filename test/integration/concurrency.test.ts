// Slow: it starts a Redis server, and runs eight processes against it.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../_support/redis-server.ts';
import { countUsersWithSessions } from '../_support/stored-sessions.ts';
import { runInProcesses } from '../_support/workers.ts';
import { type App, createBearerApp, createPatientStore, increment, isSignedIn, signIn, withToken } from './app.ts';
import { findViolations, type Operation } from './history.ts';
import type { MarksTask } from './marks-worker.ts';
import { createRedisPool, readOutcome } from './workload.ts';
import type { WorkloadTask } from './workload-worker.ts';

let redis: RedisServer;
let app: App;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(async () => {
  await redis.stop();
});

beforeEach(async () => {
  await redis.client().flushall();
  app = createBearerApp({ store: createPatientStore(redis.url) });
});

afterEach(async () => {
  await app.close();
});

const times = <Value>(count: number, make: (at: number) => Value): Value[] =>
  Array.from({ length: count }, (_, at) => make(at));
const listIds = async (subject: string) => (await app.of(subject).list()).map(({ id }) => id).sort();

describe('parallel sign-ins of one subject', () => {
  test('create one session each, and all are valid', async () => {
    const issued = await Promise.all(times(50, () => signIn(app, 'ada')));
    expect(await listIds('ada')).toEqual(issued.map(({ id }) => id).sort());
    expect(await Promise.all(issued.map(({ token }) => isSignedIn(app, token)))).toEqual(times(50, () => true));
  });

  test('leave exactly as many sessions as the limit if it evicts, and exactly those are listed', async () => {
    const limited = createBearerApp({ store: createPatientStore(redis.url), limit: { max: 7, whenFull: 'evict' } });
    const issued = await Promise.all(times(50, () => signIn(limited, 'ada')));
    const alive = await Promise.all(issued.map(({ token }) => isSignedIn(app, token)));
    expect(await listIds('ada')).toHaveLength(7);
    expect(await listIds('ada')).toEqual(
      issued
        .filter((_, at) => alive[at])
        .map(({ id }) => id)
        .sort(),
    );
  });

  test('succeed exactly as often as the limit allows if it refuses', async () => {
    const limited = createBearerApp({ store: createPatientStore(redis.url), limit: { max: 7, whenFull: 'refuse' } });
    const results = await Promise.allSettled(times(50, () => signIn(limited, 'ada')));
    const issued = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
    expect(refused).toEqual(times(43, () => 'LIMIT_REACHED'));
    expect(await listIds('ada')).toEqual(issued.map(({ id }) => id).sort());
  });

  test('that replace the same session end it, and leave one key', async () => {
    const { token } = await signIn(app, 'ada');
    const start = () => withToken(app, token).start({ userId: 'ada', count: 0, marks: {} });
    await Promise.all(times(10, start));
    expect(await isSignedIn(app, token)).toBe(false);
    expect(await listIds('ada')).toHaveLength(10);
    expect(await countUsersWithSessions(redis.client())).toBe(1);
  });
});

describe('revokeAll', () => {
  test('during 50 updates and 50 sign-ins ends every earlier session', async () => {
    const earlier = await Promise.all(times(50, () => signIn(app, 'ada')));
    const updates = earlier.map(({ token }) => increment(withToken(app, token)).catch(() => null));
    const later = times(50, () => signIn(app, 'ada'));
    await later[0];
    await app.of('ada').revokeAll();
    const during = await Promise.all(later);
    await Promise.all(updates);
    expect(await Promise.all(earlier.map(({ token }) => isSignedIn(app, token)))).toEqual(times(50, () => false));
    const ids = await listIds('ada');
    expect(ids.filter((id) => earlier.some((one) => one.id === id))).toEqual([]);
    const alive = await Promise.all(during.map(({ token }) => isSignedIn(app, token)));
    expect(ids).toEqual(
      during
        .filter((_, at) => alive[at])
        .map(({ id }) => id)
        .sort(),
    );
  });

  test('is not undone by pending regenerations', async () => {
    const earlier = await Promise.all(times(20, () => signIn(app, 'ada')));
    const moves = earlier.map(({ token }) =>
      withToken(app, token)
        .regenerate()
        .catch(() => null),
    );
    await Promise.race(moves);
    await app.of('ada').revokeAll();
    const tokens = (await Promise.all(moves)).flatMap((issued) => issued?.token ?? []);
    expect(await Promise.all(tokens.map((token) => isSignedIn(app, token)))).toEqual(tokens.map(() => false));
    expect(await countUsersWithSessions(redis.client())).toBe(0);
  });
});

describe('parallel updates', () => {
  test('are all kept if a hundred each add their own field', async () => {
    const { token } = await signIn(app, 'ada');
    const marks = times(100, (at) => `mark-${at}`);
    const add = (mark: string) =>
      withToken(app, token).update((data) => ({ ...data, marks: { ...data.marks, [mark]: 1 } }));
    await Promise.all(marks.map(add));
    const session = await withToken(app, token).get();
    expect(Object.keys(session?.data.marks ?? {}).sort()).toEqual(marks.sort());
    expect(session?.revision).toBe(101);
  });

  test('are all kept if four processes send twenty-five each', { timeout: 60_000 }, async () => {
    const { token } = await signIn(app, 'ada');
    const shares = times(4, (worker) => times(25, (at) => `mark-${worker}-${at}`));
    const tasks: MarksTask[] = shares.map((marks) => ({ url: redis.url, token, marks }));
    await runInProcesses(new URL('./marks-worker.ts', import.meta.url), tasks);
    const session = await withToken(app, token).get();
    expect(Object.keys(session?.data.marks ?? {}).sort()).toEqual(shares.flat().sort());
    expect(session?.revision).toBe(101);
  });

  test('are both kept if they patch different fields', async () => {
    const { token } = await signIn(app, 'ada');
    const [a, b] = [withToken(app, token), withToken(app, token)];
    await Promise.all([a.get(), b.get()]);
    await Promise.all([a.update({ count: 5 }), b.update({ marks: { b: 1 } })]);
    expect((await withToken(app, token).get())?.data).toMatchObject({ count: 5, marks: { b: 1 } });
  });
});

describe('four processes that sign in, update, regenerate, sign out and revoke', () => {
  const subjects = ['ada', 'bob', 'eve'];

  test('see no violation in their whole history', { timeout: 60_000 }, async () => {
    const task: WorkloadTask = { url: redis.url, subjects, operations: 400 };
    const module = new URL('./workload-worker.ts', import.meta.url);
    const history = (
      await runInProcesses<WorkloadTask, Operation[]>(
        module,
        times(4, () => task),
      )
    ).flat();
    const pool = createRedisPool(redis.url);
    const outcome = await readOutcome({ app, pool, subjects }, history);
    pool.close();
    for (const kind of ['start', 'update', 'read', 'regenerate', 'destroy', 'revokeAll']) {
      expect(history.filter((one) => one.kind === kind && one.outcome === 'done').length).toBeGreaterThan(10);
    }
    expect(history.filter(({ outcome }) => outcome === 'absent').length).toBeGreaterThan(100);
    expect(findViolations(history, outcome)).toEqual([]);
    for (const key of await redis.client().keys('*')) expect(await redis.client().pttl(key)).toBeGreaterThan(0);
  });
});
