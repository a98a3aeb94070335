import { createHeadersSink, createSessions, type SessionEvent, type Sessions } from 'trpc-session';
import { memoryStore } from 'trpc-session/stores/memory';
import { cookie } from 'trpc-session/transports/cookie';
import { bearer } from 'trpc-session/transports/header';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ada, Browser, createAccountSessions, getErrorCode, grace } from '../_support/sessions.ts';

type Made = ReturnType<typeof createAccountSessions>;
type Accounts = Made['sessions'];

/** Managers of several deployments over one store and one secret, each with its own cookie options. */
function deploy(...options: readonly (Parameters<typeof cookie>[0] & object)[]): readonly Made[] {
  const first = createAccountSessions({ transport: cookie(options[0]) });
  const others = options
    .slice(1)
    .map((more) => createAccountSessions({ transport: cookie(more), store: first.store }, first.clock));
  return [first, ...others];
}

/** Signs a user in and resolves to the cookie that carries the session. */
async function signIn(sessions: Accounts, data: Parameters<ReturnType<Accounts['open']>['start']>[0] = ada) {
  const browser = new Browser(sessions);
  await browser.request().start(data);
  return browser.cookie;
}

/** A request that carries these cookies, and the Set-Cookie lines of its response. */
function open(sessions: Accounts, ...cookies: readonly string[]) {
  const response = new Headers();
  const headers = { cookie: cookies.join('; '), 'sec-fetch-site': 'same-origin' };
  const session = sessions.open({ method: 'POST', headers }, createHeadersSink(response));
  return { session, lines: () => response.getSetCookie() };
}

/** The domain and path of each line that expires a cookie. */
function readExpired(lines: readonly string[]): readonly string[] {
  return lines
    .filter((line) => /; Max-Age=0/.test(line))
    .map((line) => `${/Domain=([^;]+)/.exec(line)?.[1] ?? 'host'}${/Path=([^;]+)/.exec(line)?.[1]}`);
}

const otherSecret = 'YW5vdGhlci1hcHAtb24tdGhlLXNhbWUtaG9zdC1ub3c';

/** Changes one character of a seal, so that it names our password and cannot be opened. */
function damage(cookie: string, at = -3): string {
  const character = cookie.at(at) === 'A' ? 'B' : 'A';
  return cookie.slice(0, at) + character + cookie.slice(cookie.length + at + 1);
}

test('a bearer token cannot cause the event', async () => {
  const events: SessionEvent[] = [];
  const sessions: Sessions<{ data: { userId: string }; view: null }, never> = createSessions({
    schema: z.object({ userId: z.string() }),
    view: () => null,
    store: memoryStore(),
    secret: undefined,
    transport: bearer(),
    onEvent: (event) => events.push(event),
  });
  expect(await sessions.open({ headers: { authorization: 'Bearer ambiguous' } }).get()).toBeNull();
  expect(events).toEqual([]);
});

describe('several cookies of one name', async () => {
  const { sessions, events } = createAccountSessions();
  const [mine, other] = [await signIn(sessions), await signIn(sessions, grace)];
  const strange = await signIn(createAccountSessions({ secret: otherSecret }).sessions);
  const readUser = async (...cookies: readonly string[]) => {
    events.length = 0;
    return (await open(sessions, ...cookies).session.get())?.data.userId ?? null;
  };

  test.each<[string, readonly string[]]>([
    ['two equal values are one', [mine, mine]],
    ['the value of another app comes first', [strange, mine]],
    ['the value of another app comes last', [mine, strange]],
    ['an empty value is beside it', ['ssid=', mine]],
    ['three values cannot be opened', [strange, 'ssid=1', mine, 'ssid=x']],
    ['a hundred values have another shape', [...Array.from({ length: 100 }, (_, n) => `ssid=${n}`), mine]],
    [
      'a hundred values belong to another app',
      [...Array.from({ length: 100 }, (_, n) => damage(strange, -n - 3)), mine],
    ],
    ['the other is in quotes', [`ssid="${other.slice(5)}"`, mine]],
    ['the other has its name in upper case', [other.replace('ssid', 'SSID'), mine]],
  ])('sign the user in if %s', async (_case, cookies) => {
    expect(await readUser(...cookies)).toBe('ada');
    expect(events).toEqual([]);
  });

  test('sign no user in if two are valid, and an event says so', async () => {
    expect(await readUser(mine, other)).toBeNull();
    expect(events).toEqual([{ type: 'ambiguous', carrier: 'ssid' }]);
  });

  test('are not read from one value that holds two, as Next decodes it', async () => {
    events.length = 0;
    const readCookies = () => [`${mine.slice(5)};${other.slice(5)}`];
    expect(await sessions.open({ headers: {}, readCookies }).hasToken()).toBe(false);
    expect(events).toEqual([]);
  });

  test('sign no user in if more than four name our secret, and an event says so', async () => {
    const forged = [3, 4, 5, 6].map((at) => damage(other, -at));
    expect(await readUser(...forged, mine)).toBeNull();
    expect(events).toEqual([{ type: 'ambiguous', carrier: 'ssid' }]);
    expect(await readUser(...forged.slice(1), mine)).toBe('ada');
  });
});

