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

const limitOf = (max: number, whenFull: 'evict' | 'refuse') => ({ limit: { max, whenFull } });

async function threeSignedIn() {
  const made = createAccountSessions();
  const browsers = [new Browser(made.sessions), new Browser(made.sessions), new Browser(made.sessions)] as const;
  const ids: string[] = [];
  for (const [at, browser] of browsers.entries()) {
    const { session } = await browser.request({ headers: { 'user-agent': `Device ${at}` } }).start(ada);
    ids.push(session.id);
    made.clock.advance(1000);
  }
  const stranger = new Browser(made.sessions);
  const { session } = await stranger.request().start(grace);
  made.calls.length = made.events.length = 0;
  return { ...made, browsers, ids, stranger, strangerId: session.id };
}

describe('list', () => {
  test('names the live sessions of this subject, the current one first, then the last seen', async () => {
    const { browsers, ids, calls, clock } = await threeSignedIn();
    const listed = await browsers[1].request().list();
    expect(calls).toEqual(['read', 'list']);
    expect(listed.map(({ id, current, device }) => ({ id, current, device }))).toEqual([
      { id: ids[1], current: true, device: 'Device 1' },
      { id: ids[2], current: false, device: 'Device 2' },
      { id: ids[0], current: false, device: 'Device 0' },
    ]);
    expect(listed[2]).toMatchObject({ createdAt: clock.now() - 3000, lastSeenAt: clock.now() - 3000 });
  });

  test('shows nothing that opens a session', async () => {
    const { browsers, stranger } = await threeSignedIn();
    const text = JSON.stringify(await browsers[0].request().list());
    expect(Object.keys(JSON.parse(text)[0]).sort()).toEqual(['createdAt', 'current', 'device', 'id', 'lastSeenAt']);
    expect(text).not.toContain(browsers[0].cookie.slice('ssid='.length));
    expect(await stranger.request().list()).toHaveLength(1);
  });

  test('leaves the dead out', async () => {
    const { browsers, clock } = await threeSignedIn();
    clock.advance(6 * 3_600_000 - 1500);
    expect(await browsers[2].request().list()).toHaveLength(1);
  });

  test('keeps 256 characters of the device, as text', async () => {
    const { sessions } = createAccountSessions();
    const browser = new Browser(sessions);
    await browser.request({ headers: { 'user-agent': `<img src=x>${'x'.repeat(100_000)}` } }).start(ada);
    const [info] = await browser.request().list();
    expect(info?.device).toHaveLength(256);
    expect(info?.device).toMatch(/^<img src=x>/);
  });

  test('of nobody is refused', async () => {
    const { sessions } = createAccountSessions();
    expect(await getErrorCode(new Browser(sessions).request().list())).toBe('MISSING');
  });
});

describe('revoke', () => {
  test('ends one by its id', async () => {
    const { browsers, ids, events } = await threeSignedIn();
    expect(await browsers[0].request().revoke(ids[1] ?? '')).toBe(true);
    expect(await browsers[1].request().get()).toBeNull();
    expect(await browsers[2].request().get()).not.toBeNull();
    expect(events).toEqual([{ type: 'revoked', count: 1 }]);
  });

  test('of the current one clears the cookie too', async () => {
    const { browsers, ids, events } = await threeSignedIn();
    expect(await browsers[0].request().revoke(ids[0] ?? '')).toBe(true);
    expect(browsers[0].cookie).toBe('');
    expect(events).toEqual([{ type: 'revoked', count: 1 }]);
  });

  test("cannot reach another subject's, whatever it is called with", async () => {
    const { browsers, stranger, strangerId } = await threeSignedIn();
    for (const id of [strangerId, '', '*', 'all', '__proto__', stranger.cookie]) {
      expect(await browsers[0].request().revoke(id)).toBe(false);
    }
    expect(await stranger.request().get()).not.toBeNull();
    expect(await browsers[1].request().get()).not.toBeNull();
  });
});

describe('revokeOthers', () => {
  test('leaves this one alone and says how many it ended', async () => {
    const { browsers, stranger } = await threeSignedIn();
    expect(await browsers[1].request().revokeOthers()).toBe(2);
    expect(await browsers[1].request().revokeOthers()).toBe(0);
    expect(await Promise.all(browsers.map((browser) => browser.request().get()))).toMatchObject([null, {}, null]);
    expect(await stranger.request().get()).not.toBeNull();
  });
});

