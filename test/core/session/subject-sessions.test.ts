import { randomUUID } from 'node:crypto';
import { createSessions } from 'trpc-session';
import { memoryStore } from 'trpc-session/stores/memory';
import { createTestClock, faultyStore } from 'trpc-session/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ada, Browser, createAccountSessions, getErrorCode, grace, secret } from '../../_support/sessions.ts';

/** Signs Ada in on three devices, and Grace on one. */
async function signInOnThreeDevices(overrides: Parameters<typeof createAccountSessions>[0] = {}) {
  const setup = createAccountSessions(overrides);
  const browsers = [new Browser(setup.sessions), new Browser(setup.sessions), new Browser(setup.sessions)] as const;
  for (const browser of browsers) {
    await browser.request().start(ada);
    setup.clock.advance(1000);
  }
  const graceBrowser = new Browser(setup.sessions);
  await graceBrowser.request().start(grace);
  setup.calls.length = 0;
  return { ...setup, browsers, graceBrowser };
}

/** Two versions of an app over one store. The newer one has another kind of data. */
function createTwoVersions() {
  const { now } = createTestClock();
  const store = memoryStore({ name: randomUUID(), now });
  const options = { store, secret, now, view: () => null };
  const older = z.object({ userId: z.string(), role: z.string() });
  const newer = z.object({ userId: z.string(), roles: z.array(z.string()) });
  const subject = (data: { readonly userId: string }) => data.userId;
  return {
    older: createSessions({ ...options, schema: older, subject }),
    newer: createSessions({ ...options, schema: newer, subject, version: 2 }),
  };
}

