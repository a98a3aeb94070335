// Slow: it starts a Cluster of three nodes, and migrates slots under load.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionStore } from 'trpc-session/stores';
import { redisStore } from 'trpc-session/stores/redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { computeSlot } from '../../src/core/record/token.ts';
import { type MigrationStep, type RedisCluster, startRedisCluster } from '../_support/redis-cluster.ts';
import { type App, createAccount, createBearerApp, increment, isSignedIn, signIn, withToken } from './app.ts';
import { churn, memoryPool, outcomeOf } from './churn.ts';
import { violations } from './history.ts';

/** The default deadline, and what may be added to it. */
const deadlineMs = 1_000 + 250;

let cluster: RedisCluster;

beforeAll(async () => {
  cluster = await startRedisCluster();
});

afterAll(async () => {
  await cluster.stop();
});

type Ending = (facts: { readonly app: App; readonly token: string; readonly id: string }) => Promise<unknown>;

const keyOfSubject = (subject: string) => `session:{${computeSlot('session:', subject)}}`;
const slotOfSubject = (subject: string) => cluster.findSlot(keyOfSubject(subject));

describe('on a Redis Cluster', () => {
  test('every operation works, for subjects on every node', async () => {
    const app = createBearerApp({ store: redisStore(cluster.client()) });
    const subjects = Array.from({ length: 12 }, (_, at) => `user-${at}`);
    const owners = await Promise.all(subjects.map(async (subject) => cluster.findOwner(await slotOfSubject(subject))));
    expect(new Set(owners).size).toBe(3);
    for (const subject of subjects) await everyOperation(app, subject);
  });

  test('every operation works at every step of a migration', async () => {
    const app = createBearerApp({ store: redisStore(cluster.client()) });
    const slot = await slotOfSubject('ada');
    const steps: MigrationStep[] = [];
    const { token } = await signIn(app, 'ada');
    const atEachStep = async (step: MigrationStep) => {
      steps.push(step);
      await everyOperation(app, 'ada', token);
    };
    for (let rounds = 0; rounds < 3; rounds++) await cluster.migrate(slot, { atEachStep });
    expect(new Set(steps).size).toBe(5);
    expect((await withToken(app, token).get())?.data.count).toBe(steps.length);
    expect(await app.of('ada').list()).toHaveLength(1);
  });

  test.each<[string, Ending]>([
    ['destroy', async ({ app, token }) => expect(await withToken(app, token).destroy()).toBeDefined()],
    ['revoke', async ({ app, id }) => expect(await app.of('ada').revoke(id)).toBe(true)],
    ['revoke-all', async ({ app }) => expect(await app.of('ada').revokeAll()).toBe(1)],
    ['regenerate', async ({ app, token }) => expect(await withToken(app, token).regenerate()).toBeDefined()],
    [
      'another sign-in',
      async ({ app, token }) => expect(await withToken(app, token).start(createAccount('ada'))).toBeDefined(),
    ],
  ])('a subject’s last session ends while its slot migrates: %s', async (_name, end) => {
    const app = createBearerApp({ store: redisStore(cluster.client()) });
    await app.of('ada').revokeAll();
    const { token, id } = await signIn(app, 'ada');
    const atEachStep = async (step: MigrationStep) => {
      // Its key is still where it was, and goes with its last session.
      if (step === 'begun') await end({ app, token, id });
    };
    await cluster.migrate(await slotOfSubject('ada'), { atEachStep });
    expect(await isSignedIn(app, token)).toBe(false);
  });

  test.each<[string, (app: App) => Promise<unknown>]>([
    ['sign-in', (app) => signIn(app, 'ada')],
    ['list', (app) => app.of('ada').list()],
    ['revoke', (app) => app.of('ada').revoke('an-id-that-nobody-has')],
  ])('only dead sessions are left while a slot migrates: %s', async (_name, operate) => {
    const app = createBearerApp({ store: redisStore(cluster.client()) });
    await app.of('ada').revokeAll();
    await app.open({ headers: {} }).start(createAccount('ada'), { idle: 20 });
    await cluster.client().persist(keyOfSubject('ada'));
    await sleep(30);
    const atEachStep = (step: MigrationStep) => (step === 'begun' ? operate(app) : Promise.resolve());
    await expect(cluster.migrate(await slotOfSubject('ada'), { atEachStep })).resolves.toBeDefined();
  });

  test('nothing is half done while slots migrate under load, and every call settles in time', {
    timeout: 60_000,
  }, async () => {
    const calls = new CallTimes();
    const app = createBearerApp({ store: calls.timing(redisStore(cluster.client())) });
    const work = { app, pool: memoryPool(), subjects: ['bob', 'eve'] };
    const slots = await Promise.all(work.subjects.map(slotOfSubject));
    let migrations = 0;
    let over = false;
    const migrating = (async () => {
      for (; !over; migrations++) {
        await cluster.migrate(slots[migrations % 2] ?? 0, { atEachStep: () => sleep(Math.random() * 8) });
      }
    })();
    const history = await churn({ ...work, operations: 1_500 });
    over = true;
    await migrating;
    expect(migrations).toBeGreaterThan(10);
    expect(await redirections()).toBeGreaterThan(migrations);
    expect(calls.longestMs()).toBeLessThan(deadlineMs);
    expect(violations(history, await outcomeOf(work, history))).toEqual([]);
    expect(history.filter(({ outcome }) => outcome === 'unknown').length).toBeLessThan(history.length / 100);
  });
});