describe('for administrators', () => {
  test('of(subject) lists and ends them', async () => {
    const { sessions, browsers, ids, stranger, events } = await threeSignedIn();
    const admin = sessions.of('ada');
    expect((await admin.list()).map(({ id, current }) => ({ id, current }))).toEqual(
      ids.map((id) => ({ id, current: false })),
    );
    expect(await admin.revoke(ids[0] ?? '')).toBe(true);
    expect(await admin.revoke(ids[0] ?? '')).toBe(false);
    expect(await admin.revokeAll()).toBe(2);
    expect(await browsers[1].request().get()).toBeNull();
    expect(await stranger.request().get()).not.toBeNull();
    expect(events.map((event) => event.type === 'revoked' && event.count)).toEqual([1, 0, 2]);
  });

  test.each([[''], [null], [undefined], [Number.NaN], [['ada']]])('of(%j) is refused', (subject) => {
    const { sessions } = createAccountSessions();
    expect(() => sessions.of(subject as never)).toThrow('`subject`');
  });
});

describe('subjects', () => {
  const managed = (subject: (data: { userId: string }) => unknown) => {
    const clock = createTestClock();
    const { store } = createSpiedStore(clock);
    const options = { schema: accountSchema, view: () => null, store, secret, now: clock.now };
    return createSessions({ ...options, subject: subject as () => string | number });
  };

  test('1 and "1" are two', async () => {
    const sessions = managed(({ userId }) => (userId === 'ada' ? 1 : '1'));
    await new Browser(sessions).request().start(ada);
    expect(await sessions.of('1').list()).toEqual([]);
    expect(await sessions.of(1).list()).toHaveLength(1);
  });

  test('undefined is nobody: each session stands alone', async () => {
    const sessions = managed(() => undefined);
    const [one, two] = [new Browser(sessions), new Browser(sessions)];
    await one.request().start(ada);
    await two.request().start(ada);
    expect(await one.request().list()).toHaveLength(1);
    expect(await one.request().revokeOthers()).toBe(0);
    expect(await two.request().get()).not.toBeNull();
  });

  test.each([[null], [''], [Number.NaN], [{}]])(
    '%j is refused at sign-in, for it would be shared by many',
    async (subject) => {
      const sessions = managed(() => subject);
      expect(await getErrorCode(new Browser(sessions).request().start(ada))).toBe('INVALID_OPTION');
    },
  );
});

describe('a limit', () => {
  test('evicts the oldest', async () => {
    const { sessions, clock } = createAccountSessions(limitOf(2, 'evict'));
    const browsers = [new Browser(sessions), new Browser(sessions), new Browser(sessions)];
    for (const browser of browsers) {
      await browser.request().start(ada);
      clock.advance(1);
    }
    expect(await Promise.all(browsers.map((browser) => browser.request().get()))).toMatchObject([null, {}, {}]);
  });

  test('or refuses the one too many, and changes nothing', async () => {
    const { sessions } = createAccountSessions(limitOf(1, 'refuse'));
    const [one, two] = [new Browser(sessions), new Browser(sessions)];
    await one.request().start(ada);
    expect(await getErrorCode(two.request().start(ada))).toBe('LIMIT_REACHED');
    expect(two.setCookies).toEqual([]);
    expect(await one.request().get()).not.toBeNull();
  });

  test('does not count the session that is replaced', async () => {
    const { sessions } = createAccountSessions(limitOf(1, 'refuse'));
    const browser = new Browser(sessions);
    await browser.request().start(ada);
    expect(await getErrorCode(browser.request().start(ada))).toBe('none');
    expect(await browser.request().get()).not.toBeNull();
  });

  test('holds against fifty sign-ins at once', async () => {
    const { sessions } = createAccountSessions(limitOf(3, 'evict'));
    await Promise.all(Array.from({ length: 50 }, () => new Browser(sessions).request().start(ada)));
    expect(await sessions.of('ada').list()).toHaveLength(3);
  });
});
