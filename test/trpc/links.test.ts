import type { TRPCClient } from '@trpc/client';
import { describe, expect, test } from 'vitest';
import { type TestRouter, testApp, writes } from './_support/app.ts';
import { linkNames, Visitor } from './_support/client.ts';
import { adapterNames, serve } from './_support/servers.ts';

const input = { name: 'Ada' };
/** At once, and behind an input and waits: what runs before the first wait still gets its headers onto a stream. */
const paces = ['direct', 'slow'] as const;
const streaming = 'httpBatchStreamLink';

const table = adapterNames.flatMap((adapter) =>
  linkNames.flatMap((link) => paces.map((pace) => ({ adapter, link, pace }))),
);

describe.each(table)('$link, $adapter adapter, $pace', ({ adapter, link, pace }) => {
  /** A server, a client over the link under test, and how often the store was written since the last question. */
  async function setting() {
    const app = testApp();
    const server = await serve(adapter, app);
    const visitor = new Visitor();
    // Those that take no input are handed one all the same: it is not looked at.
    const procedures = visitor.client(server, link)[pace] as TRPCClient<TestRouter>['slow'];
    const safe = visitor.client(server, 'httpLink');
    const written = () => app.calls.splice(0).filter((call) => writes.has(call));
    return {
      app,
      server,
      visitor,
      procedures,
      safe,
      written,
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  }

  test('sign-in delivers the cookie, or fails before the store is asked', async () => {
    await using it = await setting();
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
    expect(it.written()).toEqual(['start']);
    expect(visitor.setCookies).toHaveLength(1);
    expect(await it.safe.me.query()).toBe('Ada');
  });

  test('regenerate delivers the new cookie, or fails before anything is written', async () => {
    await using it = await setting();
    const { visitor, procedures } = it;
    await it.safe.direct.signIn.mutate();
    const old = visitor.copy();
    it.written();
    const regenerate = procedures.regenerate.mutate(input);
    if (link === streaming) {
      await expect(regenerate).rejects.toMatchObject({
        message: expect.stringContaining('sessionLink'),
        data: { code: 'BAD_REQUEST', session: null },
      });
      expect(it.written()).toEqual([]);
      expect(visitor.setCookies).toEqual([]);
      expect(await it.safe.me.query()).toBe('Ada');
      return;
    }
    await regenerate;
    expect(it.written()).toEqual(['regenerate']);
    expect(visitor.setCookies).toHaveLength(1);
    expect(visitor.cookie).not.toBe(old.cookie);
    expect(await it.safe.me.query()).toBe('Ada');
    await expect(old.client(it.server).me.query()).rejects.toMatchObject({ data: { session: { reason: 'expired' } } });
  });

  test('update needs no cookie and works', async () => {
    await using it = await setting();
    await it.safe.direct.signIn.mutate();
    it.written();
    await it.procedures.update.mutate(input);
    expect(it.written()).toEqual(['replace']);
    expect(it.visitor.setCookies).toEqual([]);
    expect(await it.safe.visits.query()).toBe(1);
  });

  test('sign-out ends the session, and says whether the cookie could be cleared', async () => {
    await using it = await setting();
    const { visitor, procedures } = it;
    await it.safe.direct.signIn.mutate();
    const thief = visitor.copy();
    it.written();
    expect(await procedures.signOut.mutate(input)).toEqual({ cookieCleared: link !== streaming });
    expect(it.written()).toEqual(['destroy']);
    expect(visitor.setCookies).toHaveLength(link === streaming ? 0 : 1);
    expect(visitor.cookie === undefined).toBe(link !== streaming);
    await expect(thief.client(it.server).me.query()).rejects.toMatchObject({
      data: { session: { reason: 'expired' } },
    });
    await expect(it.safe.me.query()).rejects.toMatchObject({ data: { code: 'UNAUTHORIZED' } });
  });
});
