import type { SessionStore } from 'trpc-session/stores';
import { faultyStore } from 'trpc-session/testing';
import { describe, expect, test } from 'vitest';
import { ada, Browser, createAccountSessions, getErrorCode, grace } from '../../_support/sessions.ts';

/** Signs Ada in twice, and Grace and Mary once. */
async function signInThreeUsers() {
  const setup = createAccountSessions();
  for (const account of [ada, ada, grace, { ...grace, userId: 'mary', name: 'Mary' }]) {
    await new Browser(setup.sessions).request().start(account);
  }
  setup.calls.length = 0;
  return setup;
}

/** Replaces the pages of a store. */
function serveInPages(store: SessionStore, pages: (keys: readonly string[]) => readonly (readonly string[])[]): void {
  const { scan } = store;
  Object.assign(store, {
    scan: async ({ start, cursor }: Parameters<typeof scan>[0]) => {
      const all = pages((await scan({ start, cursor: null })).keys);
      const at = Number(cursor ?? 0);
      return { keys: all[at] ?? [], cursor: at + 1 < all.length ? String(at + 1) : null };
    },
  });
}

async function listNames(sessions: Awaited<ReturnType<typeof signInThreeUsers>>['sessions']): Promise<string[]> {
  const names: string[] = [];
  for await (const user of sessions.scan()) {
    const entries = await user.list({ data: true });
    names.push(entries.map(({ data }) => data?.name).join());
  }
  return names.toSorted();
}

describe('scan', () => {
  test('returns the sessions of each user once', async () => {
    const { sessions, calls } = await signInThreeUsers();
    expect(await listNames(sessions)).toEqual(['Ada,Ada', 'Grace', 'Mary']);
    expect(calls.filter((name) => name === 'scan')).toHaveLength(1);
  });

  test('returns a user once whose key is in several pages, and passes over empty pages', async () => {
    const { sessions, store } = await signInThreeUsers();
    serveInPages(store, ([first = '', ...rest]) => [[], [first, first], [], [first, ...rest], []]);
    expect(await listNames(sessions)).toEqual(['Ada,Ada', 'Grace', 'Mary']);
    expect(await sessions.count()).toBe(4);
  });

  test('ends every session of everybody', async () => {
    const { sessions } = await signInThreeUsers();
    for await (const user of sessions.scan()) await user.revokeAll();
    expect(await sessions.count()).toBe(0);
  });

  test('reads no further page once its caller has stopped', async () => {
    const { store } = await signInThreeUsers();
    serveInPages(store, (keys) => keys.map((key) => [key]));
    const recorded = faultyStore(store, []);
    for await (const user of createAccountSessions({ store: recorded }).sessions.scan()) {
      expect((await user.list()).length).toBeGreaterThan(0);
      break;
    }
    expect(recorded.calls.map(({ operation }) => operation)).toEqual(['scan', 'list']);
  });

  test('does not see the sessions of an app with another prefix, also if one prefix begins like the other', async () => {
    const { store, sessions } = await signInThreeUsers();
    const other = createAccountSessions({ store, prefix: 'session:admin:' });
    await new Browser(other.sessions).request().start(ada);
    expect(await sessions.count()).toBe(4);
    expect(await other.sessions.count()).toBe(1);
  });

  test('throws UNAVAILABLE if the store fails at a later page', async () => {
    const { store } = await signInThreeUsers();
    serveInPages(store, (keys) => keys.map((key) => [key]));
    const failing = faultyStore(store, [{ operation: 'scan', call: 2, at: 'before', fault: 'throw' }]);
    const { sessions } = createAccountSessions({ store: failing });
    expect(await getErrorCode(listNames(sessions))).toBe('UNAVAILABLE');
  });
});

describe('count', () => {
  test('counts the live sessions of users and guests, and no expired ones', async () => {
    const { sessions, clock } = await signInThreeUsers();
    await new Browser(sessions).request().start(ada, { idle: '1m' });
    expect(await sessions.count()).toBe(5);
    clock.advance(60_000);
    expect(await sessions.count()).toBe(4);
  });
});
