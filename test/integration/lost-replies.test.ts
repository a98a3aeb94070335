// Slow: it starts a Redis server behind a proxy, and waits for deadlines to pass.
import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionStore } from 'trpc-session/stores';
import { redisStore } from 'trpc-session/stores/redis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { measureDuration } from '../_support/measure-duration.ts';
import {
  type ClientName,
  createTestClient,
  listClientsToTest,
  nearCache,
  type TestClient,
} from '../_support/redis-clients.ts';
import { type RedisServer, startRedis } from '../_support/redis-server.ts';
import { countUsersWithSessions } from '../_support/stored-sessions.ts';
import { loseEveryReplyOnce, loseNextReply, startTcpProxy, type TcpProxy } from '../_support/tcp-proxy.ts';
import {
  type App,
  createAccount,
  createBearerApp,
  createPatientStore,
  increment,
  isSignedIn,
  loadScripts,
  signIn,
  withToken,
} from './app.ts';

const scriptCommand = /\beval/i;
/** Except the beats of a near cache: each is a new command, so connections would break for ever. */
const anyCommand = /\b(eval|evalsha|hmget)\b(?!.*session:~)/is;
/** The default deadline, and how much longer a call may take. */
const deadlineMs = 1_000 + 250;

let redis: RedisServer;
let proxy: TcpProxy;
/** Connects through the proxy. */
let app: App;
/** Connects directly: stands for another process of the same app. */
let otherProcess: App;

/** The library whose client connects through the proxy. */
let clientName: ClientName;
/** The clients that connect through the proxy. */
const clients: TestClient[] = [];

/** A store whose client connects through the proxy, with the default deadline or a longer one. */
function connect(deadline = 1_000): SessionStore {
  const client = createTestClient(clientName, proxy.url, deadline);
  clients.push(client);
  return redisStore(client.source, { deadline, nearCache });
}

beforeAll(async () => {
  redis = await startRedis();
  const rehearsal = createBearerApp({ store: createPatientStore(redis.url) });
  await loadScripts(rehearsal);
  await rehearsal.close();
});

afterAll(async () => {
  await redis.stop();
});

beforeEach(async () => {
  await redis.client().flushall();
  proxy = await startTcpProxy(redis.port);
  app = createBearerApp({ store: connect(10_000) });
  otherProcess = createBearerApp({ store: createPatientStore(redis.url) });
  await Promise.all([app.ready(), otherProcess.ready()]);
});

afterEach(async () => {
  await Promise.all([app.close(), otherProcess.close()]);
  for (const client of clients.splice(0)) client.close();
  await proxy.close();
});

/** Replaces the app by one with the default deadline, for tests about the deadline. */
async function useDefaultDeadline(): Promise<void> {
  await app.close();
  app = createBearerApp({ store: connect() });
  await app.ready();
}

