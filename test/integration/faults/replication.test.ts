import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { redisStore } from 'trpc-session/stores/redis';
import { describe, expect, test, vi } from 'vitest';
import { computeSlot } from '../../../src/core/record/token.ts';
import { timed } from '../../_support/own-delay.ts';
import { startRedisCluster } from '../../_support/redis-cluster.ts';
import {
  primaryName,
  type RedisSentinel,
  sentinelPassword,
  startRedisSentinel,
} from '../../_support/redis-sentinel.ts';
import { type RedisServer, startRedis } from '../../_support/redis-server.ts';
import { startTcpProxy, type TcpProxy } from '../../_support/tcp-proxy.ts';
import { type App, bearerApp, increment, opens, signIn, withToken } from '../app.ts';

/** The default deadline, and what may be added to it. */
const deadlineMs = 1_000 + 250;
const unavailable = { code: 'UNAVAILABLE', reason: 'unavailable' };

/** What a guarded call comes to: the session it found, or why there is no answer. Nobody may be told to sign in. */
async function guarded(app: App, token: string): Promise<'in' | 'out' | 'unavailable'> {
  try {
    return (await withToken(app, token).get({ passive: true })) ? 'in' : 'out';
  } catch (error) {
    expect(error).toMatchObject(unavailable);
    return 'unavailable';
  }
}

/** A primary, a replica that has all of it, and the network between them. */
async function pair(): Promise<{ primary: RedisServer; replica: RedisServer; network: TcpProxy }> {
  const primary = await startRedis({ args: ['--repl-diskless-sync-delay', '0'] });
  const network = await startTcpProxy(primary.port);
  const replica = await startRedis({ args: ['--replicaof', '127.0.0.1', String(network.port)] });
  await vi.waitFor(async () => expect(await replica.client().info('replication')).toContain('master_link_status:up'), {
    timeout: 5_000,
  });
  return { primary, replica, network };
}

describe('F13 · a primary becomes a replica', () => {
  test('reads go on, writes are unavailable in time, and both work again once there is a primary', async () => {
    const { primary, replica, network } = await pair();
    const app = bearerApp({ store: redisStore(primary.url) });
    const { token } = await signIn(app, 'ada');
    await primary.client().replicaof('127.0.0.1', replica.port);
    for (const write of [increment, (session: ReturnType<typeof withToken>) => session.destroy()]) {
      const refused = () => expect(write(withToken(app, token))).rejects.toMatchObject(unavailable);
      expect(await timed(refused)).toBeLessThan(deadlineMs);
    }
    expect(await guarded(app, token)).toBe('in');
    await primary.client().replicaof('NO', 'ONE');
    expect((await increment(withToken(app, token))).data.count).toBe(1);
    await app.close();
    await Promise.all([primary.stop(), replica.stop(), network.close()]);
  });
});

describe('F14 · a replica that has not heard of a logout takes over', () => {
  /** The primary is lost and its replica promoted, after a logout that only the primary has seen, if anybody. */
  async function takeOver(logOut: (app: App, token: string, client: Redis) => Promise<unknown>, replicaHears: boolean) {
    const { primary, replica, network } = await pair();
    const client = new Redis(primary.url);
    client.on('error', () => {});
    const app = bearerApp({ store: redisStore(client) });
    const { token } = await signIn(app, 'ada');
    expect(await client.wait(1, 5_000)).toBe(1);
    network.blackhole(!replicaHears);
    const answer = await logOut(app, token, client);
    await primary.kill('SIGKILL');
    client.disconnect();
    await replica.client().replicaof('NO', 'ONE');
    const after = bearerApp({ store: redisStore(replica.url) });
    const opened = await opens(after, token);
    await after.close();
    await Promise.all([primary.stop(), replica.stop(), network.close()]);
    return { answer, opened };
  }

  const waiting = async (app: App, token: string, client: Redis) => {
    await withToken(app, token).destroy();
    return client.wait(1, 200);
  };

  test('the logout is lost with the primary: the one thing that Redis itself does not promise', async () => {
    const { opened } = await takeOver((app, token) => withToken(app, token).destroy(), false);
    expect(opened).toBe(true);
  });

  test('WAIT on the same client tells that the replica has not got it', async () => {
    expect((await takeOver(waiting, false)).answer).toBe(0);
  });

  test('a logout that WAIT has seen on the replica stays a logout', async () => {
    expect(await takeOver(waiting, true)).toEqual({ answer: 1, opened: false });
  });
});

