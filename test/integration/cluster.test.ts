// Slow: it starts a Cluster of three nodes, and migrates slots under load.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCluster } from 'redis';
import type { SessionStore } from 'trpc-session/stores';
import { type RedisSource, redisStore } from 'trpc-session/stores/redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { computeSlot } from '../../src/core/record/token.ts';
import { type MigrationStep, type RedisCluster, startRedisCluster } from '../_support/redis-cluster.ts';
import {
  type App,
  createAccount,
  createBearerApp,
  createPatientStore,
  increment,
  isSignedIn,
  signIn,
  withToken,
} from './app.ts';
import { findViolations } from './history.ts';
import { createMemoryPool, readOutcome, runWorkload } from './workload.ts';

/** The default deadline, and how much longer a call may take. */
const deadlineMs = 1_000 + 250;

let cluster: RedisCluster;

beforeAll(async () => {
  cluster = await startRedisCluster();
});

afterAll(async () => {
  await cluster.stop();
});

type EndSession = (facts: { readonly app: App; readonly token: string; readonly id: string }) => Promise<unknown>;

const toKey = (subject: string) => `session:{${computeSlot('session:', subject)}}`;
const findSlot = (subject: string) => cluster.findSlot(toKey(subject));

describe('on a Redis Cluster', () => {
  test('every operation works, for users on every node', async () => {
    const app = createBearerApp({ store: createPatientStore(cluster.client()) });
    const subjects = Array.from({ length: 12 }, (_, at) => `user-${at}`);
    const owners = await Promise.all(subjects.map(async (subject) => cluster.findOwner(await findSlot(subject))));
    expect(new Set(owners).size).toBe(3);
    for (const subject of subjects) await runEveryOperation(app, subject);
  });

  test('every operation works at every step of a migration', async () => {
    const app = createBearerApp({ store: createPatientStore(cluster.client()) });
    const slot = await findSlot('ada');
    const steps: MigrationStep[] = [];
    const { token } = await signIn(app, 'ada');
    const atEachStep = async (step: MigrationStep) => {
      steps.push(step);
      await runEveryOperation(app, 'ada', token);
    };
    for (let rounds = 0; rounds < 3; rounds++) await cluster.migrate(slot, { atEachStep });
    expect(new Set(steps).size).toBe(5);
    expect((await withToken(app, token).get())?.data.count).toBe(steps.length);
    expect(await app.of('ada').list()).toHaveLength(1);
  });

  test.each<[string, EndSession]>([
    ['destroy', async ({ app, token }) => expect(await withToken(app, token).destroy()).toBeDefined()],
    ['revoke', async ({ app, id }) => expect(await app.of('ada').revoke(id)).toBe(true)],
    ['revoke-all', async ({ app }) => expect(await app.of('ada').revokeAll()).toBe(1)],
    ['regenerate', async ({ app, token }) => expect(await withToken(app, token).regenerate()).toBeDefined()],
    [
      'another sign-in',
      async ({ app, token }) => expect(await withToken(app, token).start(createAccount('ada'))).toBeDefined(),
    ],
  ])('the last session of a user can end while its slot migrates: %s', async (_name, end) => {
    const app = createBearerApp({ store: createPatientStore(cluster.client()) });
    await app.of('ada').revokeAll();
    const { token, id } = await signIn(app, 'ada');
    const atEachStep = async (step: MigrationStep) => {
      // The key is still on the old node, and is deleted with its last session.
      if (step === 'begun') await end({ app, token, id });
    };
    await cluster.migrate(await findSlot('ada'), { atEachStep });
    expect(await isSignedIn(app, token)).toBe(false);
  });

  test.each<[string, (app: App) => Promise<unknown>]>([
    ['sign-in', (app) => signIn(app, 'ada')],
    ['list', (app) => app.of('ada').list()],
    ['revoke', (app) => app.of('ada').revoke('an-unknown-id')],
  ])('a user with only expired sessions causes no error while its slot migrates: %s', async (_name, operate) => {
    const app = createBearerApp({ store: createPatientStore(cluster.client()) });
    await app.of('ada').revokeAll();
    await app.open({ headers: {} }).start(createAccount('ada'), { idle: '20ms' });
    await cluster.client().persist(toKey('ada'));
    await sleep(30);
    const atEachStep = (step: MigrationStep) => (step === 'begun' ? operate(app) : Promise.resolve());
    await expect(cluster.migrate(await findSlot('ada'), { atEachStep })).resolves.toBeDefined();
  });

  test('no operation is applied in part while slots migrate under load, and every call settles in time', {
    timeout: 60_000,
  }, async () => {
    const calls = new CallTimes();
    const app = createBearerApp({ store: calls.measure(redisStore(cluster.client())) });
    const work = { app, pool: createMemoryPool(), subjects: ['bob', 'eve'] };
    const slots = await Promise.all(work.subjects.map(findSlot));
    let migrations = 0;
    let isOver = false;
    const migrating = (async () => {
      for (; !isOver; migrations++) {
        await cluster.migrate(slots[migrations % 2] ?? 0, { atEachStep: () => sleep(Math.random() * 8) });
      }
    })();
    const history = await runWorkload({ ...work, operations: 1_500 });
    isOver = true;
    await migrating;
    expect(migrations).toBeGreaterThan(10);
    expect(await countRedirections()).toBeGreaterThan(migrations);
    expect(calls.longestMs()).toBeLessThan(deadlineMs);
    expect(findViolations(history, await readOutcome(work, history))).toEqual([]);
    expect(history.filter(({ outcome }) => outcome === 'unknown').length).toBeLessThan(history.length / 100);
  });
});

