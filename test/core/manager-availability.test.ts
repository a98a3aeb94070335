import { createSessions } from 'trpc-session';
import { memoryStore } from 'trpc-session/stores/memory';
import { createTestClock, type Fault, faultyStore } from 'trpc-session/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { accountSchema, ada, Browser, createAccountSessions, getErrorCode, secret } from '../_support/sessions.ts';

afterEach(() => vi.unstubAllEnvs());

const connectionError = new Error('connect ECONNREFUSED redis.internal:6379');
const everyCallFails = (
  ['read', 'touch', 'start', 'replace', 'regenerate', 'destroy', 'list', 'revoke', 'ping'] as const
).map((operation): Fault => ({ operation, at: 'before', fault: 'throw', error: connectionError }));

/** Signs a visitor in, and then lets store calls fail. `retry` sends the visitor's cookie to a store that works again. */
async function startOutage(faults: readonly Fault[] = everyCallFails) {
  const clock = createTestClock();
  const healthy = createAccountSessions({}, clock);
  const browser = new Browser(healthy.sessions);
  await browser.request().start(ada);
  const setup = createAccountSessions({ store: faultyStore(healthy.store, faults) }, clock);
  const visitor = new Browser(setup.sessions);
  visitor.jar.set('ssid', browser.cookie.slice('ssid='.length));
  const retry = () => healthy.sessions.open({ headers: { cookie: visitor.cookie } });
  return { ...setup, visitor, retry };
}

describe('while the store cannot be reached', () => {
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
  ])('%s throws UNAVAILABLE, and the visitor stays signed in', async (_name, use) => {
    const { visitor, retry } = await startOutage();
    const thrown = await use(visitor.request() as never).catch((reason: unknown) => reason);
    expect(thrown).toMatchObject({ code: 'UNAVAILABLE', reason: 'unavailable', cause: connectionError });
    expect((thrown as Error).message).not.toMatch(/redis|ECONN/i);
    expect(visitor.setCookies).toEqual([]);
    expect((await retry().get())?.data).toEqual(ada);
  });

  test.each(['of(subject).list', 'of(subject).revokeAll', 'ready'])('%s throws UNAVAILABLE', async (name) => {
    const { sessions } = await startOutage();
    const calls = {
      ready: () => sessions.ready(),
      list: () => sessions.of('ada').list(),
      revokeAll: () => sessions.of('ada').revokeAll(),
    };
    expect(await getErrorCode(calls[name.split('.').at(-1) as keyof typeof calls]())).toBe('UNAVAILABLE');
  });

  test('a visitor without a token is signed out, and hasToken works', async () => {
    const { sessions, visitor } = await startOutage();
    expect(await new Browser(sessions).request().get()).toBeNull();
    expect(await visitor.request().hasToken()).toBe(true);
  });

  test('one event is emitted when it begins and one when it ends', async () => {
    const failedReads = [1, 2, 5];
    const { visitor, events } = await startOutage(
      failedReads.map((call) => ({ operation: 'read', call, at: 'before', fault: 'throw' })),
    );
    await getErrorCode(visitor.request().get());
    await getErrorCode(visitor.request().get());
    await visitor.request().get();
    await visitor.request().get();
    await getErrorCode(visitor.request().get());
    expect(events.map(({ type }) => type)).toEqual(['unavailable', 'recovered', 'unavailable']);
    expect(events[0]).toMatchObject({ operation: 'read', cause: expect.any(Error) });
  });

  test('get throws UNAVAILABLE even if the store throws instead of rejecting', async () => {
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
  test('createSessions works, and each use throws NOT_CONFIGURED with a hint', async () => {
    const options = { schema: accountSchema, view: () => null, store: undefined, secret };
    const sessions = createSessions({ ...options, subject: (data) => data.userId });
    const browser = new Browser(sessions);
    expect(await browser.request().get()).toBeNull();
    for (const result of [browser.request().start(ada), sessions.ready(), sessions.of('ada').list()]) {
      await expect(result).rejects.toMatchObject({
        code: 'NOT_CONFIGURED',
        message: expect.stringContaining('redisStore(url)'),
      });
    }
    await sessions.close();
  });
});

describe('in production', () => {
  test('createSessions works without a secret, and the first use throws NOT_CONFIGURED', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    const { sessions, calls } = createAccountSessions({ secret: undefined, store: memoryStore({ production: true }) });
    const browser = new Browser(sessions);
    expect(await browser.request().get()).toBeNull();
    expect(await getErrorCode(browser.request().start(ada))).toBe('NOT_CONFIGURED');
    expect(await getErrorCode(sessions.ready())).toBe('NOT_CONFIGURED');
    expect(calls).toEqual([]);
  });

  test('the memory store is refused unless its option `production` is true', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    const refused = createAccountSessions().sessions;
    expect(await getErrorCode(refused.ready())).toBe('NOT_CONFIGURED');
    expect(await getErrorCode(new Browser(refused).request().start(ada))).toBe('NOT_CONFIGURED');
    const allowed = createAccountSessions({ store: memoryStore({ name: 'allowed', production: true }) }).sessions;
    expect(await getErrorCode(allowed.ready())).toBe('none');
  });

  test('the cookie is __Host-ssid: Secure, HttpOnly, SameSite=Lax, and valid for the whole host', async () => {
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

test('ready() pings the store, and close() closes it', async () => {
  const { sessions, calls } = createAccountSessions();
  await sessions.ready();
  await sessions.close();
  expect(calls).toEqual(['ping', 'close']);
});
