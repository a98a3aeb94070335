import { createSessions } from 'trpc-session';
import type { SessionStore } from 'trpc-session/stores';
import { createTestClock } from 'trpc-session/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  accountSchema,
  ada,
  Browser,
  createAccountSessions,
  createSpiedStore,
  secret,
} from '../../_support/sessions.ts';

describe('a stored record', () => {
  /** Signs Ada in with an app whose data has this version. */
  const signIn = async (store: SessionStore, version: number) => {
    const clock = createTestClock();
    const events: unknown[] = [];
    const options = {
      view: () => null,
      store,
      secret,
      now: clock.now,
      onEvent: (event: unknown) => events.push(event),
    };
    const createVersion = (number: number) =>
      createSessions({ ...options, schema: accountSchema, subject: (data) => data.userId, version: number });
    const browser = new Browser(createVersion(version));
    await browser.request().start(ada);
    return { browser, createVersion, events, options };
  };

  test('is unavailable if its version is newer, so that no user is signed out, and stays unchanged', async () => {
    const { store, calls } = createSpiedStore(createTestClock());
    const { browser, createVersion, events } = await signIn(store, 2);
    const older = new Browser(createVersion(1));
    older.jar.set('ssid', browser.cookie.split('ssid=')[1] ?? '');
    events.length = calls.length = 0;
    await expect(older.request().get()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(events).toEqual([{ type: 'unreadable', why: 'newer-version' }]);
    expect(calls).toEqual(['read']);
    expect((await browser.request().get())?.data).toEqual(ada);
  });

  test('counts as expired if it does not match the schema, and is kept', async () => {
    const { store, calls } = createSpiedStore(createTestClock());
    const { browser, options, events } = await signIn(store, 1);
    const stricter = new Browser(createSessions({ ...options, schema: z.object({ email: z.string() }) }));
    stricter.jar.set('ssid', browser.cookie.split('ssid=')[1] ?? '');
    events.length = calls.length = 0;
    await expect(stricter.request().require()).rejects.toMatchObject({ code: 'EXPIRED' });
    expect(events).toEqual([
      { type: 'unreadable', why: 'invalid' },
      { type: 'rejected', reason: 'expired' },
    ]);
    expect(calls).toEqual(['read']);
  });

  test('is migrated in memory if its version is older, and written with the next update', async () => {
    const { store, calls } = createSpiedStore(createTestClock());
    const { browser, options } = await signIn(store, 1);
    const schema = accountSchema.extend({ plan: z.string() });
    const migrate = (data: unknown): unknown => ({ ...(data as object), plan: 'free' });
    const newer = new Browser(createSessions({ ...options, schema, version: 2, migrate }));
    newer.jar.set('ssid', browser.cookie.split('ssid=')[1] ?? '');
    calls.length = 0;
    expect((await newer.request().get())?.data).toEqual({ ...ada, plan: 'free' });
    expect((await newer.request().get())?.revision).toBe(1);
    expect(calls).toEqual(['read', 'read']);
    await newer.request().update({ plan: 'paid' });
    expect((await newer.request().get())?.data).toEqual({ ...ada, plan: 'paid' });
  });

  test('counts as signed out if the store cannot decode it', async () => {
    const { store } = createSpiedStore(createTestClock());
    const unreadable = { ...store, read: async () => 'unreadable' as const };
    const { sessions, events } = createAccountSessions({ store: unreadable });
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    events.length = 0;
    expect(await browser.request().get()).toBeNull();
    expect(events).toEqual([{ type: 'unreadable', why: 'corrupt' }]);
  });
});