const toUrl = () => `redis+cluster://${cluster.nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;

const createNodeRedisCluster = () =>
  createCluster({ rootNodes: cluster.nodes.map(({ port }) => ({ url: `redis://127.0.0.1:${port}` })) });

describe.each<[string, () => { readonly source: RedisSource; close(): void }]>([
  ['the URL of a Cluster', () => ({ source: toUrl(), close: () => {} })],
  ['a Cluster of ioredis', () => ({ source: cluster.client(), close: () => {} })],
  [
    'a Cluster of redis',
    () => {
      const source = createNodeRedisCluster();
      return { source, close: () => source.destroy() };
    },
  ],
])('with %s', (_name, connect) => {
  let store: SessionStore;
  let close: () => void;
  beforeAll(() => {
    const { source, close: closeClient } = connect();
    store = redisStore(source, { deadline: '2s' });
    close = closeClient;
  });
  afterAll(async () => {
    await store.close();
    close();
  });

  test('no call fails while slots move, whichever commands the client sends together', async () => {
    const app = createBearerApp({ store });
    const subjects = Array.from({ length: 6 }, (_, at) => `user-${at}`);
    const slots = await Promise.all(subjects.map(findSlot));
    const tokens = await Promise.all(subjects.map(async (subject) => (await signIn(app, subject)).token));
    let isOver = false;
    const work = async (start: number) => {
      let count = 0;
      for (; !isOver; count++) {
        const session = withToken(app, tokens[(start + count * 7) % tokens.length] ?? '');
        if (count % 3 === 0) await increment(session);
        else expect(await session.get()).not.toBeNull();
      }
      return count;
    };
    const working = Promise.all(Array.from({ length: 24 }, (_, at) => work(at)));
    const atEachStep = () => sleep(15);
    for (const slot of slots) await cluster.migrate(slot, { atEachStep });
    isOver = true;
    const counts = await working;
    expect(counts.reduce((sum, count) => sum + count)).toBeGreaterThan(2 * counts.length);
  });

  test('a call waits while no node serves its slot', async () => {
    const app = createBearerApp({ store });
    const { token } = await signIn(app, 'lise');
    const slot = await findSlot('lise');
    const { server } = await cluster.findOwner(slot);
    await server.client().call('CLUSTER', 'DELSLOTS', slot);
    const reply = isSignedIn(app, token);
    await sleep(200);
    await server.client().call('CLUSTER', 'ADDSLOTS', slot);
    expect(await reply).toBe(true);
  });

  test('a call fails at its deadline, and says why, if no node serves its slot', async () => {
    const { source, close: closeClient } = connect();
    const impatient = redisStore(source, { deadline: '300ms' });
    const key = toKey('mary');
    await impatient.read({ key, hash: 'h' });
    const slot = await findSlot('mary');
    const { server } = await cluster.findOwner(slot);
    await server.client().call('CLUSTER', 'DELSLOTS', slot);
    const startedAt = performance.now();
    const error: unknown = await impatient.read({ key, hash: 'h' }).catch((failure: unknown) => failure);
    const tookMs = performance.now() - startedAt;
    await server.client().call('CLUSTER', 'ADDSLOTS', slot);
    expect(String(error)).toMatch(/CLUSTERDOWN|did not respond within 300 ms/);
    expect(tookMs).toBeLessThan(deadlineMs);
    await impatient.close();
    closeClient();
  });
});

