// Slow: it starts a Redis server, and monitors every command.
import { inspect } from 'node:util';
import { createTRPCClient, httpBatchLink } from '@trpc/client';
import { initTRPC } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { Redis } from 'ioredis';
import type { SessionEvent } from 'trpc-session';
import { memoryStore } from 'trpc-session/stores/memory';
import { createTrpcSession } from 'trpc-session/trpc';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { computeSlot, hashToken } from '../../src/core/record/token.ts';
import { measureDuration } from '../_support/measure-duration.ts';
import { recordCommands } from '../_support/redis-monitor.ts';
import { countCommands, type RedisServer, resetCounts, startRedis } from '../_support/redis-server.ts';
import { countUsersWithSessions } from '../_support/stored-sessions.ts';
import {
  type App,
  type AppSession,
  Browser,
  createAccount,
  createBearerApp,
  createCookieApp,
  createPatientStore,
  increment,
  loadScripts,
  signIn,
  withToken,
} from './app.ts';

const secret = 'a-secret-of-these-tests-0123456789';
const toKey = (subject: string) => `session:{${computeSlot('session:', subject)}}`;

let redis: RedisServer;
let app: App;
let headers: App;

beforeAll(async () => {
  redis = await startRedis();
  app = createCookieApp({ store: createPatientStore(redis.url), secret });
  headers = createBearerApp({ store: createPatientStore(redis.url) });
});

afterAll(async () => {
  await app.close();
  await redis.stop();
});

beforeEach(async () => {
  await redis.client().flushall();
  await loadScripts(headers);
});

/** The names of the commands that clients sent during the work, compared with the server's own count. */
async function listSentCommands(work: () => Promise<unknown>): Promise<readonly string[]> {
  await resetCounts(redis.client());
  const seen = await recordCommands(redis.client(), work);
  const counts = await countCommands(redis.client());
  for (const script of ['evalsha', 'eval']) {
    expect(counts[script] ?? 0).toBe(seen.filter(({ name }) => name === script).length);
  }
  expect(counts.hmget ?? 0).toBe(seen.filter(({ name }) => name === 'hmget').length);
  return seen.filter(({ sent }) => sent).map(({ name }) => name);
}

async function signInBrowser(manager: App = app): Promise<Browser> {
  const browser = new Browser(manager);
  await browser.signIn('ada');
  return browser;
}

describe('a request that carries a session', () => {
  test.each<[string, readonly string[], (session: AppSession) => Promise<unknown>]>([
    ['get', ['hmget'], (session) => session.get()],
    ['view', ['hmget'], (session) => session.view()],
    ['require', ['hmget'], (session) => session.require()],
    ['hasToken', [], (session) => session.hasToken()],
    ['start', ['evalsha'], (session) => session.start(createAccount('ada'))],
    ['update', ['hmget', 'evalsha'], (session) => session.update({ count: 1 })],
    ['regenerate', ['hmget', 'evalsha'], (session) => session.regenerate()],
    ['destroy', ['evalsha'], (session) => session.destroy()],
    ['list', ['hmget', 'evalsha'], (session) => session.list()],
    ['revoke', ['hmget', 'evalsha'], (session) => session.revoke('an-unknown-id')],
    ['revokeOthers', ['hmget', 'evalsha'], (session) => session.revokeOthers()],
  ])('reads at most once and runs one script: %s', async (_name, expected, run) => {
    const browser = await signInBrowser();
    expect(await listSentCommands(() => browser.request(run))).toEqual(expected);
  });

  test('reads once, however often the session is used, and runs one script per write', async () => {
    const browser = await signInBrowser();
    const work = async (session: AppSession) => {
      await Promise.all([session.get(), session.view(), session.require()]);
      await session.update({ count: 1 });
      await session.get();
      await session.update({ count: 2 });
      await session.regenerate();
      await session.require();
    };
    expect(await listSentCommands(() => browser.request(work))).toEqual(['hmget', 'evalsha', 'evalsha', 'evalsha']);
  });

  test('records its use by one script, when it is due', async () => {
    const client = new Redis(redis.url);
    const later = createBearerApp({ store: createPatientStore(client), now: () => Date.now() + 10 * 60_000 });
    const { token } = await signIn(headers, 'ada');
    const passive = () => withToken(later, token).get({ passive: true });
    const active = async () => {
      const session = withToken(later, token);
      await session.get({ passive: true });
      await Promise.all([session.get(), session.get(), session.require()]);
      await session.get();
      // The request does not wait for the touch. The same connection replies to this ping after the touch.
      await client.ping();
    };
    // The first time, Redis lacks the script, and the client sends it in a second command.
    await active();
    await client.ping();
    expect(await listSentCommands(passive)).toEqual(['hmget']);
    expect(await listSentCommands(active)).toEqual(['hmget', 'evalsha']);
    client.disconnect();
  });
});

