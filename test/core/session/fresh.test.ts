import { createTestClock, faultyStore } from 'trpc-session/testing';
import { expect, test } from 'vitest';
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
