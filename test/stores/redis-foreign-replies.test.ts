// Slow: it starts a Redis server.
import { Redis } from 'ioredis';
import { createSessions } from 'trpc-session';
import { redisStore } from 'trpc-session/stores/redis';
import { bearer } from 'trpc-session/transports/header';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type RedisServer, startRedis } from '../_support/redis-server.ts';

let redis: RedisServer;
let client: Redis;

beforeAll(async () => {
  redis = await startRedis();
  client = new Redis(redis.url);
});

afterAll(async () => {
  client.disconnect();
  await redis.stop();
});

/** A client that has lost count of its replies: every call gets the reply to the call before it. */
function createShiftedClient(): Redis {
  let earlier: unknown = null;
  const shift = (send: (...values: readonly never[]) => Promise<unknown>) => {
    return async (...values: readonly never[]): Promise<unknown> => {
      const reply = await send(...values);
      const foreign = earlier;
      earlier = reply;
      return foreign;
    };
  };
  return new Proxy(client, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return ['hmget', 'evalsha', 'eval'].includes(String(name)) ? shift(member.bind(target)) : member.bind(target);
    },
  });
}

function createManager(source: Redis) {
  return createSessions({
    schema: z.object({ userId: z.string() }),
    subject: ({ userId }) => userId,
    view: ({ userId }) => ({ userId }),
    transport: bearer(),
    store: redisStore(source),
    secret: undefined,
  });
}

type Manager = ReturnType<typeof createManager>;

async function signIn(manager: Manager, userId: string): Promise<string> {
  return String((await manager.open({ headers: {}, method: 'POST' }).start({ userId })).token);
}

function open(manager: Manager, token: string): ReturnType<Manager['open']> {
  return manager.open({ headers: { authorization: `Bearer ${token}` }, method: 'POST' });
}

describe('a client that gives every call the reply to the call before it', () => {
  test("fails with UNAVAILABLE, and never serves another user's session", async () => {
    const sound = createManager(client);
    const tokens = [await signIn(sound, 'ada'), await signIn(sound, 'grace'), await signIn(sound, 'mary')];
    const shifted = createManager(createShiftedClient());
    for (const token of [...tokens, ...tokens]) {
      await expect(open(shifted, token).get()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    }
  });

  test.each<[string, (session: ReturnType<Manager['open']>, manager: Manager) => Promise<unknown>]>([
    ['start', (_session, manager) => signIn(manager, 'eve')],
    ['list', (_session, manager) => manager.of('ada').list()],
    ['revoke', (_session, manager) => manager.of('ada').revokeAll()],
    ['destroy', (session) => session.destroy()],
  ])('fails with UNAVAILABLE on %s', async (_name, call) => {
    const sound = createManager(client);
    const [ada, grace] = [await signIn(sound, 'ada'), await signIn(sound, 'grace')];
    const shifted = createManager(createShiftedClient());
    await expect(open(shifted, grace).get()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(call(open(shifted, ada), shifted)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  test('names the cause for the log', async () => {
    const shifted = createManager(createShiftedClient());
    const token = await signIn(createManager(client), 'ada');
    const failure: unknown = await open(shifted, token)
      .get()
      .catch((error: unknown) => error);
    expect(failure).toHaveProperty('cause.message', expect.stringContaining('does not belong to this command'));
  });
});