describe('F16 · Sentinel fails over', () => {
  const optionsOf = ({ port }: RedisSentinel) => ({
    sentinels: [{ host: '127.0.0.1', port }],
    name: primaryName,
    sentinelPassword,
  });

  test('a primary that is killed: unavailable in time, then the same tokens at the new primary', async () => {
    await using sentinel = await startRedisSentinel();
    await sentinel.client().call('SENTINEL', 'SET', primaryName, 'down-after-milliseconds', '500');
    const app = bearerApp({ store: redisStore(optionsOf(sentinel)) });
    const [stays, leaves] = [await signIn(app, 'ada'), await signIn(app, 'ada')];
    await withToken(app, leaves.token).destroy();
    expect(await sentinel.first.client().wait(1, 5_000)).toBe(1);
    await sentinel.first.kill('SIGKILL');
    const seen = new Set<string>();
    const longest = { ms: 0 };
    const ask = async () => {
      const tookMs = await timed(async () => seen.add(await guarded(app, stays.token)));
      longest.ms = Math.max(longest.ms, tookMs);
      return guarded(app, stays.token);
    };
    await vi.waitFor(async () => expect(await ask()).toBe('in'), { timeout: 12_000, interval: 100 });
    expect(seen).not.toContain('out');
    expect(longest.ms).toBeLessThan(deadlineMs);
    expect(await guarded(app, leaves.token)).toBe('out');
    expect((await increment(withToken(app, stays.token))).data.count).toBe(1);
    await app.close();
  }, 30_000);

  test('a switch while both live: nobody is signed out, and writes go on at the new primary', async () => {
    await using sentinel = await startRedisSentinel();
    const app = bearerApp({ store: redisStore(optionsOf(sentinel)) });
    const { token } = await signIn(app, 'ada');
    expect(await sentinel.first.client().wait(1, 5_000)).toBe(1);
    const switched = sentinel.failOver();
    let over = false;
    void switched.then(() => {
      over = true;
    });
    const outcomes: string[] = [];
    while (!over) {
      outcomes.push(await guarded(app, token));
      await sleep(20);
    }
    await switched;
    await vi.waitFor(() => increment(withToken(app, token)), { timeout: 5_000, interval: 50 });
    expect(outcomes).not.toContain('out');
    const read = await withToken(app, token).get();
    expect(read?.data.count).toBeGreaterThanOrEqual(1);
    expect(await sentinel.second.client().call('ROLE')).toContain('master');
    await app.close();
  }, 30_000);
});

describe('F17 · one node of a Cluster stops answering', () => {
  test('subjects on the other nodes go on; its own are unavailable in time, and are back with it', async () => {
    await using cluster = await startRedisCluster();
    const clusterDeadlineMs = 300;
    const app = bearerApp({ store: redisStore(cluster.client(), { deadline: clusterDeadlineMs }) });
    const slotOfSubject = (subject: string) => cluster.slotOf(`session:{${computeSlot('session:', subject)}}`);
    const subjects = Array.from({ length: 9 }, (_, at) => `user-${at}`);
    const people = await Promise.all(
      subjects.map(async (subject) => {
        const [{ token }, owner] = [await signIn(app, subject), await cluster.ownerOf(await slotOfSubject(subject))];
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
      expect(await timed(async () => expect(await guarded(app, token)).toBe('unavailable'))).toBeLessThan(
        clusterDeadlineMs + 250,
      );
      const answers = await Promise.all(others.map((other) => guarded(app, other.token)));
      // Right after a call that nobody answered one other goes to see, and the rest follow its answer.
      expect(answers).toContain('in');
      expect(new Set(await Promise.all(others.map((other) => guarded(app, other.token))))).toEqual(new Set(['in']));
    }
    await frozen?.server.kill('SIGCONT');
    for (const { token } of people) {
      await vi.waitFor(async () => expect(await guarded(app, token)).toBe('in'), { timeout: 5_000, interval: 50 });
    }
  }, 30_000);
});
