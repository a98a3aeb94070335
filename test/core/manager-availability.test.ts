import { createSessions } from 'trpc-session';
import type { SessionStore } from 'trpc-session/stores';
import { memoryStore } from 'trpc-session/stores/memory';
import { createTestClock } from 'trpc-session/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { accountSchema, ada, Browser, createAccountSessions, getErrorCode, secret } from '../_support/sessions.ts';

afterEach(() => vi.unstubAllEnvs());

/** The same store, out of reach while `down` is set. */
async function outage() {
  const clock = createTestClock();
  const healthy = createAccountSessions({}, clock);
  const browser = new Browser(healthy.sessions);
  await browser.request().start(ada);
  const state = { down: false };
  const store = new Proxy(healthy.store, {
    get: (target, name: keyof SessionStore) =>
      typeof target[name] === 'function' && state.down
        ? () => Promise.reject(new Error('connect ECONNREFUSED redis.internal:6379'))
        : target[name],
  });
  const made = createAccountSessions({ store }, clock);
  const visitor = new Browser(made.sessions);
  visitor.jar.set('ssid', browser.cookie.slice('ssid='.length));
  state.down = true;
  return { ...made, visitor, state };
}

describe('while the store is out of reach', () => {
  test.each<[string, (session: ReturnType<Browser<never>['request']>) => Promise<unknown>]>([
    ['get', (session) => session.get()],
    ['view', (session) => session.view()],
    ['require', (session) => session.require()],
    ['start', (session) => session.start(ada as never)],
    ['update', (session) => session.update({ visits: 1 } as never)],
    ['regenerate', (session) => session.regenerate()],
    ['destroy', (session) => session.destroy()],
    ['list', (session) => session.list()],
    ['revoke', (session) => session.revoke('x')],
    ['revokeOthers', (session) => session.revokeOthers()],
  ])('%s says so: never null, never a sign-out, never a cookie', async (_case, use) => {
    const { visitor, state } = await outage();
    const error = await use(visitor.request() as never).catch((refusal: unknown) => refusal);
    expect(error).toMatchObject({ code: 'UNAVAILABLE', reason: 'unavailable', cause: expect.any(Error) });
    expect((error as Error).message).not.toMatch(/redis|ECONN/i);
    expect(visitor.setCookies).toEqual([]);
    state.down = false;
    expect((await visitor.request().get())?.data).toEqual(ada);
  });

  test.each(['of(subject).list', 'of(subject).revokeAll', 'ready'])('%s says so too', async (name) => {
    const { sessions } = await outage();
    const calls = {
      ready: () => sessions.ready(),
      list: () => sessions.of('ada').list(),
      revokeAll: () => sessions.of('ada').revokeAll(),
    };
    expect(await getErrorCode(calls[name.split('.').at(-1) as keyof typeof calls]())).toBe('UNAVAILABLE');
  });

  test('whoever has no token, and hasToken, are told nothing of it', async () => {
    const { sessions, visitor } = await outage();
    expect(await new Browser(sessions).request().get()).toBeNull();
    expect(await visitor.request().hasToken()).toBe(true);
  });

  test('it is told once when it begins and once when it ends', async () => {
    const { visitor, state, events } = await outage();
    await getErrorCode(visitor.request().get());
    await getErrorCode(visitor.request().get());
    state.down = false;
    await visitor.request().get();
    await visitor.request().get();
    state.down = true;
    await getErrorCode(visitor.request().get());
    expect(events.map(({ type }) => type)).toEqual(['unavailable', 'recovered', 'unavailable']);
    expect(events[0]).toMatchObject({ operation: 'read', cause: expect.any(Error) });
  });

  test('a store that throws before it answers is no different', async () => {
    const store = Object.assign(memoryStore(), {
      read: () => {
        throw new TypeError('broken');
      },
    });
    const { sessions } = createAccountSessions({ store });
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    expect(await getErrorCode(browser.request().get())).toBe('UNAVAILABLE');
  });
});

describe('without a store', () => {
  test('a manager is built, and each use says what is absent', async () => {
    const options = { schema: accountSchema, view: () => null, store: undefined, secret };
    const sessions = createSessions({ ...options, subject: (data) => data.userId });
    const browser = new Browser(sessions);
    expect(await browser.request().get()).toBeNull();
    for (const use of [browser.request().start(ada), sessions.ready(), sessions.of('ada').list()]) {
      await expect(use).rejects.toMatchObject({
        code: 'NOT_CONFIGURED',
        message: expect.stringContaining('redisStore(url)'),
      });
    }
    await sessions.close();
  });
});

describe('in production', () => {
  test('without a secret the manager is built, and the first use is refused', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    const { sessions, calls } = createAccountSessions({ secret: undefined, store: memoryStore({ production: true }) });
    const browser = new Browser(sessions);
    expect(await browser.request().get()).toBeNull();
    expect(await getErrorCode(browser.request().start(ada))).toBe('NOT_CONFIGURED');
    expect(await getErrorCode(sessions.ready())).toBe('NOT_CONFIGURED');
    expect(calls).toEqual([]);
  });

  test('the memory store is refused unless it is told otherwise', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    const refused = createAccountSessions().sessions;
    expect(await getErrorCode(refused.ready())).toBe('NOT_CONFIGURED');
    expect(await getErrorCode(new Browser(refused).request().start(ada))).toBe('NOT_CONFIGURED');
    const allowed = createAccountSessions({ store: memoryStore({ name: 'allowed', production: true }) }).sessions;
    expect(await getErrorCode(allowed.ready())).toBe('none');
  });

  test('the cookie is __Host-ssid, Secure, HttpOnly, SameSite=Lax and of the whole host', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    const store = memoryStore({ name: 'cookie', production: true });
    const browser = new Browser(createAccountSessions({ store, now: Date.now }).sessions);
    await browser.request().start(ada);
    const [pair, ...attributes] = browser.setCookies[0]?.split('; ') ?? [];
    expect(pair).toMatch(/^__Host-ssid=Fe26\.2\*/);
    expect(attributes.sort()).toEqual([
      'HttpOnly',
      expect.stringMatching(/^Max-Age=604(800|799)$/),
      'Path=/',
      'SameSite=Lax',
      'Secure',
    ]);
  });
});

test('ready and close pass on to the store', async () => {
  const { sessions, calls } = createAccountSessions();
  await sessions.ready();
  await sessions.close();
  expect(calls).toEqual(['ping', 'close']);
});
