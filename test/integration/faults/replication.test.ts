// Slow: it waits for replicas to connect and for Sentinels to fail over.
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { createCluster, createSentinel } from 'redis';
import { redisStore } from 'trpc-session/stores/redis';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { computeSlot } from '../../../src/core/record/token.ts';
import { measureDuration } from '../../_support/measure-duration.ts';
import { nearCache } from '../../_support/redis-clients.ts';
import { type RedisCluster, startRedisCluster } from '../../_support/redis-cluster.ts';
import {
  primaryName,
  type RedisSentinel,
  sentinelPassword,
  startRedisSentinel,
} from '../../_support/redis-sentinel.ts';
import { type RedisServer, startRedis } from '../../_support/redis-server.ts';
import { startTcpProxy, type TcpProxy } from '../../_support/tcp-proxy.ts';
import { type App, createBearerApp, createPatientStore, increment, isSignedIn, signIn, withToken } from '../app.ts';

/** The default deadline, and how much longer a call may take. */
const deadlineMs = 1_000 + 250;
const unavailable = { code: 'UNAVAILABLE', reason: 'unavailable' };

/** Reads a session. Fails on every error except `UNAVAILABLE`. */
async function readStatus(app: App, token: string): Promise<'signed in' | 'signed out' | 'unavailable'> {
  try {
    return (await withToken(app, token).get({ passive: true })) ? 'signed in' : 'signed out';
  } catch (error) {
    expect(error).toMatchObject(unavailable);
    return 'unavailable';
  }
}

/** Starts a primary and a replica in sync with it, and a proxy between them. */
async function startPair(): Promise<{ primary: RedisServer; replica: RedisServer; network: TcpProxy }> {
  const primary = await startRedis({ args: ['--repl-diskless-sync-delay', '0'] });
  const network = await startTcpProxy(primary.port);
  const replica = await startRedis({ args: ['--replicaof', '127.0.0.1', String(network.port)] });
  await vi.waitFor(async () => expect(await replica.client().info('replication')).toContain('master_link_status:up'), {
    timeout: 10_000,
  });
  return { primary, replica, network };
}

describe('F13 · The primary becomes a replica', () => {
  test('reading works, writing is unavailable in time, and both work once there is a primary again', async () => {
    const { primary, replica, network } = await startPair();
    const app = createBearerApp({ store: redisStore(primary.url, { nearCache }) });
    const { token } = await signIn(app, 'ada');
    await primary.client().replicaof('127.0.0.1', replica.port);
    for (const write of [increment, (session: ReturnType<typeof withToken>) => session.destroy()]) {
      const refused = () => expect(write(withToken(app, token))).rejects.toMatchObject(unavailable);
      expect(await measureDuration(refused)).toBeLessThan(deadlineMs);
    }
    expect(await readStatus(app, token)).toBe('signed in');
    await primary.client().replicaof('NO', 'ONE');
    expect((await increment(withToken(app, token))).data.count).toBe(1);
    await app.close();
    await Promise.all([primary.stop(), replica.stop(), network.close()]);
  });
});

describe('F14 · The primary crashes before its replica has received a logout', () => {
  /** Logs out, with or without replication, kills the primary and promotes the replica. */
  async function failOver(
    logOut: (app: App, token: string, client: Redis) => Promise<unknown>,
    isReplicating: boolean,
  ) {
    const { primary, replica, network } = await startPair();
    const client = new Redis(primary.url);
    client.on('error', () => {});
    const app = createBearerApp({ store: createPatientStore(client) });
    const { token } = await signIn(app, 'ada');
    expect(await client.wait(1, 5_000)).toBe(1);
    network.blackhole(!isReplicating);
    const response = await logOut(app, token, client);
    await primary.kill('SIGKILL');
    client.disconnect();
    await replica.client().replicaof('NO', 'ONE');
    const after = createBearerApp({ store: createPatientStore(replica.url) });
    const opened = await isSignedIn(after, token);
    await after.close();
    await Promise.all([primary.stop(), replica.stop(), network.close()]);
    return { response, opened };
  }

  const logOutAndWait = (waitMs: number) => async (app: App, token: string, client: Redis) => {
    await withToken(app, token).destroy();
    return client.wait(1, waitMs);
  };

  test('the logout is lost, because Redis replicates after it responds', async () => {
    const { opened } = await failOver((app, token) => withToken(app, token).destroy(), false);
    expect(opened).toBe(true);
  });

  test('WAIT on the same client shows that the replica has not received it', async () => {
    expect((await failOver(logOutAndWait(200), false)).response).toBe(0);
  });

  test('a logout that WAIT has confirmed stays a logout', async () => {
    expect(await failOver(logOutAndWait(10_000), true)).toEqual({ response: 1, opened: false });
  });
});

