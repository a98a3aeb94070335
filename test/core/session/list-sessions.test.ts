import { createSessions } from 'trpc-session';
import { createTestClock } from 'trpc-session/testing';
import { describe, expect, test } from 'vitest';
import {
  accountSchema,
  ada,
  Browser,
  createAccountSessions,
  createSpiedStore,
  getErrorCode,
  grace,
  secret,
} from '../../_support/sessions.ts';

/** Signs Ada in on three devices, one second apart, and then Grace on one. */
async function signInOnThreeDevices() {
  const setup = createAccountSessions();
  const browsers = [new Browser(setup.sessions), new Browser(setup.sessions), new Browser(setup.sessions)] as const;
  const ids: string[] = [];
  for (const [at, browser] of browsers.entries()) {
    const { session } = await browser.request({ headers: { 'user-agent': `Device ${at}` } }).start(ada);
    ids.push(session.id);
    setup.clock.advance(1000);
  }
  const graceBrowser = new Browser(setup.sessions);
  const { session } = await graceBrowser.request().start(grace);
  setup.calls.length = setup.events.length = 0;
  return { ...setup, browsers, ids, graceBrowser, graceId: session.id };
}

describe('list', () => {
  test('returns the live sessions of the user: the current one first, then the most recently used', async () => {
    const { browsers, ids, calls, clock } = await signInOnThreeDevices();
    const list = await browsers[1].request().list();
    expect(calls).toEqual(['read', 'list']);
    expect(list.map(({ id, current, device }) => ({ id, current, device }))).toEqual([
      { id: ids[1], current: true, device: 'Device 1' },
      { id: ids[2], current: false, device: 'Device 2' },
      { id: ids[0], current: false, device: 'Device 0' },
    ]);
    expect(list[2]).toMatchObject({ createdAt: clock.now() - 3000, lastSeenAt: clock.now() - 3000 });
  });

  test('returns nothing that could open a session', async () => {
    const { browsers, graceBrowser } = await signInOnThreeDevices();
    const text = JSON.stringify(await browsers[0].request().list());
    expect(Object.keys(JSON.parse(text)[0]).sort()).toEqual(['createdAt', 'current', 'device', 'id', 'lastSeenAt']);
    expect(text).not.toContain(browsers[0].cookie.slice('ssid='.length));
    expect(await graceBrowser.request().list()).toHaveLength(1);
  });

  test('omits expired sessions', async () => {
    const { browsers, clock } = await signInOnThreeDevices();
    clock.advance(6 * 3_600_000 - 1500);
    expect(await browsers[2].request().list()).toHaveLength(1);
  });

  test('returns the first 256 characters of the User-Agent header, unescaped', async () => {
    const { sessions } = createAccountSessions();
    const browser = new Browser(sessions);
    await browser.request({ headers: { 'user-agent': `<img src=x>${'x'.repeat(100_000)}` } }).start(ada);
    const [info] = await browser.request().list();
    expect(info?.device).toHaveLength(256);
    expect(info?.device).toMatch(/^<img src=x>/);
  });

  test('throws MISSING for a signed-out visitor', async () => {
    const { sessions } = createAccountSessions();
    expect(await getErrorCode(new Browser(sessions).request().list())).toBe('MISSING');
  });
});

describe('revoke', () => {
  test('ends one session by its id', async () => {
    const { browsers, ids, events } = await signInOnThreeDevices();
    expect(await browsers[0].request().revoke(ids[1] ?? '')).toBe(true);
    expect(await browsers[1].request().get()).toBeNull();
    expect(await browsers[2].request().get()).not.toBeNull();
    expect(events).toEqual([{ type: 'revoked', count: 1 }]);
  });

  test('also clears the cookie if it ends the current session', async () => {
    const { browsers, ids, events } = await signInOnThreeDevices();
    expect(await browsers[0].request().revoke(ids[0] ?? '')).toBe(true);
    expect(browsers[0].cookie).toBe('');
    expect(events).toEqual([{ type: 'revoked', count: 1 }]);
  });

  test('never ends a session of another user, whatever the id is', async () => {
    const { browsers, graceBrowser, graceId } = await signInOnThreeDevices();
    for (const id of [graceId, '', '*', 'all', '__proto__', graceBrowser.cookie]) {
      expect(await browsers[0].request().revoke(id)).toBe(false);
    }
    expect(await graceBrowser.request().get()).not.toBeNull();
    expect(await browsers[1].request().get()).not.toBeNull();
  });
});

