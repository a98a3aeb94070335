import { createSessions } from 'trpc-session';
import { createTestClock } from 'trpc-session/testing';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { accountSchema, ada, Browser, createAccountSessions, createSpiedStore, secret } from './_support/sessions.ts';

test('createSessions makes no store call and does not read the environment', () => {
  const onRead = vi.fn();
  const env = process.env;
  process.env = new Proxy(env, { get: (target, name: string) => onRead(name) ?? target[name] });
  try {
    const { calls } = createAccountSessions();
    expect(calls).toEqual([]);
    expect(onRead).not.toHaveBeenCalled();
  } finally {
    process.env = env;
  }
});

test('the default transport is the cookie', async () => {
  const browser = new Browser(createAccountSessions().sessions);
  await browser.request().start(ada);
  expect(browser.cookie).toMatch(/^ssid=Fe26\.2\*/);
});

test('two managers with the same options share their sessions, as after a hot reload', async () => {
  const one = createAccountSessions({ secret: undefined });
  const two = createAccountSessions({ secret: undefined, store: one.store }, one.clock);
  const browser = new Browser(one.sessions);
  await browser.request().start(ada);
  const other = new Browser(two.sessions);
  other.jar.set('ssid', browser.cookie.slice('ssid='.length));
  expect((await other.request().get())?.data).toEqual(ada);
});

test('facts contain the options that the integrations need', () => {
  const clock = createTestClock();
  const patch = z.object({ name: z.string() });
  const options = {
    schema: accountSchema,
    view: () => null,
    store: createSpiedStore(clock).store,
    secret,
    now: clock.now,
  };
  const { facts } = createSessions({ ...options, patch, prefix: 'app:' });
  expect(facts).toMatchObject({ prefix: 'app:', patch });
  expect(facts.now()).toBe(clock.now());
  expect(facts.carriers.map(({ name, ambient }) => ({ name, ambient }))).toEqual([{ name: 'ssid', ambient: true }]);
  expect(createSessions(options).facts).toMatchObject({ prefix: 'session:', patch: null });
});

test('a session contains the output of a schema that transforms', async () => {
  const clock = createTestClock();
  const schema = z.object({ name: z.string().trim(), at: z.coerce.date() });
  const sessions = createSessions({
    schema,
    view: () => null,
    store: createSpiedStore(clock).store,
    secret,
    now: clock.now,
  });
  const browser = new Browser(sessions);
  const { session } = await browser.request().start({ name: ' Ada ', at: new Date(0) });
  expect(session.data).toEqual({ name: 'Ada', at: new Date(0) });
  expect((await browser.request().get())?.data).toEqual({ name: 'Ada', at: new Date(0) });
});

test('events contain no token, no hash and no session data', async () => {
  const { sessions, events } = createAccountSessions();
  const browser = new Browser(sessions);
  await browser.request().start(ada);
  await browser.request().regenerate();
  await browser.request().update({ name: 'hunter2' });
  await browser.request().revokeOthers();
  await browser.request().destroy();
  await browser
    .request()
    .require()
    .catch(() => {});
  expect(events.map(({ type }) => type)).toEqual(['created', 'regenerated', 'revoked', 'destroyed', 'rejected']);
  expect(JSON.stringify(events)).not.toMatch(/hunter2|Fe26|Ada|[\w-]{43}/);
});
