// Slow: four links × five adapters × two paces, and each test starts a server of its own.
import type { TRPCClient } from '@trpc/client';
import { describe, expect, test } from 'vitest';
import { createTestApp, type TestRouter, writes } from './_support/app.ts';
import { linkNames, Visitor } from './_support/client.ts';
import { adapterNames, serve } from './_support/servers.ts';

const input = { name: 'Ada' };
/** Immediately, or after an input and a delay: a stream sends its headers at the first delay. */
const paces = ['direct', 'slow'] as const;
const streaming = 'httpBatchStreamLink';

const table = adapterNames.flatMap((adapter) =>
  linkNames.flatMap((link) => paces.map((pace) => ({ adapter, link, pace }))),
);

describe.each(table)('$link, $adapter adapter, $pace', ({ adapter, link, pace }) => {
  /** A server, a client that uses the link under test, and the writes of the store since they were last taken. */
  async function setUp() {
    const app = createTestApp();
    const server = await serve(adapter, app);
    const visitor = new Visitor();
    // The procedures without an input get one too, and ignore it.
    const procedures = visitor.client(server, link)[pace] as TRPCClient<TestRouter>['slow'];
    const safe = visitor.client(server, 'httpLink');
    const takeWrites = () => app.calls.splice(0).filter((call) => writes.has(call));
    return {
      app,
      server,
      visitor,
      procedures,
      safe,
      takeWrites,
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  }

  test('sign-in delivers the cookie, or fails before the store is called', async () => {
    await using it = await setUp();
    const { visitor, procedures, app } = it;
    const signIn = procedures.signIn.mutate(input);
    if (link === streaming) {
      await expect(signIn).rejects.toMatchObject({
        message: expect.stringContaining('sessionLink'),
        data: { code: 'BAD_REQUEST', session: null },
      });
      expect(app.calls).toEqual([]);
      expect(visitor.setCookies).toEqual([]);
      return;
    }
    await signIn;
    expect(it.takeWrites()).toEqual(['start']);
    expect(visitor.setCookies).toHaveLength(1);
    expect(await it.safe.me.query()).toBe('Ada');
  });

  test('regenerate delivers the new cookie, or fails before anything is written', async () => {
    await using it = await setUp();
    const { visitor, procedures } = it;
    await it.safe.direct.signIn.mutate();
    const old = visitor.copy();
    it.takeWrites();
    const regenerate = procedures.regenerate.mutate(input);
    if (link === streaming) {
      await expect(regenerate).rejects.toMatchObject({
        message: expect.stringContaining('sessionLink'),
        data: { code: 'BAD_REQUEST', session: null },
      });
      expect(it.takeWrites()).toEqual([]);
      expect(visitor.setCookies).toEqual([]);
      expect(await it.safe.me.query()).toBe('Ada');
      return;
    }
    await regenerate;
    expect(it.takeWrites()).toEqual(['regenerate']);
    expect(visitor.setCookies).toHaveLength(1);
    expect(visitor.cookie).not.toBe(old.cookie);
    expect(await it.safe.me.query()).toBe('Ada');
    await expect(old.client(it.server).me.query()).rejects.toMatchObject({ data: { session: { reason: 'expired' } } });
  });

  test('update works, because it sends no cookie', async () => {
    await using it = await setUp();
    await it.safe.direct.signIn.mutate();
    it.takeWrites();
    await it.procedures.update.mutate(input);
    expect(it.takeWrites()).toEqual(['replace']);
    expect(it.visitor.setCookies).toEqual([]);
    expect(await it.safe.visits.query()).toBe(1);
  });

  test('sign-out ends the session, and returns whether the cookie was cleared', async () => {
    await using it = await setUp();
    const { visitor, procedures } = it;
    await it.safe.direct.signIn.mutate();
    const thief = visitor.copy();
    it.takeWrites();
    expect(await procedures.signOut.mutate(input)).toEqual({ cookieCleared: link !== streaming });
    expect(it.takeWrites()).toEqual(['destroy']);
    expect(visitor.setCookies).toHaveLength(link === streaming ? 0 : 1);
    expect(visitor.cookie === undefined).toBe(link !== streaming);
    await expect(thief.client(it.server).me.query()).rejects.toMatchObject({
      data: { session: { reason: 'expired' } },
    });
    await expect(it.safe.me.query()).rejects.toMatchObject({ data: { code: 'UNAUTHORIZED' } });
  });
});