describe('a request without a session', () => {
  test('signs in with one script and no read', async () => {
    expect(await listSentCommands(() => new Browser(app).signIn('ada'))).toEqual(['evalsha']);
  });

  test.each([
    ['no cookie', undefined],
    ['an empty cookie', ''],
    ['a word', 'nonsense'],
    ['a token that is not sealed', 'A'.repeat(72)],
    [
      'a forged seal',
      `Fe26.2*1*${'0'.repeat(64)}*${'A'.repeat(22)}*${'A'.repeat(128)}**${'0'.repeat(64)}*${'A'.repeat(43)}~2`,
    ],
  ])('costs no command: %s', async (_name, cookie) => {
    const browser = new Browser(app, cookie);
    expect(await listSentCommands(() => browser.request((session) => session.get()))).toEqual([]);
    expect(await listSentCommands(() => browser.request((session) => session.destroy()))).toEqual([]);
  });

  test('costs no command if another app sealed the cookie', async () => {
    const otherApp = await signInBrowser(
      createCookieApp({ store: memoryStore({ name: 'other-app' }), secret: `${secret}-other` }),
    );
    const browser = new Browser(app, otherApp.seal);
    expect(await listSentCommands(() => browser.isSignedIn())).toEqual([]);
  });

  test('costs no command if its token is past the absolute deadline', async () => {
    const browser = await signInBrowser();
    const later = createCookieApp({
      store: createPatientStore(redis.url),
      secret,
      now: () => Date.now() + 8 * 86_400_000,
    });
    expect(await listSentCommands(() => new Browser(later, browser.seal).isSignedIn())).toEqual([]);
  });

  test('costs one read and writes nothing if its sealed token is unknown', async () => {
    const elsewhere = await signInBrowser(createCookieApp({ store: memoryStore({ name: 'elsewhere' }), secret }));
    const keys = await redis.client().dbsize();
    const browser = new Browser(app, elsewhere.seal);
    expect(await listSentCommands(async () => expect(await browser.isSignedIn()).toBe(false))).toEqual(['hmget']);
    expect(await redis.client().dbsize()).toBe(keys);
    expect(browser.seal).toBe(elsewhere.seal);
  });

  test('gets a new token at sign-in, never the unknown one that it sent', async () => {
    const elsewhere = await signInBrowser(createCookieApp({ store: memoryStore({ name: 'elsewhere' }), secret }));
    const browser = new Browser(app, elsewhere.seal);
    await browser.signIn('ada');
    expect(browser.seal).not.toBe(elsewhere.seal);
    expect(await new Browser(app, elsewhere.seal).isSignedIn()).toBe(false);
  });
});

describe('an administrator', () => {
  test('lists, revokes one and revokes all with one script each, and reads and updates session by session', async () => {
    await signIn(headers, 'ada');
    const { id } = await signIn(headers, 'ada');
    const ada = app.of('ada');
    expect(await listSentCommands(() => ada.list())).toEqual(['evalsha']);
    expect(await listSentCommands(() => ada.list({ data: true }))).toEqual(['evalsha', 'hmget', 'hmget']);
    const update = () => ada.update({ count: 1 });
    expect(await listSentCommands(update)).toEqual(['evalsha', 'hmget', 'evalsha', 'hmget', 'evalsha']);
    expect(await listSentCommands(async () => expect(await ada.revoke(id)).toBe(true))).toEqual(['evalsha']);
    expect(await listSentCommands(async () => expect(await ada.revokeAll()).toBe(1))).toEqual(['evalsha']);
  });
});