const [host, wide, wider] = [{}, { domain: 'shop.example.test' }, { domain: 'example.test' }];

describe('signing in and out expires the twins of the cookie', () => {
  test.each<[string, Parameters<typeof cookie>[0] & object, readonly string[]]>([
    ['none without a domain', host, []],
    ['the one of the host with a domain', wide, ['host/']],
    [
      'those of former domains',
      { ...wide, formerDomains: ['Example.test', 'old.test'] },
      ['host/', 'example.test/', 'old.test/'],
    ],
    ['those of former domains without a domain', { formerDomains: ['example.test'] }, ['example.test/']],
    ['the one of the host under the same path', { ...wide, path: '/shop' }, ['host/shop']],
    ['none with a former domain that is the present one', { ...wide, formerDomains: ['SHOP.example.test'] }, ['host/']],
    ['none in production, where the name forbids a domain', { secure: true, formerDomains: ['example.test'] }, []],
  ])('%s', async (_case, options, expired) => {
    const [made] = deploy(options) as [Made];
    const first = open(made.sessions);
    await first.session.start(ada);
    expect(readExpired(first.lines())).toEqual(expired);
    expect(first.lines().at(-1)).toMatch(/ssid=Fe26/);
    const own = `${options.domain ?? 'host'}${options.path ?? '/'}`;
    const last = open(made.sessions, first.lines().at(-1)?.split(';')[0] ?? '');
    await last.session.destroy();
    expect(readExpired(last.lines())).toEqual([...expired, own]);
  });

  test.each<[string, object, object, string]>([
    ['an earlier path', { path: '/' }, { path: '/shop' }, 'host/'],
    ['an earlier domain and path', wide, { domain: 'shop.example.test', path: '/shop' }, 'shop.example.test/'],
  ])('%s is read from the cookie itself', async (_case, before, after, expected) => {
    const [former, current] = deploy(before, after) as [Made, Made];
    const earlier = await signIn(former.sessions);
    const { session, lines } = open(current.sessions, earlier);
    await session.start(ada);
    expect(readExpired(lines())).toContain(expected);
  });

  test.each([
    [true, false],
    [false, true],
  ])('one that was partitioned before (%s) and is now (%s)', async (before, after) => {
    const options = { sameSite: 'none', secure: true } as const;
    const [former, current] = deploy({ ...options, partitioned: before }, { ...options, partitioned: after }) as [
      Made,
      Made,
    ];
    const earlier = await signIn(former.sessions);
    const { session, lines } = open(current.sessions, earlier);
    expect(await session.get()).toMatchObject({ data: ada });
    await session.start(ada);
    expect(lines()).toHaveLength(2);
    expect(lines()[0]).toMatch(/^__Host-ssid=; Max-Age=0/);
    expect(lines().map((line) => /; Partitioned/.test(line))).toEqual([before, after]);
  });

  test('the longest domain and path fit in the cookie', async () => {
    const domain = Array.from({ length: 4 }, () => 'a'.repeat(62)).join('.');
    const [made] = deploy({ domain, path: `/${'b'.repeat(255)}` }) as [Made];
    const mine = await signIn(made.sessions);
    expect(mine.length).toBeLessThan(1280);
    // Another manager has no cached tokens, so it opens the seal itself.
    const { sessions } = createAccountSessions({ store: made.store }, made.clock);
    expect(await open(sessions, mine).session.get()).toMatchObject({ data: ada });
  });

  test('not where the response cannot carry a cookie', async () => {
    const [made] = deploy(wide) as [Made];
    const response = new Headers();
    const headers = { cookie: await signIn(made.sessions), 'sec-fetch-site': 'same-origin' };
    const sink = createHeadersSink(response, () => 'stream');
    const session = made.sessions.open({ method: 'POST', headers }, sink);
    expect(await session.destroy()).toEqual({ cookieCleared: false });
    expect(response.getSetCookie()).toEqual([]);
  });
});

