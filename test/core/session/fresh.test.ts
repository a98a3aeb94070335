import { anyOf, freshWithin, matches } from 'trpc-session';
import type { SessionStore } from 'trpc-session/stores';
import { createTestClock, faultyStore } from 'trpc-session/testing';
import { describe, expect, test } from 'vitest';
import { ada, Browser, createAccountSessions, createSpiedStore } from '../../_support/sessions.ts';

test('get({ fresh: true }) reads the store again, but does not change what get() returns', async () => {
  const { sessions, calls } = createAccountSessions();
  const browser = new Browser(sessions);
  await browser.request().start(ada);
  const session = browser.copy().request();
  expect(await session.get()).not.toBeNull();
  await browser.request().destroy();
  calls.length = 0;
  expect(await session.get({ fresh: true })).toBeNull();
  expect((await session.get())?.data).toEqual(ada);
  expect(calls).toEqual(['read']);
});

test('get({ fresh: true }) waits for pending writes and uses the token that they issued', async () => {
  const { sessions } = createAccountSessions();
  const session = new Browser(sessions).request();
  void session.start(ada);
  void session.update({ visits: 1 });
  expect(await session.get({ fresh: true })).toMatchObject({ data: { visits: 1 }, revision: 2 });
});

test('get() still returns the session after get({ fresh: true }) has failed', async () => {
  const clock = createTestClock();
  const store = faultyStore(createSpiedStore(clock).store, [
    { operation: 'read', call: 2, at: 'before', fault: 'throw' },
  ]);
  const { sessions } = createAccountSessions({ store }, clock);
  const browser = new Browser(sessions);
  await browser.request().start(ada);
  const session = browser.request();
  await session.get();
  await expect(session.get({ fresh: true })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect((await session.get())?.data).toEqual(ada);
});

describe('with a store that may miss writes of other processes', () => {
  /** A manager of such a store, the reads that it makes, and a browser that is signed in. */
  async function createNearSessions() {
    const memory = createSpiedStore(createTestClock()).store;
    const reads: ('fresh' | 'near')[] = [];
    const read: SessionStore['read'] = (at, options) => {
      reads.push(options?.fresh ? 'fresh' : 'near');
      return memory.read(at, options);
    };
    const { sessions } = createAccountSessions({ store: { ...memory, read, maxStaleMs: 500 } });
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    return { browser, reads };
  }

  test('get({ fresh: true }) sees the writes of every process, and get() need not', async () => {
    const { browser, reads } = await createNearSessions();
    const session = browser.request();
    await session.get();
    await session.get({ fresh: true });
    expect(reads).toEqual(['near', 'fresh']);
  });

  test.each([
    ['freshWithin', freshWithin('5m')],
    ['anyOf with freshWithin', anyOf(matches({ role: 'admin' }), freshWithin('5m'))],
  ])('a guard with %s reads fresh, once, and the rest of the request uses that', async (_name, verifier) => {
    const { browser, reads } = await createNearSessions();
    const session = browser.request();
    await session.require();
    await session.require(verifier);
    await session.require(verifier);
    await session.get();
    expect(reads).toEqual(['near', 'fresh']);
  });

  test.each([
    ['matches', matches({ role: 'member' })],
    ['anyOf with a function', anyOf(matches({ role: 'admin' }), () => true)],
    ['a function', () => true],
  ])('a guard with %s need not read fresh', async (_name, verifier) => {
    const { browser, reads } = await createNearSessions();
    await browser.request().require(verifier);
    expect(reads).toEqual(['near']);
  });

  test('a guard with freshWithin does not read again what the request has written', async () => {
    const { browser, reads } = await createNearSessions();
    const session = browser.request();
    await session.update({ visits: 1 });
    await session.require(freshWithin('5m'));
    expect(reads).toEqual(['near']);
  });

  test('a guard with freshWithin reads once if the store misses no write', async () => {
    const memory = createSpiedStore(createTestClock());
    const { sessions } = createAccountSessions({ store: memory.store });
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    memory.calls.length = 0;
    const session = browser.request();
    await session.require();
    await session.require(freshWithin('5m'));
    expect(memory.calls).toEqual(['read']);
  });
});
