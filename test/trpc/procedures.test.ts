// Slow: it starts Redis and an HTTP server.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { initTRPC } from '@trpc/server';
import { createSessions } from 'trpc-session';
import type { SessionStore } from 'trpc-session/stores';
import { memoryStore } from 'trpc-session/stores/memory';
import { redisStore } from 'trpc-session/stores/redis';
import { createTrpcSession } from 'trpc-session/trpc';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../_support/redis-server.ts';
import { accountSchema, secret } from '../_support/sessions.ts';
import { createTestApp, createTestSessions } from './_support/app.ts';
import { Visitor } from './_support/client.ts';
import { type Server, serve } from './_support/servers.ts';

let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(async () => {
  await redis.stop();
});

const stores: Readonly<Record<string, () => SessionStore>> = {
  memory: () => memoryStore({ name: randomUUID() }),
  Redis: () => redisStore(redis.url),
};

describe.each(Object.keys(stores))('the session procedures, over %s', (name) => {
  let app: ReturnType<typeof createTestApp>;
  let server: Server;

  beforeAll(async () => {
    app = createTestApp({ store: stores[name]?.() });
    server = await serve('fetch', app);
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await app.sessions.close();
  });

  /** A new user in a new browser. */
  function visit(visitor = new Visitor(), user: string = randomUUID()) {
    return { visitor, user, client: visitor.client(server), another: () => visit(new Visitor(), user) };
  }

  async function signIn(visitor = visit()) {
    await visitor.client.signInAs.mutate(visitor.user);
    return visitor;
  }

  test('get returns unauthenticated, and after sign-in the view with its times and nothing else', async () => {
    const { client, user } = visit();
    expect(await client.session.get.query()).toEqual({ status: 'unauthenticated', at: expect.any(Number) });
    await client.signInAs.mutate(user);
    const view = await client.session.get.query();
    expect(view).toMatchObject({ status: 'authenticated', data: { name: user }, revision: 1 });
    expect(Object.keys(view).toSorted()).toEqual([
      'at',
      'data',
      'expiresAt',
      'id',
      'idleExpiresAt',
      'revision',
      'status',
    ]);
  });

  test('set changes only the fields of the patch schema, and returns the new view', async () => {
    const { client } = await signIn();
    expect(await client.session.set.mutate({ visits: 7 })).toMatchObject({ status: 'authenticated', revision: 2 });
    expect(await client.visits.query()).toBe(7);
    await client.session.set.mutate({ visits: 8, role: 'admin', userId: 'another user' } as never);
    await expect(client.admin.query()).rejects.toMatchObject({ data: { code: 'FORBIDDEN' } });
    expect(await client.visits.query()).toBe(8);
    await expect(client.session.set.mutate({ visits: 'many' } as never)).rejects.toMatchObject({
      data: { code: 'BAD_REQUEST' },
    });
  });

  test('set, touch, list, revoke and revokeOthers require a session', async () => {
    const { client } = visit();
    const { session } = client;
    const refusal = { data: { code: 'UNAUTHORIZED', session: { reason: 'missing' } } };
    await expect(session.set.mutate({ visits: 1 })).rejects.toMatchObject(refusal);
    await expect(session.touch.mutate()).rejects.toMatchObject(refusal);
    await expect(session.list.query()).rejects.toMatchObject(refusal);
    await expect(session.revoke.mutate({ id: 'x' })).rejects.toMatchObject(refusal);
    await expect(session.revokeOthers.mutate()).rejects.toMatchObject(refusal);
  });

  test('list returns the devices of the user, and nothing that opens a session', async () => {
    const here = await signIn();
    const there = await signIn(here.another());
    const list = await here.client.session.list.query();
    expect(list.map(({ current }) => current)).toEqual([true, false]);
    expect(list[0]).toMatchObject({ device: 'Firefox' });
    for (const { id } of list) {
      const thief = visit();
      thief.visitor.jar.set('ssid', id);
      await expect(thief.client.me.query()).rejects.toMatchObject({ data: { session: { reason: 'missing' } } });
    }
    expect(JSON.stringify(list)).not.toContain(there.visitor.cookie?.slice(0, 20));
  });

  test("revoke ends a session of the same user, but not another user's", async () => {
    const [here, stranger] = [await signIn(), await signIn()];
    const there = await signIn(here.another());
    const [, other] = await here.client.session.list.query();
    expect(await stranger.client.session.revoke.mutate({ id: other?.id ?? '' })).toEqual({ revoked: false });
    expect(await there.client.me.query()).toBe(here.user);
    expect(await here.client.session.revoke.mutate({ id: other?.id ?? '' })).toEqual({ revoked: true });
    await expect(there.client.me.query()).rejects.toMatchObject({ data: { session: { reason: 'expired' } } });
    expect(await here.client.me.query()).toBe(here.user);
  });

  test('revoke of the current session signs the user out', async () => {
    const { client, visitor } = await signIn();
    const [current] = await client.session.list.query();
    await client.session.revoke.mutate({ id: current?.id ?? '' });
    expect(visitor.cookie).toBeUndefined();
  });

  test.each([undefined, null, 7, '', {}, { id: 7 }, { id: null }, { id: 'x'.repeat(65) }])(
    'revoke refuses the input %j',
    async (input) => {
      const { client } = await signIn();
      await expect(client.session.revoke.mutate(input as never)).rejects.toMatchObject({
        data: { code: 'BAD_REQUEST' },
      });
    },
  );

  test('revokeOthers ends all sessions of the user except the current one', async () => {
    const here = await signIn();
    const others = [await signIn(here.another()), await signIn(here.another())];
    expect(await here.client.session.revokeOthers.mutate()).toEqual({ revoked: 2 });
    for (const { client } of others)
      await expect(client.me.query()).rejects.toMatchObject({ data: { code: 'UNAUTHORIZED' } });
    expect(await here.client.me.query()).toBe(here.user);
  });

  test('destroy signs out, is idempotent, and a copied cookie opens nothing', async () => {
    const { client, visitor } = await signIn();
    const copy = visitor.copy();
    expect(await client.session.destroy.mutate()).toEqual({ cookieCleared: true });
    expect(await client.session.destroy.mutate()).toEqual({ cookieCleared: true });
    expect(await visit(copy).client.session.get.query()).toMatchObject({ status: 'unauthenticated' });
  });

  test('signing in again, as the same or another user, ends the earlier session', async () => {
    const { client, visitor, user } = await signIn();
    const [before, other] = [visitor.copy(), randomUUID()];
    await client.signInAs.mutate(user);
    expect(await client.session.list.query()).toHaveLength(1);
    await expect(visit(before).client.me.query()).rejects.toMatchObject({ data: { session: { reason: 'expired' } } });
    await client.signInAs.mutate(other);
    expect(await client.me.query()).toBe(other);
    expect(await app.sessions.of(user).list()).toEqual([]);
  });
});

test('touch moves the idle deadline, and get does not', async () => {
  const app = createTestApp({ store: redisStore(redis.url), touchEvery: '1ms' });
  await using server = await serve('fetch', app);
  const client = new Visitor().client(server);
  await client.signInAs.mutate(randomUUID());
  const readDeadline = async () => {
    const view = await client.session.get.query();
    return view.status === 'authenticated' ? view.idleExpiresAt : 0;
  };
  const before = await readDeadline();
  await sleep(20);
  expect(await readDeadline()).toBe(before);
  expect(await client.session.touch.mutate()).toEqual({ touched: true });
  // The use is recorded after the response.
  await expect.poll(readDeadline).toBeGreaterThanOrEqual(before + 20);
  await app.sessions.close();
});

test('set does not exist without a patch schema', () => {
  const { store } = createTestSessions();
  const sessions = createSessions({ schema: accountSchema, view: () => null, store, secret });
  const { createContext, createSessionProcedures } = createTrpcSession(sessions);
  const t = initTRPC.context<typeof createContext>().create();
  expect(Object.keys(createSessionProcedures(t.procedure)).toSorted()).toEqual([
    'destroy',
    'get',
    'list',
    'revoke',
    'revokeOthers',
    'touch',
  ]);
});