/** Everything that can be done for a subject; leaves its other sessions as they were, their counter one higher. */
async function everyOperation(app: App, subject: string, counting?: string): Promise<void> {
  const before = await app.of(subject).list();
  const { token, id } = await signIn(app, subject);
  const replaced = await withToken(app, token).start(createAccount(subject));
  expect(await isSignedIn(app, token)).toBe(false);
  await increment(withToken(app, String(replaced.token)));
  const { token: next, session } = await withToken(app, String(replaced.token)).regenerate();
  expect(session).toMatchObject({ data: { count: 1 }, revision: 3 });
  expect(session.id).not.toBe(id);
  expect(await withToken(app, String(next)).list()).toHaveLength(before.length + 1);
  const other = await signIn(app, subject);
  expect(await withToken(app, String(next)).revoke(other.id)).toBe(true);
  await withToken(app, String(next)).destroy();
  expect(await isSignedIn(app, String(next))).toBe(false);
  if (counting !== undefined) await increment(withToken(app, counting));
  expect((await app.of(subject).list()).map((one) => one.id)).toEqual(before.map((one) => one.id));
}

/** How often the nodes sent a client elsewhere. */
async function redirections(): Promise<number> {
  const infos = await Promise.all(cluster.nodes.map(({ server }) => server.client().info('errorstats')));
  const counts = [...infos.join('\n').matchAll(/errorstat_(?:ASK|MOVED):count=(\d+)/g)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

/** How long the calls of a store take, less what this process itself was late. */
class CallTimes {
  readonly #late = monitorEventLoopDelay({ resolution: 5 });
  #longestMs = 0;

  longestMs(): number {
    this.#late.disable();
    return this.#longestMs - this.#late.max / 1e6;
  }

  timing(store: SessionStore): SessionStore {
    this.#late.enable();
    return new Proxy(store, {
      get: (target, name, receiver) => {
        const member: unknown = Reflect.get(target, name, receiver);
        return typeof member === 'function' ? (...values: unknown[]) => this.#timed(() => member(...values)) : member;
      },
    });
  }

  async #timed(call: () => Promise<unknown>): Promise<unknown> {
    const startedAt = performance.now();
    try {
      return await call();
    } finally {
      this.#longestMs = Math.max(this.#longestMs, performance.now() - startedAt);
    }
  }
}