describe('revokeOthers', () => {
  test('ends every other session of the user and returns how many', async () => {
    const { browsers, graceBrowser } = await signInOnThreeDevices();
    expect(await browsers[1].request().revokeOthers()).toBe(2);
    expect(await browsers[1].request().revokeOthers()).toBe(0);
    expect(await Promise.all(browsers.map((browser) => browser.request().get()))).toMatchObject([null, {}, null]);
    expect(await graceBrowser.request().get()).not.toBeNull();
  });
});

describe('sessions.of', () => {
  test('lists and ends the sessions of any user', async () => {
    const { sessions, browsers, ids, graceBrowser, events } = await signInOnThreeDevices();
    const admin = sessions.of('ada');
    expect((await admin.list()).map(({ id, current }) => ({ id, current }))).toEqual(
      ids.map((id) => ({ id, current: false })),
    );
    expect(await admin.revoke(ids[0] ?? '')).toBe(true);
    expect(await admin.revoke(ids[0] ?? '')).toBe(false);
    expect(await admin.revokeAll()).toBe(2);
    expect(await browsers[1].request().get()).toBeNull();
    expect(await graceBrowser.request().get()).not.toBeNull();
    expect(events.map((event) => event.type === 'revoked' && event.count)).toEqual([1, 0, 2]);
  });

  test.each([[''], [null], [undefined], [Number.NaN], [['ada']]])('throws for the subject %j', (subject) => {
    const { sessions } = createAccountSessions();
    expect(() => sessions.of(subject as never)).toThrow('`subject`');
  });
});

describe('the subject option', () => {
  const createSessionsWithSubject = (subject: (data: { userId: string }) => unknown) => {
    const clock = createTestClock();
    const { store } = createSpiedStore(clock);
    const options = { schema: accountSchema, view: () => null, store, secret, now: clock.now };
    return createSessions({ ...options, subject: subject as () => string | number });
  };

  test('makes 1 and "1" different users', async () => {
    const sessions = createSessionsWithSubject(({ userId }) => (userId === 'ada' ? 1 : '1'));
    await new Browser(sessions).request().start(ada);
    expect(await sessions.of('1').list()).toEqual([]);
    expect(await sessions.of(1).list()).toHaveLength(1);
  });

  test('keeps a session out of every list but its own if it returns undefined', async () => {
    const sessions = createSessionsWithSubject(() => undefined);
    const [one, two] = [new Browser(sessions), new Browser(sessions)];
    await one.request().start(ada);
    await two.request().start(ada);
    expect(await one.request().list()).toHaveLength(1);
    expect(await one.request().revokeOthers()).toBe(0);
    expect(await two.request().get()).not.toBeNull();
  });

  test.each([[null], [''], [Number.NaN], [{}]])(
    'makes the sign-in fail if it returns %j, because many users would share it',
    async (subject) => {
      const sessions = createSessionsWithSubject(() => subject);
      expect(await getErrorCode(new Browser(sessions).request().start(ada))).toBe('INVALID_OPTION');
    },
  );
});

describe('the limit option', () => {
  test("ends the oldest session if whenFull is 'evict'", async () => {
    const { sessions, clock } = createAccountSessions({ limit: { max: 2, whenFull: 'evict' } });
    const browsers = [new Browser(sessions), new Browser(sessions), new Browser(sessions)];
    for (const browser of browsers) {
      await browser.request().start(ada);
      clock.advance(1);
    }
    expect(await Promise.all(browsers.map((browser) => browser.request().get()))).toMatchObject([null, {}, {}]);
  });

  test("fails the sign-in and changes nothing if whenFull is 'refuse'", async () => {
    const { sessions } = createAccountSessions({ limit: { max: 1, whenFull: 'refuse' } });
    const [one, two] = [new Browser(sessions), new Browser(sessions)];
    await one.request().start(ada);
    expect(await getErrorCode(two.request().start(ada))).toBe('LIMIT_REACHED');
    expect(two.setCookies).toEqual([]);
    expect(await one.request().get()).not.toBeNull();
  });

  test('does not count the session that is replaced', async () => {
    const { sessions } = createAccountSessions({ limit: { max: 1, whenFull: 'refuse' } });
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    expect(await getErrorCode(browser.request().start(ada))).toBe('none');
    expect(await browser.request().get()).not.toBeNull();
  });

  test('is not exceeded by fifty concurrent sign-ins', async () => {
    const { sessions } = createAccountSessions({ limit: { max: 3, whenFull: 'evict' } });
    await Promise.all(Array.from({ length: 50 }, () => new Browser(sessions).request().start(ada)));
    expect(await sessions.of('ada').list()).toHaveLength(3);
  });
});
