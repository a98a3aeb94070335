import { expect, test } from 'vitest';
import { ada, Browser, createAccountSessions } from '../../_support/sessions.ts';

test('a fresh look asks the store again, and the rest of the request goes by what it knew', async () => {
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

test('a fresh look waits for the writes before it, and finds the token that they made', async () => {
  const { sessions } = createAccountSessions();
  const session = new Browser(sessions).request();
  void session.start(ada);
  void session.update({ visits: 1 });
  expect(await session.get({ fresh: true })).toMatchObject({ data: { visits: 1 }, revision: 2 });
});

test('a fresh look that fails spoils nothing', async () => {
  const { sessions, store } = createAccountSessions();
  const browser = new Browser(sessions);
  await browser.request().start(ada);
  const session = browser.request();
  await session.get();
  store.read = () => Promise.reject(new Error('down'));
  await expect(session.get({ fresh: true })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect((await session.get())?.data).toEqual(ada);
});
