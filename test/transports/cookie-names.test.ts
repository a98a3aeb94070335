import { randomUUID } from 'node:crypto';
import { createHeadersSink } from 'trpc-session';
import { memoryStore } from 'trpc-session/stores/memory';
import { type CookieOptions, cookie } from 'trpc-session/transports/cookie';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ada, createAccountSessions } from '../_support/sessions.ts';

afterEach(() => vi.unstubAllEnvs());

type Accounts = ReturnType<typeof createAccountSessions>['sessions'];

const otherSecret = 'YW5vdGhlci1hcHAtb24tdGhlLXNhbWUtaG9zdC1ub3c';
const host = 'localhost:3001';

/** A request that carries these cookies, and the Set-Cookie lines of its response without their attributes. */
function open(sessions: Accounts, headers: Readonly<Record<string, string>>) {
  const response = new Headers();
  const sent = { 'sec-fetch-site': 'same-origin', ...headers };
  const session = sessions.open({ method: 'POST', headers: sent }, createHeadersSink(response));
  return { session, lines: () => response.getSetCookie().map((line) => line.split(';')[0] ?? '') };
}

async function signIn(sessions: Accounts, headers: Readonly<Record<string, string>> = { host }) {
  const { session, lines } = open(sessions, headers);
  await session.start(ada);
  return lines();
}

const [foreign = ''] = await signIn(createAccountSessions({ secret: otherSecret }).sessions);

describe('in development, with the default name', () => {
  test('the cookie has the bare name', async () => {
    expect(await signIn(createAccountSessions().sessions)).toEqual([expect.stringMatching(/^ssid=Fe26/)]);
  });

  test('the cookie gets the port if another app uses the bare name', async () => {
    const { sessions } = createAccountSessions();
    const [mine = ''] = await signIn(sessions, { host, cookie: foreign });
    expect(mine).toMatch(/^ssid-3001=Fe26/);
    const both = { host, cookie: `${foreign}; ${mine}` };
    expect(await open(sessions, both).session.get()).toMatchObject({ data: ada });
    const { session, lines } = open(sessions, both);
    await session.destroy();
    expect(lines()).toEqual(['ssid-3001=']);
  });

  test('the cookie moves back to the bare name when that is free, and the other one is expired', async () => {
    const { sessions } = createAccountSessions();
    const [mine = ''] = await signIn(sessions, { host, cookie: foreign });
    expect(await signIn(sessions, { host, cookie: mine })).toEqual(['ssid-3001=', expect.stringMatching(/^ssid=Fe26/)]);
  });

  test('a cookie of another port counts if the secret is the same', async () => {
    const { sessions } = createAccountSessions();
    const [mine = ''] = await signIn(sessions, { host: 'localhost:4000', cookie: foreign });
    const onOtherPort = { host, cookie: `${foreign}; ${mine}` };
    expect(await open(sessions, onOtherPort).session.get()).toMatchObject({ data: ada });
    const { session, lines } = open(sessions, onOtherPort);
    await session.destroy();
    expect(lines().sort()).toEqual(['ssid-3001=', 'ssid-4000=']);
  });

  test.each<[string, Record<string, string>]>([
    ['no host', {}],
    ['a host without a port', { host: 'app.test' }],
    ['an invalid host', { host: 'a b:80:80' }],
  ])('the bare name is used for a request with %s', async (_case, headers) => {
    const { sessions } = createAccountSessions();
    expect(await signIn(sessions, { ...headers, cookie: foreign })).toEqual([expect.stringMatching(/^ssid=Fe26/)]);
  });

  test.each(['ssid-=x', 'ssid-123456=x', 'ssid-3001', 'xssid-3001=x', 'ssid-30a=x'])(
    'no session is looked for in %s',
    async (cookieText) => {
      const { sessions } = createAccountSessions();
      expect(await open(sessions, { host, cookie: cookieText }).session.hasToken()).toBe(false);
    },
  );
});

test.each<[string, CookieOptions, string]>([
  ['with a name of its own', { name: 'mine' }, 'development'],
  ['in production', { secure: false }, 'production'],
])('%s, the cookie has no port', async (_case, options, environment) => {
  vi.stubEnv('NODE_ENV', environment);
  const create = (secret: string) => {
    const store = memoryStore({ name: randomUUID(), production: true });
    return createAccountSessions({ secret, store, transport: cookie(options) }).sessions;
  };
  const [other = ''] = await signIn(create(otherSecret));
  expect(await signIn(create('cHJvZHVjdGlvbi1hcHAtYXQtYS1zZWNyZXQtbm93'), { host, cookie: other })).toEqual([
    expect.stringMatching(/^(mine|ssid)=Fe26/),
  ]);
});