describe.each(listClientsToTest(['URL', 'redis 6']))('with %s', (name) => {
  beforeAll(() => {
    clientName = name;
  });

  describe('if every reply is lost once', () => {
    test('an increment is applied once', async () => {
      const { token } = await signIn(otherProcess, 'ada');
      const losses = loseEveryReplyOnce(proxy, anyCommand);
      const { data, revision } = await increment(withToken(app, token));
      expect(losses.lost()).toBeGreaterThanOrEqual(2);
      expect(data.count).toBe(1);
      expect(revision).toBe(2);
      expect(await withToken(otherProcess, token).get()).toMatchObject({ data: { count: 1 }, revision: 2 });
    });

    test('a sign-in creates one session, and its token is valid', async () => {
      const losses = loseEveryReplyOnce(proxy, anyCommand);
      const { token, id } = await signIn(app, 'ada');
      expect(losses.lost()).toBeGreaterThanOrEqual(1);
      expect(await otherProcess.of('ada').list()).toMatchObject([{ id }]);
      expect(await isSignedIn(otherProcess, token)).toBe(true);
    });

    test('a sign-in that replaces a session leaves only the new one', async () => {
      const { token } = await signIn(otherProcess, 'ada');
      loseEveryReplyOnce(proxy, anyCommand);
      const issued = await withToken(app, token).start(createAccount('ada'));
      expect(await otherProcess.of('ada').list()).toMatchObject([{ id: issued.session.id }]);
      expect(await isSignedIn(otherProcess, token)).toBe(false);
    });

    test('a sign-in as another user ends the earlier session and creates one', async () => {
      const { token } = await signIn(otherProcess, 'ada');
      loseEveryReplyOnce(proxy, anyCommand);
      const issued = await withToken(app, token).start((previous) => ({
        ...createAccount('bob'),
        count: previous?.count ?? 7,
      }));
      expect(issued.session.data).toMatchObject({ userId: 'bob', count: 0 });
      expect(await otherProcess.of('ada').list()).toEqual([]);
      expect(await otherProcess.of('bob').list()).toMatchObject([{ id: issued.session.id }]);
    });

    test('a regeneration leaves one valid token, the one that it returned', async () => {
      const { token, id } = await signIn(otherProcess, 'ada');
      const losses = loseEveryReplyOnce(proxy, anyCommand);
      const issued = await withToken(app, token).regenerate();
      expect(losses.lost()).toBeGreaterThanOrEqual(2);
      expect(await isSignedIn(otherProcess, token)).toBe(false);
      expect(await isSignedIn(otherProcess, String(issued.token))).toBe(true);
      expect(await otherProcess.of('ada').list()).toMatchObject([{ id }]);
    });

    test('a limit of one session accepts the repetition of the sign-in that reached it', async () => {
      const store = connect(10_000);
      const strict = createBearerApp({ store, limit: { max: 1, whenFull: 'refuse' } });
      loseEveryReplyOnce(proxy, anyCommand);
      const { id } = await signIn(strict, 'ada');
      expect(await otherProcess.of('ada').list()).toMatchObject([{ id }]);
      await expect(signIn(strict, 'ada')).rejects.toMatchObject({ code: 'LIMIT_REACHED' });
    });

    test('a destroy succeeds, and the session has ended', async () => {
      const { token } = await signIn(otherProcess, 'ada');
      const losses = loseEveryReplyOnce(proxy, anyCommand);
      await expect(withToken(app, token).destroy()).resolves.toBeDefined();
      expect(losses.lost()).toBeGreaterThanOrEqual(1);
      expect(await isSignedIn(otherProcess, token)).toBe(false);
      expect(await countUsersWithSessions(redis.client())).toBe(0);
    });

    test('every operation settles within the default deadline', async () => {
      await useDefaultDeadline();
      const { token } = await signIn(otherProcess, 'ada');
      await signIn(otherProcess, 'ada');
      const session = withToken(app, token);
      loseEveryReplyOnce(proxy, anyCommand);
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

  describe('if another process writes between a write and its repetition', () => {
    test('an update is applied once, and no write is lost', async () => {
      const { token } = await signIn(otherProcess, 'ada');
      const meanwhile = async () => {
        for (let writes = 0; writes < 15; writes++) await increment(withToken(otherProcess, token));
      };
      const session = withToken(app, token);
      await session.get();
      const loss = loseNextReply(proxy, scriptCommand, { meanwhile });
      await increment(session);
      expect(loss.done()).toBe(true);
      expect(await withToken(otherProcess, token).get()).toMatchObject({ data: { count: 16 }, revision: 17 });
    });

    test('an update returns the data with the other changes', async () => {
      const { token } = await signIn(otherProcess, 'ada');
      const session = withToken(app, token);
      await session.get();
      loseNextReply(proxy, scriptCommand, {
        meanwhile: () => withToken(otherProcess, token).update({ marks: { other: 1 } }),
      });
      expect(await session.update({ count: 5 })).toMatchObject({
        data: { count: 5, marks: { other: 1 } },
        revision: 3,
      });
    });

    test('a sign-in creates one session beside the other', async () => {
      const ids: string[] = [];
      loseNextReply(proxy, scriptCommand, { meanwhile: async () => ids.push((await signIn(otherProcess, 'ada')).id) });
      ids.push((await signIn(app, 'ada')).id);
      expect((await otherProcess.of('ada').list()).map(({ id }) => id).sort()).toEqual(ids.sort());
    });

    test('a regeneration does not bring back a revoked session', async () => {
      const { token } = await signIn(otherProcess, 'ada');
      const session = withToken(app, token);
      await session.get();
      loseNextReply(proxy, scriptCommand, { meanwhile: () => otherProcess.of('ada').revokeAll() });
      await expect(session.regenerate()).rejects.toMatchObject({ code: 'EXPIRED' });
      expect(await countUsersWithSessions(redis.client())).toBe(0);
    });

    test('an update does not bring back a destroyed session', async () => {
      const { token } = await signIn(otherProcess, 'ada');
      const session = withToken(app, token);
      await session.get();
      loseNextReply(proxy, scriptCommand, { meanwhile: () => withToken(otherProcess, token).destroy() });
      await expect(increment(session)).rejects.toMatchObject({ code: 'EXPIRED' });
      expect(await countUsersWithSessions(redis.client())).toBe(0);
    });

    test('a destroy does not end another session', async () => {
      const { token } = await signIn(otherProcess, 'ada');
      const ids: string[] = [];
      loseNextReply(proxy, scriptCommand, { meanwhile: async () => ids.push((await signIn(otherProcess, 'ada')).id) });
      await withToken(app, token).destroy();
      expect((await otherProcess.of('ada').list()).map(({ id }) => id)).toEqual(ids);
    });
  });

  describe('if a connection breaks in the middle of its replies', () => {
    test('parallel increments of many sessions are each applied once', async () => {
      const tokens = await Promise.all(Array.from({ length: 10 }, (_, at) => signIn(otherProcess, `user-${at}`)));
      const sessions = tokens.map(({ token }) => withToken(app, token));
      await Promise.all(sessions.map((session) => session.get()));
      const loss = loseNextReply(proxy, scriptCommand, { share: 0.5 });
      const counts = await Promise.all(sessions.map(async (session) => (await increment(session)).data.count));
      expect(loss.done()).toBe(true);
      expect(counts).toEqual(tokens.map(() => 1));
      const read = await Promise.all(tokens.map(({ token }) => withToken(otherProcess, token).get()));
      expect(read.map((session) => session?.data.count)).toEqual(counts);
    });

    test('parallel sign-ins create exactly the sessions whose tokens were returned', async () => {
      const loss = loseNextReply(proxy, scriptCommand, { share: 0.5 });
      const issued = await Promise.all(Array.from({ length: 10 }, () => signIn(app, 'ada')));
      expect(loss.done()).toBe(true);
      const listed = await otherProcess.of('ada').list();
      expect(listed.map(({ id }) => id).sort()).toEqual(issued.map(({ id }) => id).sort());
    });
  });

  describe('if a reply arrives after the default deadline, or never', () => {
    beforeEach(useDefaultDeadline);

    test('a sign-in is undone, because its token was never returned', async () => {
      loseNextReply(proxy, scriptCommand, { meanwhile: () => sleep(deadlineMs) });
      await expect(signIn(app, 'ada')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await vi.waitFor(async () => expect(await otherProcess.of('ada').list()).toEqual([]), 10_000);
    });

    test('a regeneration is undone, and the user is still signed in', async () => {
      const { token } = await signIn(otherProcess, 'ada');
      const session = withToken(app, token);
      await session.get();
      loseNextReply(proxy, scriptCommand, { meanwhile: () => sleep(deadlineMs) });
      await expect(session.regenerate()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await vi.waitFor(async () => expect(await withToken(otherProcess, token).get()).not.toBeNull(), 10_000);
      expect(await otherProcess.of('ada').list()).toHaveLength(1);
    });

    test('a call rejects with UNAVAILABLE within the deadline, and succeeds as soon as replies arrive again', async () => {
      const { token } = await signIn(otherProcess, 'ada');
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
});