describe('tRPC', () => {
  const call = (browser: Browser) => {
    const { createContext, requireSession, createSessionProcedures } = createTrpcSession(app);
    const t = initTRPC.context<typeof createContext>().create();
    const guarded = t.procedure.use(requireSession());
    const router = t.router({
      hello: t.procedure.query(() => 'hello'),
      count: guarded.query(({ ctx }) => ctx.session.data.count),
      add: guarded.mutation(async ({ ctx }) => (await increment(ctx.session)).data.count),
      regenerate: guarded.mutation(async ({ ctx }) => (await ctx.session.regenerate()).session.revision),
      signOut: guarded.mutation(({ ctx }) => ctx.session.destroy()),
      signInAgain: guarded.mutation(async ({ ctx }) => (await ctx.session.start(createAccount('ada'))).session.id),
      session: createSessionProcedures(t.procedure),
    });
    const cookie = `ssid=${browser.seal}`;
    const deliver = (url: string | URL | Request, init: unknown) => {
      const headers = { 'content-type': 'application/json', cookie, 'sec-fetch-site': 'same-origin' };
      const request = { ...(init as RequestInit), headers };
      return fetchRequestHandler({ endpoint: '/api', router, createContext, req: new Request(url, request) });
    };
    return createTRPCClient<typeof router>({ links: [httpBatchLink({ url: 'http://app.test/api', fetch: deliver })] });
  };

  test('a batch of ten guarded calls reads the session once', async () => {
    const client = call(await signInBrowser());
    const batch = () => Promise.all(Array.from({ length: 10 }, () => client.count.query()));
    expect(await listSentCommands(async () => expect(await batch()).toEqual(Array(10).fill(0)))).toEqual(['hmget']);
  });

  test('a batch of ten increments reads once, runs ten scripts and counts to ten', async () => {
    const client = call(await signInBrowser());
    const batch = () => Promise.all(Array.from({ length: 10 }, () => client.add.mutate()));
    expect(await listSentCommands(batch)).toEqual(['hmget', ...Array(10).fill('evalsha')]);
    expect(await client.count.query()).toBe(10);
  });

  test.each<[string, (client: ReturnType<typeof call>) => Promise<unknown>]>([
    ['update', (client) => client.add.mutate()],
    ['regenerate', (client) => client.regenerate.mutate()],
    ['sign-out', (client) => client.signOut.mutate()],
    ['sign-in over the session of the guard', (client) => client.signInAgain.mutate()],
    ['session.set', (client) => client.session.set.mutate({ count: 3 })],
    ['session.revokeOthers', (client) => client.session.revokeOthers.mutate()],
  ])('a guarded call runs one script with what its guard read: %s', async (_name, send) => {
    const client = call(await signInBrowser());
    expect(await listSentCommands(() => send(client))).toEqual(['hmget', 'evalsha']);
  });

  test('a public procedure issues no command, even with a valid cookie', async () => {
    const client = call(await signInBrowser());
    expect(await listSentCommands(() => client.hello.query())).toEqual([]);
  });
});

describe('the data in Redis', () => {
  /** Runs every operation once. Resolves to all tokens and seals that were issued. */
  const runEveryOperation = async (): Promise<readonly string[]> => {
    const browser = await signInBrowser();
    const seals = [String(browser.seal)];
    await browser.request((session) => session.update({ marks: { a: 1 } }));
    await browser.request((session) => session.regenerate());
    const first = await signIn(headers, 'ada');
    const { token } = await withToken(headers, first.token).regenerate({ reauthenticated: true });
    await signIn(headers, 'bob');
    await withToken(headers, String(token)).revoke((await signIn(headers, 'ada')).id);
    await withToken(headers, String(token)).list();
    const short = await headers.open({ headers: {} }).start(createAccount('eve'), { idle: '1m', absolute: '2m' });
    const withoutSubject = createBearerApp({ store: createPatientStore(redis.url), subject: () => undefined });
    const alone = await withoutSubject.open({ headers: {} }).start(createAccount('ada'));
    return [...seals, String(browser.seal), first.token, ...[token, short.token, alone.token].map(String)];
  };

  test('has a TTL on every key, no longer than its longest session or reason', async () => {
    await runEveryOperation();
    const keys = await redis.client().keys('*');
    // The fifth is the user of the rehearsal, who has signed out.
    expect(keys).toHaveLength(5);
    for (const key of keys) {
      const ttl = await redis.client().pttl(key);
      expect(ttl).toBeGreaterThan(0);
      // A session of ada was revoked, and the reason is kept for 36 hours.
      const hours = key === toKey('ada') ? 36 : 6;
      expect(ttl).toBeLessThanOrEqual(key === toKey('eve') ? 60_000 : hours * 3_600_000);
    }
  });

  test('contains no token and no seal, in keys or values', async () => {
    const credentials = await runEveryOperation();
    const dumps = (await redis.client().keys('*')).map(async (key) => [key, await redis.client().hgetall(key)]);
    const text = JSON.stringify(await Promise.all(dumps));
    expect(text).toContain('"userId\\":\\"bob');
    for (const credential of credentials) {
      expect(text).not.toContain(credential);
      // The random part of the token.
      expect(text).not.toContain(credential.slice(-43));
    }
  });

  test('is stored under the hash of the token: the header, and the body', async () => {
    const { token } = await signIn(headers, 'ada');
    const fields = await redis.client().hkeys(toKey('ada'));
    expect(fields.sort()).toEqual([hashToken(token), `${hashToken(token)}:body`].sort());
  });

  test('does not appear in errors and events', async () => {
    const events: SessionEvent[] = [];
    const watched = createBearerApp({ store: createPatientStore(redis.url), onEvent: (event) => events.push(event) });
    await redis.client().set(toKey('ada'), 'a value of another program');
    const error: unknown = await signIn(watched, 'ada').catch((failure: unknown) => failure);
    const shown = inspect([error, events], { depth: 20, showHidden: true });
    expect(error).toMatchObject({ code: 'UNAVAILABLE' });
    expect(shown).toContain('WRONGTYPE');
    expect(shown).not.toContain('userId');
    expect(shown).not.toContain(computeSlot('session:', 'ada'));
  });
});

