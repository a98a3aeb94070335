// Slow: it starts a Redis server behind a proxy, and waits for deadlines to pass.
import { setTimeout as sleep } from 'node:timers/promises';
import { redisStore } from 'trpc-session/stores/redis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { measureDuration } from '../_support/measure-duration.ts';
import { type RedisServer, startRedis } from '../_support/redis-server.ts';
import { loseEveryReplyOnce, loseNextReply, startTcpProxy, type TcpProxy } from '../_support/tcp-proxy.ts';
import {
  type App,
  createAccount,
  createBearerApp,
  increment,
  isSignedIn,
  loadScripts,
  signIn,
  withToken,
} from './app.ts';

const script = /\beval/i;
const anything = /\b(eval|evalsha|hmget)\b/i;
/** The default deadline, and what a busy machine may add to it. */
const deadlineMs = 1_000 + 250;

let redis: RedisServer;
let proxy: TcpProxy;
/** Behind the proxy. */
let app: App;
/** Beside the proxy: other processes of the same app. */
let elsewhere: App;

beforeAll(async () => {
  redis = await startRedis();
  const teacher = createBearerApp({ store: redisStore(redis.url) });
  await loadScripts(teacher);
  await teacher.close();
});

afterAll(async () => {
  await redis.stop();
});

beforeEach(async () => {
  await redis.client().flushall();
  proxy = await startTcpProxy(redis.port);
  app = createBearerApp({ store: redisStore(proxy.url) });
  elsewhere = createBearerApp({ store: redisStore(redis.url) });
  await Promise.all([app.ready(), elsewhere.ready()]);
});

afterEach(async () => {
  await Promise.all([app.close(), elsewhere.close()]);
  await proxy.close();
});

describe('when every reply is lost once', () => {
  test('a counter incremented once reads 1', async () => {
    const { token } = await signIn(elsewhere, 'ada');
    const losses = loseEveryReplyOnce(proxy, anything);
    const { data, revision } = await increment(withToken(app, token));
    expect(losses.lost()).toBeGreaterThanOrEqual(2);
    expect(data.count).toBe(1);
    expect(revision).toBe(2);
    expect(await withToken(elsewhere, token).get()).toMatchObject({ data: { count: 1 }, revision: 2 });
  });

  test('one sign-in leaves one session listed, and its token opens it', async () => {
    const losses = loseEveryReplyOnce(proxy, anything);
    const { token, id } = await signIn(app, 'ada');
    expect(losses.lost()).toBeGreaterThanOrEqual(1);
    expect(await elsewhere.of('ada').list()).toMatchObject([{ id }]);
    expect(await isSignedIn(elsewhere, token)).toBe(true);
  });

  test('a sign-in that replaces a session leaves the new one alone', async () => {
    const { token } = await signIn(elsewhere, 'ada');
    loseEveryReplyOnce(proxy, anything);
    const issued = await withToken(app, token).start(createAccount('ada'));
    expect(await elsewhere.of('ada').list()).toMatchObject([{ id: issued.session.id }]);
    expect(await isSignedIn(elsewhere, token)).toBe(false);
  });

  test('a sign-in as somebody else ends the session before it and leaves one', async () => {
    const { token } = await signIn(elsewhere, 'ada');
    loseEveryReplyOnce(proxy, anything);
    const issued = await withToken(app, token).start((previous) => ({
      ...createAccount('bob'),
      count: previous?.count ?? 7,
    }));
    expect(issued.session.data).toMatchObject({ userId: 'bob', count: 0 });
    expect(await elsewhere.of('ada').list()).toEqual([]);
    expect(await elsewhere.of('bob').list()).toMatchObject([{ id: issued.session.id }]);
  });

  test('one regenerate leaves one live token: the one that was delivered', async () => {
    const { token, id } = await signIn(elsewhere, 'ada');
    const losses = loseEveryReplyOnce(proxy, anything);
    const issued = await withToken(app, token).regenerate();
    expect(losses.lost()).toBeGreaterThanOrEqual(2);
    expect(await isSignedIn(elsewhere, token)).toBe(false);
    expect(await isSignedIn(elsewhere, String(issued.token))).toBe(true);
    expect(await elsewhere.of('ada').list()).toMatchObject([{ id }]);
  });

  test('a limit of one that refuses does not refuse its own success', async () => {
    const store = redisStore(proxy.url);
    const strict = createBearerApp({ store, limit: { max: 1, whenFull: 'refuse' } });
    loseEveryReplyOnce(proxy, anything);
    const { id } = await signIn(strict, 'ada');
    expect(await elsewhere.of('ada').list()).toMatchObject([{ id }]);
    await expect(signIn(strict, 'ada')).rejects.toMatchObject({ code: 'LIMIT_REACHED' });
  });

  test('a destroyed session is gone, and saying so succeeds', async () => {
    const { token } = await signIn(elsewhere, 'ada');
    const losses = loseEveryReplyOnce(proxy, anything);
    await expect(withToken(app, token).destroy()).resolves.toBeDefined();
    expect(losses.lost()).toBeGreaterThanOrEqual(1);
    expect(await isSignedIn(elsewhere, token)).toBe(false);
    expect(await redis.client().dbsize()).toBe(0);
  });

  test('every operation settles within the deadline', async () => {
    const { token } = await signIn(elsewhere, 'ada');
    await signIn(elsewhere, 'ada');
    const session = withToken(app, token);
    loseEveryReplyOnce(proxy, anything);
    const steps = [
      () => session.get(),
      () => increment(session),
      () => session.list(),
      () => session.revokeOthers(),
      () => session.regenerate(),
      () => session.destroy(),
    ];
    for (const step of steps) {
      expect(await measureDuration(step)).toBeLessThan(deadlineMs);
    }
  });
});