/** Runs every operation for a subject. Adds no session; increments the counter of the session with the second token. */
async function runEveryOperation(app: App, subject: string, tokenToIncrement?: string): Promise<void> {
  const before = await app.of(subject).list();
  const { token, id } = await signIn(app, subject);
  const replaced = await withToken(app, token).start(createAccount(subject));
  expect(await isSignedIn(app, token)).toBe(false);
  await increment(withToken(app, String(replaced.token)));
  const { token: next, session } = await withToken(app, String(replaced.token)).regenerate();
  expect(session).toMatchObject({ data: { count: 1 }, revision: 3 });
  expect(session.id).not.toBe(id);
  expect(await withToken(app, String(next)).list()).toHaveLength(before.length + 1);
  expect(await app.of(subject).update({ marks: { all: 1 } })).toBe(before.length + 1);
  expect((await app.of(subject).list({ data: true })).map(({ data }) => data?.marks)).toContainEqual({ all: 1 });
  const other = await signIn(app, subject);
  expect(await withToken(app, String(next)).revoke(other.id)).toBe(true);
  await withToken(app, String(next)).destroy();
  expect(await isSignedIn(app, String(next))).toBe(false);
  if (tokenToIncrement !== undefined) await increment(withToken(app, tokenToIncrement));
  expect((await app.of(subject).list()).map((one) => one.id)).toEqual(before.map((one) => one.id));
}

/** How often a node has redirected a client to another node. */
async function countRedirections(): Promise<number> {
  const infos = await Promise.all(cluster.nodes.map(({ server }) => server.client().info('errorstats')));
  const counts = [...infos.join('\n').matchAll(/errorstat_(?:ASK|MOVED):count=(\d+)/g)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Measures the store calls, without the time that this process itself was blocked. */
class CallTimes {
  readonly #delay = monitorEventLoopDelay({ resolution: 5 });
  #longestMs = 0;

  longestMs(): number {
    this.#delay.disable();
    return this.#longestMs - this.#delay.max / 1e6;
  }

  measure(store: SessionStore): SessionStore {
    this.#delay.enable();
    return new Proxy(store, {
      get: (target, name, receiver) => {
        const member: unknown = Reflect.get(target, name, receiver);
        return typeof member === 'function' ? (...values: unknown[]) => this.#time(() => member(...values)) : member;
      },
    });
  }

  async #time(call: () => Promise<unknown>): Promise<unknown> {
    const startedAt = performance.now();
    try {
      return await call();
    } finally {
      this.#longestMs = Math.max(this.#longestMs, performance.now() - startedAt);
    }
  }
}