describe('SCRIPT FLUSH', () => {
  const flushScripts = () => redis.client().script('FLUSH');

  test('between any two operations has no effect', async () => {
    await flushScripts();
    const { token, id } = await signIn(headers, 'ada');
    const session = withToken(headers, token);
    await flushScripts();
    expect((await increment(session)).data.count).toBe(1);
    await flushScripts();
    expect(await session.list()).toMatchObject([{ id, current: true }]);
    await flushScripts();
    const { token: next } = await session.regenerate();
    await flushScripts();
    expect(await session.revokeOthers()).toBe(0);
    await flushScripts();
    await withToken(headers, String(next)).destroy();
    await flushScripts();
    expect(await headers.of('ada').revokeAll()).toBe(0);
    expect(await countUsersWithSessions(redis.client())).toBe(0);
  });

  test('during parallel operations has no effect', async () => {
    const { token } = await signIn(headers, 'ada');
    const work = Array.from({ length: 20 }, async (_, at) => {
      if (at % 5 === 0) await flushScripts();
      await increment(withToken(headers, token));
      await signIn(headers, `user-${at}`);
    });
    await Promise.all(work);
    expect((await withToken(headers, token).get())?.data.count).toBe(20);
    expect(await countUsersWithSessions(redis.client())).toBe(21);
  });
});

describe('a subject with a thousand sessions', () => {
  let crowded: App;

  beforeAll(() => {
    const limit = { max: 1_000, whenFull: 'evict' } as const;
    crowded = createBearerApp({ store: createPatientStore(redis.url), limit });
  });

  /** Signs in once, and copies that session until there are `count`. */
  const fill = async (subject: string, count: number): Promise<void> => {
    const { token, id } = await signIn(crowded, subject);
    const hash = hashToken(token);
    const [header, body] = await redis.client().hmget(toKey(subject), hash, `${hash}:body`);
    const copies = Array.from({ length: count - 1 }, (_, at) => {
      const copy = hashToken(`copy ${at}`);
      const copiedHeader = String(header).replace(hash, copy).replace(id, `copy-number-${at}-of-it`);
      return [copy, copiedHeader, `${copy}:body`, String(body)];
    });
    await redis.client().hset(toKey(subject), ...copies.flat());
  };

  test('is listed completely, by reading only the key of that subject', async () => {
    const bob = await signIn(headers, 'bob');
    const before = await redis.client().dumpBuffer(toKey('bob'));
    const expiry = await redis.client().call('PEXPIRETIME', toKey('bob'));
    await fill('ada', 999);
    const newest = [await signIn(crowded, 'ada'), await signIn(crowded, 'ada')];
    const seen = await recordCommands(redis.client(), async () => {
      let listed: Awaited<ReturnType<ReturnType<App['of']>['list']>> = [];
      const tookMs = await measureDuration(async () => {
        listed = await crowded.of('ada').list();
      });
      expect(tookMs).toBeLessThan(500);
      expect(listed).toHaveLength(1_000);
      expect(new Set(listed.map(({ id }) => id)).size).toBe(1_000);
      expect(listed.map(({ id }) => id)).toEqual(expect.arrayContaining(newest.map(({ id }) => id)));
      expect(listed.map(({ id }) => id)).not.toContain(bob.id);
    });
    const keys = seen.map(({ name, args }) => (name === 'evalsha' ? args[2] : args[0]));
    expect(new Set(keys.filter((key) => key?.includes('{')))).toEqual(new Set([toKey('ada')]));
    expect(await redis.client().dumpBuffer(toKey('bob'))).toEqual(before);
    expect(await redis.client().call('PEXPIRETIME', toKey('bob'))).toBe(expiry);
  });

  test('is read, used, changed, moved and signed out without a command that reads the others', async () => {
    await fill('ada', 998);
    await resetCounts(redis.client());
    const { token } = await signIn(crowded, 'ada');
    const session = withToken(crowded, token);
    expect(await createPatientStore(redis.url).touch({ key: toKey('ada'), hash: hashToken(token) })).toBe(true);
    await increment(session);
    const { token: next } = await session.regenerate();
    await withToken(crowded, String(next)).destroy();
    const {
      hmget,
      hget,
      hset,
      hdel,
      hlen,
      pttl,
      pexpire,
      time,
      evalsha,
      eval: _,
      ...others
    } = await countCommands(redis.client());
    expect(others).toEqual({});
    // HMGET is the read of the handle. Inside scripts, it would read several sessions.
    expect(hmget).toBe(1);
    expect(hdel).toBe(2);
  });
});
