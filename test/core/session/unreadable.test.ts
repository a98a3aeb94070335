import { createSessions } from 'trpc-session';
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

describe('a record that cannot be read', () => {
  const start = async (store: ReturnType<typeof createSpiedStore>['store'], version: number) => {
    const clock = createTestClock();
    const events: unknown[] = [];
    const options = {
      view: () => null,
      store,
      secret,
      now: clock.now,
      onEvent: (event: unknown) => events.push(event),
    };
    const of = (at: number) =>
      createSessions({ ...options, schema: accountSchema, subject: (data) => data.userId, version: at });
    const browser = new Browser(of(version));
    await browser.request().start(ada);
    return { browser, of, events, options };
  };

  test('of a newer version signs nobody in, says so, and is left as it is', async () => {
    const { store, calls } = createSpiedStore(createTestClock());
    const { browser, of, events } = await start(store, 2);
    const older = new Browser(of(1));
    older.jar.set('ssid', browser.cookie.split('ssid=')[1] ?? '');
    events.length = calls.length = 0;
    expect(await older.request().get()).toBeNull();
    expect(events).toEqual([{ type: 'unreadable', why: 'newer-version' }]);
    expect(calls).toEqual(['read']);
    expect((await browser.request().get())?.data).toEqual(ada);
  });

  test('that the schema refuses signs nobody in and is kept', async () => {
    const { store, calls } = createSpiedStore(createTestClock());
    const { browser, options, events } = await start(store, 1);
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

  test('of an older version is migrated and written back once', async () => {
    const { store, calls } = createSpiedStore(createTestClock());
    const { browser, options } = await start(store, 1);
    const schema = accountSchema.extend({ plan: z.string() });
    const migrate = (data: unknown): unknown => ({ ...(data as object), plan: 'free' });
    const newer = new Browser(createSessions({ ...options, schema, version: 2, migrate }));
    newer.jar.set('ssid', browser.cookie.split('ssid=')[1] ?? '');
    calls.length = 0;
    expect((await newer.request().get())?.data).toEqual({ ...ada, plan: 'free' });
    expect((await newer.request().get())?.revision).toBe(2);
    expect(calls).toEqual(['read', 'replace', 'read']);
  });

  test('where the store finds something foreign signs nobody in', async () => {
    const { store } = createSpiedStore(createTestClock());
    const foreign = { ...store, read: async () => 'unreadable' as const, start: store.start, destroy: store.destroy };
    const { sessions, events } = createAccountSessions({ store: foreign });
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    events.length = 0;
    expect(await browser.request().get()).toBeNull();
    expect(events).toEqual([{ type: 'unreadable', why: 'corrupt' }]);
  });
});