describe('when somebody else writes between the effect and its repetition', () => {
  test('an update is not applied twice, and neither write is lost', async () => {
    const { token } = await signIn(elsewhere, 'ada');
    const meanwhile = async () => {
      for (let writes = 0; writes < 15; writes++) await increment(withToken(elsewhere, token));
    };
    const session = withToken(app, token);
    await session.get();
    const loss = loseNextReply(proxy, script, { meanwhile });
    await increment(session);
    expect(loss.done()).toBe(true);
    expect(await withToken(elsewhere, token).get()).toMatchObject({ data: { count: 16 }, revision: 17 });
  });

  test('an update answers with the data as the others left it', async () => {
    const { token } = await signIn(elsewhere, 'ada');
    const session = withToken(app, token);
    await session.get();
    loseNextReply(proxy, script, { meanwhile: () => withToken(elsewhere, token).update({ marks: { other: 1 } }) });
    expect(await session.update({ count: 5 })).toMatchObject({ data: { count: 5, marks: { other: 1 } }, revision: 3 });
  });

  test('a sign-in is not repeated on top of another one', async () => {
    const ids: string[] = [];
    loseNextReply(proxy, script, { meanwhile: async () => ids.push((await signIn(elsewhere, 'ada')).id) });
    ids.push((await signIn(app, 'ada')).id);
    expect((await elsewhere.of('ada').list()).map(({ id }) => id).sort()).toEqual(ids.sort());
  });

  test('a regenerate brings nothing back that was revoked meanwhile', async () => {
    const { token } = await signIn(elsewhere, 'ada');
    const session = withToken(app, token);
    await session.get();
    loseNextReply(proxy, script, { meanwhile: () => elsewhere.of('ada').revokeAll() });
    await expect(session.regenerate()).rejects.toMatchObject({ code: 'EXPIRED' });
    expect(await redis.client().dbsize()).toBe(0);
  });

  test('an update brings nothing back that was destroyed meanwhile', async () => {
    const { token } = await signIn(elsewhere, 'ada');
    const session = withToken(app, token);
    await session.get();
    loseNextReply(proxy, script, { meanwhile: () => withToken(elsewhere, token).destroy() });
    await expect(increment(session)).rejects.toMatchObject({ code: 'EXPIRED' });
    expect(await redis.client().dbsize()).toBe(0);
  });

  test('a destroy that is repeated takes nobody else along', async () => {
    const { token } = await signIn(elsewhere, 'ada');
    const ids: string[] = [];
    loseNextReply(proxy, script, { meanwhile: async () => ids.push((await signIn(elsewhere, 'ada')).id) });
    await withToken(app, token).destroy();
    expect((await elsewhere.of('ada').list()).map(({ id }) => id)).toEqual(ids);
  });
});

describe('when a connection breaks in the middle of its replies', () => {
  test('parallel increments of many sessions each count once', async () => {
    const tokens = await Promise.all(Array.from({ length: 10 }, (_, at) => signIn(elsewhere, `user-${at}`)));
    const sessions = tokens.map(({ token }) => withToken(app, token));
    await Promise.all(sessions.map((session) => session.get()));
    const loss = loseNextReply(proxy, script, { share: 0.5 });
    const counts = await Promise.all(sessions.map(async (session) => (await increment(session)).data.count));
    expect(loss.done()).toBe(true);
    expect(counts).toEqual(tokens.map(() => 1));
    const read = await Promise.all(tokens.map(({ token }) => withToken(elsewhere, token).get()));
    expect(read.map((session) => session?.data.count)).toEqual(counts);
  });

  test('parallel sign-ins leave exactly the sessions whose tokens were delivered', async () => {
    const loss = loseNextReply(proxy, script, { share: 0.5 });
    const issued = await Promise.all(Array.from({ length: 10 }, () => signIn(app, 'ada')));
    expect(loss.done()).toBe(true);
    const listed = await elsewhere.of('ada').list();
    expect(listed.map(({ id }) => id).sort()).toEqual(issued.map(({ id }) => id).sort());
  });
});

describe('when replies stay away', () => {
  test('a sign-in that was answered too late leaves no session behind that nobody can open', async () => {
    loseNextReply(proxy, script, { meanwhile: () => sleep(deadlineMs) });
    await expect(signIn(app, 'ada')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await vi.waitFor(async () => expect(await elsewhere.of('ada').list()).toEqual([]), 2_000);
  });

  test('a regenerate that was answered too late is undone: its owner is still signed in', async () => {
    const { token } = await signIn(elsewhere, 'ada');
    const session = withToken(app, token);
    await session.get();
    loseNextReply(proxy, script, { meanwhile: () => sleep(deadlineMs) });
    await expect(session.regenerate()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await vi.waitFor(async () => expect(await withToken(elsewhere, token).get()).not.toBeNull(), 2_000);
    expect(await elsewhere.of('ada').list()).toHaveLength(1);
  });

  test('a call answers UNAVAILABLE within the deadline, and the next one succeeds once they come again', async () => {
    const { token } = await signIn(elsewhere, 'ada');
    const session = withToken(app, token);
    await session.get();
    proxy.blackhole(true);
    const refused = () => expect(increment(session)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await measureDuration(refused)).toBeLessThan(deadlineMs);
    proxy.blackhole(false);
    proxy.reset();
    expect((await increment(withToken(app, token))).data.count).toBeGreaterThanOrEqual(1);
  });
});