describe('a sign-in that a twin would hide', () => {
  const refuse = async ({ sessions, calls }: Made, ...cookies: readonly string[]) => {
    calls.length = 0;
    const { session, lines } = open(sessions, ...cookies);
    const error: unknown = await session.start(grace).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'COOKIE_SHADOWED', publicMessage: expect.not.stringContaining('ssid') });
    expect(calls).toEqual([]);
    expect(lines()).toEqual([]);
    return (error as Error).message;
  };

  test('fails before anything is written, and names the domain', async () => {
    const [parent, staging] = deploy(wider, wide) as [Made, Made];
    const twin = await signIn(parent.sessions);
    const message = await refuse(staging, twin);
    expect(message).toContain("set for the domain 'example.test'");
    expect(message).toContain('cookie({ formerDomains })');
    expect(await getErrorCode(open(staging.sessions, twin).session.regenerate())).toBe('COOKIE_SHADOWED');
    expect(await open(parent.sessions, twin).session.get()).not.toBeNull();
  });

  test('succeeds if the domain is a former one', async () => {
    const [parent, staging] = deploy(wider, { ...wide, formerDomains: ['example.test'] }) as [Made, Made];
    const { session, lines } = open(staging.sessions, await signIn(parent.sessions));
    await session.start(grace);
    expect(readExpired(lines())).toEqual(['host/', 'example.test/']);
  });

  test('succeeds if the twin belongs to another app', async () => {
    const made = createAccountSessions();
    const strange = await signIn(createAccountSessions({ secret: otherSecret, transport: cookie(wider) }).sessions);
    const { session, lines } = open(made.sessions, strange);
    await session.start(ada);
    expect(readExpired(lines())).toEqual([]);
    expect(await open(made.sessions, strange, lines()[0]?.split(';')[0] ?? '').session.get()).not.toBeNull();
  });

  test('fails if a copy of an own cookie was planted by another domain', async () => {
    const made = createAccountSessions();
    const message = await refuse(made, await signIn(made.sessions), await signIn(made.sessions, grace));
    expect(message).toContain('__Host-');
  });

  test('fails if the next request would carry too many cookies to open', async () => {
    const made = createAccountSessions();
    const mine = await signIn(made.sessions);
    const forged = [3, 4, 5, 6].map((at) => damage(mine, -at));
    await refuse(made, ...forged);
    await refuse(made, ...forged, mine);
    const { session } = open(made.sessions, ...forged.slice(1), mine);
    await session.start(grace);
  });
});

describe('several valid cookies of one browser', () => {
  test('all their sessions end at sign-out, and none is signed in afterwards', async () => {
    const [before, after] = deploy(host, wide) as [Made, Made];
    const twins = [await signIn(before.sessions), await signIn(after.sessions, grace)];
    const { session, lines } = open(after.sessions, ...twins);
    expect(await session.get()).toBeNull();
    expect(await session.destroy()).toEqual({ cookieCleared: true });
    expect(readExpired(lines())).toEqual(['host/', 'shop.example.test/']);
    for (const twin of twins) expect(await open(after.sessions, twin).session.get()).toBeNull();
    expect(await after.sessions.of('ada').list()).toEqual([]);
    expect(await after.sessions.of('grace').list()).toEqual([]);
  });

  test('a planted one does not survive the sign-out either', async () => {
    const made = createAccountSessions();
    const [mine, planted] = [await signIn(made.sessions), await signIn(made.sessions, grace)];
    await open(made.sessions, mine, planted).session.destroy();
    expect(await open(made.sessions, planted).session.get()).toBeNull();
    expect(await open(made.sessions, mine).session.get()).toBeNull();
  });

  test('all their sessions end at sign-in, and their data is not carried over', async () => {
    const [before, after] = deploy(host, wide) as [Made, Made];
    const twins = [await signIn(before.sessions), await signIn(after.sessions, grace)];
    const { session, lines } = open(after.sessions, ...twins);
    await session.start((previous) => ({ ...ada, visits: previous ? 1 : 7 }));
    const current = lines().at(-1)?.split(';')[0] ?? '';
    expect(await open(after.sessions, current).session.get()).toMatchObject({ data: { userId: 'ada', visits: 7 } });
    expect(await after.sessions.of('ada').list()).toHaveLength(1);
    expect(await after.sessions.of('grace').list()).toEqual([]);
  });

  test('the sign-out fails if one session cannot be ended, and can be repeated', async () => {
    const [before, after] = deploy(host, wide) as [Made, Made];
    const twins = [await signIn(before.sessions), await signIn(after.sessions, grace)];
    const { destroy } = after.store;
    let failures = 1;
    const store = {
      ...after.store,
      destroy: async (...args: Parameters<typeof destroy>) => {
        failures -= 1;
        if (failures === 0) throw new Error('connection lost');
        return destroy(...args);
      },
    };
    const { sessions } = createAccountSessions({ transport: cookie(wide), store }, after.clock);
    expect(await getErrorCode(open(sessions, ...twins).session.destroy())).toBe('UNAVAILABLE');
    await open(sessions, ...twins).session.destroy();
    for (const twin of twins) expect(await open(sessions, twin).session.get()).toBeNull();
  });
});
