import { randomUUID } from 'node:crypto';
import { createSessions } from 'trpc-session';
import { memoryStore } from 'trpc-session/stores/memory';
import { faultyStore } from 'trpc-session/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { isStoredSession } from '../../../src/core/ports/store-read.ts';
import { Browser, secret } from '../../_support/sessions.ts';

const older = z.object({
  userId: z.string(),
  visits: z.number(),
  theme: z.object({ dark: z.boolean() }),
  nick: z.string().optional(),
});
const newer = older.extend({
  theme: z.object({ dark: z.boolean(), accent: z.string() }),
  since: z.date(),
  tags: z.map(z.string(), z.bigint()),
  cart: z.array(z.object({ id: z.string(), count: z.number().optional() })),
});

const data = {
  userId: 'ada',
  visits: 0,
  nick: 'A',
  theme: { dark: false, accent: 'blue' },
  since: new Date(0),
  tags: new Map([['a', 1n]]),
  cart: [{ id: 'x', count: 2 }],
};

/** One user, signed in by the newer app, and both versions of the app over one store. */
async function deploy({ version = 1 }: { version?: number } = {}) {
  const store = faultyStore(memoryStore({ name: randomUUID() }), []);
  const shared = { view: () => null, store, secret };
  const subject = ({ userId }: { userId: string }) => userId;
  const newApp = createSessions({ ...shared, schema: newer, subject, version });
  const oldApp = createSessions({ ...shared, schema: older, subject });
  const inNew = new Browser(newApp);
  await inNew.request().start(data);
  const inOld = new Browser(oldApp);
  inOld.jar.set('ssid', inNew.cookie.split('ssid=')[1] ?? '');
  const [{ key, hash }] = (store.calls[0]?.args ?? []) as unknown as [{ key: string; hash: string }];
  const countCalls = () => store.calls.map(({ operation }) => operation).slice(1);
  return { store, at: { key, hash }, countCalls, newApp, oldApp, inNew, inOld };
}

describe('an update by an older version of the app', () => {
  test('keeps fields that it does not know, with their types, also inside objects', async () => {
    const { inOld, inNew } = await deploy();
    await inOld.request().update({ visits: 1 });
    expect((await inNew.request().get())?.data).toEqual({ ...data, visits: 1 });
  });

  test('keeps them if it is a function of what it sees', async () => {
    const { inOld, inNew } = await deploy();
    const { data: seen } = await inOld
      .request()
      .update(({ theme, ...rest }) => ({ ...rest, visits: 2, theme: { dark: true } }));
    expect(seen).toEqual({ userId: 'ada', visits: 2, nick: 'A', theme: { dark: true } });
    expect((await inNew.request().get())?.data).toEqual({ ...data, visits: 2, theme: { dark: true, accent: 'blue' } });
  });

  test('keeps them through several updates in one request, and after a conflict', async () => {
    const { inOld, inNew } = await deploy();
    const session = inOld.request();
    await session.get();
    await inNew.request().update({ cart: [] });
    await session.update(({ visits, ...rest }) => ({ ...rest, visits: visits + 1 }));
    await session.update(({ visits, ...rest }) => ({ ...rest, visits: visits + 1 }));
    expect((await inNew.request().get())?.data).toEqual({ ...data, visits: 2, cart: [] });
  });

  test('removes a field that it knows', async () => {
    const { inOld, inNew } = await deploy();
    await inOld.request().update(({ nick, ...rest }) => rest);
    const { nick, ...rest } = data;
    expect((await inNew.request().get())?.data).toEqual(rest);
  });

  test.each<[string, object]>([
    ['a list', { list: [{ id: 'x', note: 'gift' }] }],
    ['a Map', { map: new Map([['x', { id: 'x', note: 'gift' }]]) }],
    ['a Set', { set: new Set([{ id: 'x', note: 'gift' }]) }],
    ['a list in a list', { list: [{ id: 'x', parts: [{ id: 'y', note: 'gift' }] }] }],
  ])('keeps the unknown fields of %s that it does not change', async (_case, held) => {
    const { inOld, inNew } = await deployLists(held);
    await inOld.request().update({ visits: 1 });
    expect((await inNew.request().get())?.data).toEqual({ userId: 'ada', visits: 1, ...held });
    await inOld.request().update((seen) => ({ ...seen, visits: 2 }));
    expect((await inNew.request().get())?.data).toEqual({ userId: 'ada', visits: 2, ...held });
  });

  test('replaces a list that it changes', async () => {
    const { inOld, inNew } = await deployLists({ list: [{ id: 'x', note: 'gift' }] });
    await inOld.request().update({ list: [{ id: 'x' }, { id: 'y' }] });
    expect((await inNew.request().get())?.data).toEqual({ userId: 'ada', visits: 0, list: [{ id: 'x' }, { id: 'y' }] });
  });

  test('does not take another URL in a list for the same one', async () => {
    const { inOld, inNew } = await deployLists({
      list: [{ id: 'x', url: new URL('https://a.example'), note: 'gift' }],
    });
    const list = [{ id: 'x', url: new URL('https://b.example') }];
    await inOld.request().update({ list });
    expect((await inNew.request().get())?.data).toEqual({ userId: 'ada', visits: 0, list });
  });

  test('keeps fields of the record around the data', async () => {
    const { inOld, store, at } = await deploy();
    const stored = await store.read(at);
    if (!isStoredSession(stored)) throw new Error('The session is missing.');
    const body = JSON.stringify({ ...JSON.parse(stored.body), later: { x: 1 } });
    await store.replace({ ...at, nonce: 'n', revision: 1, body });
    await inOld.request().update({ visits: 1 });
    expect(JSON.parse(((await store.read(at)) as typeof stored).body).later).toEqual({ x: 1 });
  });
});