describe('update of all sessions of a user', () => {
  test('changes each live session of the user, and returns how many', async () => {
    const { sessions, browsers, graceBrowser } = await signInOnThreeDevices();
    expect(await sessions.of('ada').update({ role: 'admin' })).toBe(3);
    const found = await Promise.all(browsers.map((browser) => browser.request().get()));
    expect(found.map((session) => session?.data)).toEqual(Array.from(browsers, () => ({ ...ada, role: 'admin' })));
    expect((await graceBrowser.request().get())?.data).toEqual(grace);
  });

  test('calls a function with the data of each session', async () => {
    const { sessions, browsers } = await signInOnThreeDevices();
    await browsers[1].request().update({ visits: 5 });
    await sessions.of('ada').update((data) => ({ ...data, visits: data.visits + 1 }));
    const found = await Promise.all(browsers.map((browser) => browser.request().get()));
    expect(found.map((session) => session?.data.visits)).toEqual([1, 6, 1]);
  });

  test('leaves the times, the id and the token as they are', async () => {
    const { sessions, browsers, clock } = await signInOnThreeDevices();
    const before = await browsers[0].request().get({ passive: true });
    clock.advance(60_000);
    await sessions.of('ada').update({ visits: 1 });
    const after = await browsers[0].request().get({ passive: true });
    expect(after).toEqual({ ...before, data: { ...ada, visits: 1 }, revision: 2 });
  });

  test('returns 0 for a user without sessions, and lists only once', async () => {
    const { sessions, calls } = await signInOnThreeDevices();
    expect(await sessions.of('an unknown user').update({ visits: 1 })).toBe(0);
    expect(calls).toEqual(['list']);
  });

  test('finds a session that moves to another token in between', async () => {
    const { sessions, browsers, store } = await signInOnThreeDevices();
    const read = store.read;
    let hasMoved = false;
    Object.assign(store, {
      read: async (...args: Parameters<typeof read>) => {
        if (!hasMoved) {
          hasMoved = true;
          await browsers[2].request().regenerate();
        }
        return read(...args);
      },
    });
    expect(await sessions.of('ada').update({ role: 'admin' })).toBe(3);
    expect((await browsers[2].request().get())?.data.role).toBe('admin');
  });

  test('does not search again and again for a session that only the clock of the app calls expired', async () => {
    const { store, calls, clock, browsers } = await signInOnThreeDevices();
    const ahead = createAccountSessions({ store, now: () => clock.now() + 24 * 3_600_000 });
    expect(await ahead.sessions.of('ada').update({ visits: 1 })).toBe(0);
    expect(calls.filter((name) => name === 'list')).toHaveLength(2);
    expect(await browsers[0].request().get()).not.toBeNull();
  });

  test.each<[string, unknown, string]>([
    ['data that does not match the schema', { visits: 'many' }, 'INVALID_DATA'],
    ['an asynchronous function', async (data: object) => data, 'INVALID_DATA'],
    ['a change of subject', { userId: 'grace' }, 'SUBJECT_CHANGED'],
  ])('refuses %s and writes nothing', async (_case, change, code) => {
    const { sessions, calls } = await signInOnThreeDevices();
    expect(await getErrorCode(sessions.of('ada').update(change as never))).toBe(code);
    expect(calls).not.toContain('replace');
  });

  test('changes the other sessions if one refuses the change, and then throws', async () => {
    const { sessions, browsers } = await signInOnThreeDevices();
    await browsers[0].request().update({ visits: 1 });
    const change = (data: { readonly visits: number }) => ({ ...data, visits: data.visits === 1 ? 'many' : 7 });
    expect(await getErrorCode(sessions.of('ada').update(change as never))).toBe('INVALID_DATA');
    const found = await Promise.all(browsers.map((browser) => browser.request().get()));
    expect(found.map((session) => session?.data.visits)).toEqual([1, 7, 7]);
  });

  test('throws UNAVAILABLE if the data of a session is of a newer version, and changes the others', async () => {
    const { older, newer } = createTwoVersions();
    const [first, second] = [new Browser(newer), new Browser(older)];
    await first.request().start({ userId: 'ada', roles: ['admin'] });
    await second.request().start({ userId: 'ada', role: 'admin' });
    expect(await getErrorCode(older.of('ada').update({ role: 'member' }))).toBe('UNAVAILABLE');
    expect((await second.request().get())?.data.role).toBe('member');
    expect((await first.request().get())?.data.roles).toEqual(['admin']);
    const entries = await older.of('ada').list({ data: true });
    expect(entries.map(({ data }) => data)).toEqual([null, { userId: 'ada', role: 'member' }]);
  });

  test('throws UNAVAILABLE if the store fails', async () => {
    const { store } = await signInOnThreeDevices();
    const failing = faultyStore(store, [{ operation: 'replace', call: 2, at: 'before', fault: 'throw' }]);
    const { sessions } = createAccountSessions({ store: failing });
    expect(await getErrorCode(sessions.of('ada').update({ visits: 1 }))).toBe('UNAVAILABLE');
    expect((await sessions.of('ada').list({ data: true })).map(({ data }) => data?.visits)).toEqual([1, 0, 1]);
  });
});

describe('a list with data', () => {
  test('returns the data of each session beside what the list shows, oldest first', async () => {
    const { sessions, browsers } = await signInOnThreeDevices();
    await browsers[1].request().update({ visits: 5 });
    const list = await sessions.of('ada').list();
    const entries = await sessions.of('ada').list({ data: true });
    expect(entries).toEqual(list.map((info, at) => ({ ...info, data: { ...ada, visits: at === 1 ? 5 : 0 } })));
  });

  test('contains nothing that could open a session', async () => {
    const { sessions } = await signInOnThreeDevices();
    const [entry] = await sessions.of('ada').list({ data: true });
    const keys = ['createdAt', 'current', 'data', 'device', 'id', 'lastSeenAt'];
    expect(Object.keys(entry ?? {}).sort()).toEqual(keys);
  });

  test('does not count as use', async () => {
    const { sessions, clock, calls } = await signInOnThreeDevices();
    clock.advance(3_600_000);
    await sessions.of('ada').list({ data: true });
    expect(calls).toEqual(['list', 'read', 'read', 'read']);
  });
});