describe.each(['ioredis 6', 'redis 6'])('F16 · Sentinel fails over to a replica (%s)', (library) => {
  const toOptions = ({ port }: RedisSentinel) => ({
    sentinels: [{ host: '127.0.0.1', port }],
    name: primaryName,
    sentinelPassword,
  });
  const toNodeRedis = ({ port }: RedisSentinel) => {
    const sentinelRootNodes = [{ host: '127.0.0.1', port }];
    const sentinelClientOptions = { password: sentinelPassword };
    const client = createSentinel({ name: primaryName, sentinelRootNodes, sentinelClientOptions });
    onTestFinished(async () => client.destroy());
    return client;
  };
  const toSource = (sentinel: RedisSentinel) => (library === 'redis 6' ? toNodeRedis(sentinel) : toOptions(sentinel));

  test('the primary is killed: unavailable in time, then the same tokens work on the new primary', async () => {
    await using sentinel = await startRedisSentinel();
    await sentinel.client().call('SENTINEL', 'SET', primaryName, 'down-after-milliseconds', '500');
    const app = createBearerApp({
      store: redisStore(toSource(sentinel), { nearCache: nearCache && library !== 'redis 6' }),
    });
    const [stays, leaves] = [await signIn(app, 'ada'), await signIn(app, 'ada')];
    await withToken(app, leaves.token).destroy();
    expect(await sentinel.first.client().wait(1, 5_000)).toBe(1);
    await sentinel.first.kill('SIGKILL');
    const seen = new Set<string>();
    const longest = { ms: 0 };
    const readTwice = async () => {
      const tookMs = await measureDuration(async () => seen.add(await readStatus(app, stays.token)));
      longest.ms = Math.max(longest.ms, tookMs);
      return readStatus(app, stays.token);
    };
    await vi.waitFor(async () => expect(await readTwice()).toBe('signed in'), { timeout: 20_000, interval: 100 });
    expect(seen).not.toContain('signed out');
    expect(longest.ms).toBeLessThan(deadlineMs);
    expect(await readStatus(app, leaves.token)).toBe('signed out');
    expect((await increment(withToken(app, stays.token))).data.count).toBe(1);
    await app.close();
  }, 45_000);

  test('the primary is switched while it runs: no user is signed out, and writing works on the new primary', async () => {
    await using sentinel = await startRedisSentinel();
    const app = createBearerApp({
      store: redisStore(toSource(sentinel), { nearCache: nearCache && library !== 'redis 6' }),
    });
    const { token } = await signIn(app, 'ada');
    expect(await sentinel.first.client().wait(1, 5_000)).toBe(1);
    const switched = sentinel.failOver();
    let isOver = false;
    void switched.then(() => {
      isOver = true;
    });
    const outcomes: string[] = [];
    while (!isOver) {
      outcomes.push(await readStatus(app, token));
      await sleep(20);
    }
    await switched;
    await vi.waitFor(() => increment(withToken(app, token)), { timeout: 10_000, interval: 50 });
    expect(outcomes).not.toContain('signed out');
    const read = await withToken(app, token).get();
    expect(read?.data.count).toBeGreaterThanOrEqual(1);
    expect(await sentinel.second.client().call('ROLE')).toContain('master');
    await app.close();
  }, 45_000);
});

describe.each(['ioredis 6', 'redis 6'])('F17 · A Cluster node hangs (%s)', (library) => {
  const toSource = (cluster: RedisCluster) => {
    if (library === 'ioredis 6') return cluster.client();
    const client = createCluster({
      rootNodes: cluster.nodes.map(({ port }) => ({ url: `redis://127.0.0.1:${port}` })),
    });
    onTestFinished(() => client.destroy());
    return client;
  };

  test('sessions on other nodes work; its own are unavailable in time, and work again when it continues', async () => {
    await using cluster = await startRedisCluster();
    const clusterDeadlineMs = 500;
    const app = createBearerApp({ store: redisStore(toSource(cluster), { deadline: clusterDeadlineMs }) });
    const slotOfSubject = (subject: string) => cluster.findSlot(`session:{${computeSlot('session:', subject)}}`);
    const subjects = Array.from({ length: 9 }, (_, at) => `user-${at}`);
    const people = await Promise.all(
      subjects.map(async (subject) => {
        const [{ token }, owner] = [await signIn(app, subject), await cluster.findOwner(await slotOfSubject(subject))];
        return { token, owner };
      }),
    );
    const [frozen] = cluster.nodes;
    const [lost, others] = [
      people.filter(({ owner }) => owner === frozen),
      people.filter(({ owner }) => owner !== frozen),
    ];
    expect(lost.length).toBeGreaterThan(0);
    await frozen?.server.kill('SIGSTOP');
    for (const { token } of lost) {
      expect(await measureDuration(async () => expect(await readStatus(app, token)).toBe('unavailable'))).toBeLessThan(
        clusterDeadlineMs + 250,
      );
      const responses = await Promise.all(others.map((other) => readStatus(app, other.token)));
      // The timeout has opened the circuit. One of these calls is the probe, and its reply closes the circuit.
      expect(responses).toContain('signed in');
      expect(new Set(await Promise.all(others.map((other) => readStatus(app, other.token))))).toEqual(
        new Set(['signed in']),
      );
    }
    await frozen?.server.kill('SIGCONT');
    for (const { token } of people) {
      await vi.waitFor(async () => expect(await readStatus(app, token)).toBe('signed in'), {
        timeout: 10_000,
        interval: 50,
      });
    }
  }, 45_000);
});