/** One user whose lists the newer app has filled. The older one knows only the ids in them. */
async function deployLists(held: object) {
  const item = z.object({ id: z.string(), url: z.instanceof(URL).optional() });
  const withParts = item.extend({ parts: z.array(item).optional() });
  const schema = z.object({
    userId: z.string(),
    visits: z.number(),
    list: z.array(withParts).optional(),
    map: z.map(z.string(), item).optional(),
    set: z.set(item).optional(),
  });
  const shared = { view: () => null, store: memoryStore({ name: randomUUID() }), secret };
  const loose = z.looseObject({ userId: z.string(), visits: z.number() });
  const inNew = new Browser(createSessions({ ...shared, schema: loose, subject: ({ userId }) => userId }));
  await inNew.request().start({ userId: 'ada', visits: 0, ...held });
  const inOld = new Browser(createSessions({ ...shared, schema, subject: ({ userId }) => userId }));
  inOld.jar.set('ssid', inNew.cookie.split('ssid=')[1] ?? '');
  return { inOld, inNew };
}

describe('an older version of the app that meets a record of a newer one', () => {
  const unavailable = { code: 'UNAVAILABLE', status: 503, message: expect.stringContaining('newer version') };

  test('refuses to read, change and move it, and writes nothing', async () => {
    const { inOld, inNew, countCalls } = await deploy({ version: 2 });
    const session = () => inOld.request();
    for (const act of [
      () => session().get(),
      () => session().view(),
      () => session().require(),
      () => session().update({ visits: 1 }),
      () => session().regenerate(),
      () => session().revokeOthers(),
      () => session().start((previous) => previous ?? data),
    ]) {
      await expect(act()).rejects.toMatchObject(unavailable);
    }
    expect(new Set(countCalls())).toEqual(new Set(['read']));
    expect(inOld.setCookies).toEqual([]);
    expect((await inNew.request().get())?.data).toEqual(data);
  });

  test('signs out, lists and revokes, for which the data is not needed', async () => {
    const { oldApp, inOld, inNew } = await deploy({ version: 2 });
    expect(await oldApp.of('ada').list()).toHaveLength(1);
    const session = inOld.request();
    await session.get().catch(() => {});
    await session.destroy();
    expect(await inNew.request().get()).toBeNull();
  });

  test('signs in again over it, also in a request that has tried to read it', async () => {
    const { oldApp, inOld } = await deploy({ version: 2 });
    const session = inOld.request();
    await session.get().catch(() => {});
    await session.start({ userId: 'ada', visits: 0, theme: { dark: false } });
    expect((await inOld.request().get())?.data.visits).toBe(0);
    expect(await oldApp.of('ada').list()).toHaveLength(1);
  });

  test('moves a session back if the newer one has written while it was moved', async () => {
    const { store, inOld, inNew, at } = await deploy();
    const session = inOld.request();
    await session.get();
    const stored = await store.read(at);
    if (!isStoredSession(stored)) throw new Error('The session is missing.');
    await store.replace({ ...at, nonce: 'n', revision: 1, body: JSON.stringify({ ...JSON.parse(stored.body), v: 2 }) });
    await expect(session.regenerate()).rejects.toMatchObject(unavailable);
    expect(isStoredSession(await store.read(at))).toBe(true);
    expect(inOld.setCookies).toEqual([]);
    await expect(inNew.request().get()).rejects.toMatchObject(unavailable);
  });

  test('moves a session back if the newer one has stored what its schema refuses', async () => {
    const { store, inOld, at } = await deploy();
    const session = inOld.request();
    await session.get();
    const stored = await store.read(at);
    if (!isStoredSession(stored)) throw new Error('The session is missing.');
    const envelope = JSON.parse(stored.body);
    const body = JSON.stringify({ ...envelope, data: { ...envelope.data, visits: 'many' } });
    await store.replace({ ...at, nonce: 'n', revision: 1, body });
    await expect(session.regenerate()).rejects.toMatchObject({ code: 'EXPIRED' });
    expect(await store.read(at)).toMatchObject({ body });
    expect(inOld.setCookies).toEqual([]);
  });
});
