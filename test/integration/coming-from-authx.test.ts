// Slow: it starts a Redis server and two app servers, and compiles the code of the page.
import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, Socket, type TcpSocketConnectOpts } from 'node:net';
import type { Redis } from 'ioredis';
import { createHeadersSink, createSessions, type Sessions, type SessionTypes } from 'trpc-session';
import { createOpenApiSession } from 'trpc-session/openapi';
import { redisStore } from 'trpc-session/stores/redis';
import { cookie } from 'trpc-session/transports/cookie';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { authxPage } from '../_support/authx-page.ts';
import { CookieJar, createBrowserFetch } from '../_support/http.ts';
import { createRouteListener, type NextRoutes } from '../_support/next-routes.ts';
import { countCommands, type RedisServer, resetCounts, startRedis } from '../_support/redis-server.ts';

const page = await authxPage();
const [second, hour, day] = [1_000, 3_600_000, 86_400_000];
const flags = ['httponly', 'path=/', 'samesite=lax'];
const json = { 'content-type': 'application/json' };

interface AppTypes extends SessionTypes {
  readonly input: { readonly name: string; readonly since: Date };
  readonly data: { readonly name: string; readonly since: Date };
}

let redis: RedisServer;
let admin: Redis;
let sessions: Sessions<AppTypes>;
const servers: Server[] = [];
const origins: { tRPC?: string | undefined; Next?: string | undefined } = {};

beforeAll(async () => {
  redis = await startRedis();
  admin = redis.client();
  Object.assign(process.env, {
    REDIS_URL: redis.url,
    PORT: '0',
    SESSION_SECRET: randomBytes(33).toString('base64url'),
  });
  ({ sessions } = await page.load('session.ts'));
  servers.push((await page.load('server.ts')).server, createServer(await createRouteListener(pageRoutes)).listen(0));
  [origins.tRPC, origins.Next] = await Promise.all(servers.map(originOf));
});

afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await sessions.close();
  await redis.stop();
  await page[Symbol.asyncDispose]();
});

beforeEach(async () => {
  await admin.flushall();
  await resetCounts(admin);
});

const doors = [
  { name: 'tRPC', unwrap: (answer: unknown) => (answer as { result: { data?: unknown } }).result.data ?? null },
  { name: 'Next', unwrap: (answer: unknown) => answer },
] as const;

describe('the page', () => {
  test('holds code that TypeScript takes at its strictest, and types where AuthX has Any', async () => {
    expect(await page.compile()).toBe('');
  }, 120_000);

  test('names no test and links no page that is not there', () => {
    expect(page.references.length).toBeGreaterThan(15);
    expect(page.references.filter((reference) => !page.isThere(reference))).toEqual([]);
  });
});

describe.each(doors)('the three routes, over $name', ({ name, unwrap }) => {
  /** A visitor, and what AuthX's example does with each of its routes. */
  function visitor(jar = new CookieJar()) {
    const request = createBrowserFetch(jar, origins[name] ?? '');
    const post = (path: string, body: unknown) =>
      request(path, { method: 'POST', headers: json, body: JSON.stringify(body) });
    return {
      jar,
      request,
      set: (data: unknown) => post('/setSession', data),
      get: async () => unwrap(await (await request('/getSession')).json()),
      delete: () => request('/deleteSession', { method: 'POST', headers: json }),
    };
  }

  /** The same cookie in another hand. */
  const withCookie = (value: string) => {
    const jar = new CookieJar();
    jar.set('ssid', value);
    return visitor(jar);
  };

  async function signedIn() {
    const somebody = visitor();
    const response = await somebody.set({ name: 'Ada' });
    expect(response.status).toBe(200);
    return { ...somebody, response, seal: somebody.jar.value('ssid') ?? '' };
  }

  test('set answers the cookie, with its name and attributes', async () => {
    const { response } = await signedIn();
    const lines = response.headers.getSetCookie();
    expect(lines).toHaveLength(1);
    const sealed = expect.stringMatching(/^Fe26\.2\*/);
    expect(parts(lines[0])).toEqual({ name: 'ssid', value: sealed, flags, maxAgeMs: about(7 * day) });
  });

  test('set leaves one key in Redis, for six hours at most', async () => {
    await signedIn();
    const keys = await admin.keys('*');
    expect(keys).toEqual([expect.stringMatching(/^session:\{[\w-]{22}\}$/)]);
    expect(await timeLeft(admin)).toEqual(about(6 * hour));
  });

  test('set leaves plain JSON there, and nothing that opens the session', async () => {
    const { seal } = await signedIn();
    const token = await tokenIn(seal);
    const [key = ''] = await admin.keys('*');
    const fields = await admin.hgetall(key);
    const hash = createHash('sha256').update(token).digest('base64url');
    expect(Object.keys(fields).sort()).toEqual([hash, `${hash}:seen`].sort());
    const { data } = JSON.parse(fields[hash]?.split('\n')[1] ?? '');
    expect(data).toEqual({ name: 'Ada', since: expect.stringMatching(/^\d{4}-.*Z$/) });
    const everything = JSON.stringify([key, fields]);
    for (const secret of [seal, token, token.slice(-43)]) expect(everything).not.toContain(secret);
  });

  test('get answers what was set', async () => {
    const before = Date.now();
    const somebody = await signedIn();
    const data = (await somebody.get()) as { since: string };
    expect(data).toEqual({ name: 'Ada', since: expect.any(String) });
    expect(Date.parse(data.since)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(data.since)).toBeLessThanOrEqual(Date.now());
  });

  test('get without a cookie answers null, and asks Redis nothing', async () => {
    const response = await visitor().request('/getSession');
    expect(response.status).toBe(200);
    expect(unwrap(await response.json())).toBeNull();
    expect(await countCommands(admin)).toEqual({});
  });

  test('set with data that the schema refuses is a 400 and writes nothing', async () => {
    for (const data of [{}, { name: '' }, { name: 7 }, null]) {
      const response = await visitor().set(data);
      expect(response.status).toBe(400);
      expect(response.headers.getSetCookie()).toEqual([]);
    }
    expect(await admin.dbsize()).toBe(0);
  });

  test('delete ends the session and clears the cookie with the attributes it was set with', async () => {
    const somebody = await signedIn();
    const response = await somebody.delete();
    expect(response.status).toBe(200);
    expect(await admin.dbsize()).toBe(0);
    const lines = response.headers.getSetCookie();
    expect(lines).toHaveLength(1);
    expect(parts(lines[0])).toEqual({ name: 'ssid', value: '', flags, maxAgeMs: 0 });
  });

  test('the old cookie, sent again after delete, is nobody', async () => {
    const { seal, ...somebody } = await signedIn();
    expect(await withCookie(seal).get()).toMatchObject({ name: 'Ada' });
    await somebody.delete();
    expect(await withCookie(seal).get()).toBeNull();
    expect(await admin.dbsize()).toBe(0);
  });

  test('delete twice is fine, and so is delete by nobody', async () => {
    const { seal, ...somebody } = await signedIn();
    expect((await somebody.delete()).status).toBe(200);
    expect((await somebody.delete()).status).toBe(200);
    expect((await withCookie(seal).delete()).status).toBe(200);
    expect((await visitor().delete()).status).toBe(200);
  });

  test('set twice leaves one session, and the cookie of the first is nobody', async () => {
    const { seal, ...somebody } = await signedIn();
    expect((await somebody.set({ name: 'Grace' })).status).toBe(200);
    expect(await admin.keys('*')).toHaveLength(1);
    expect(await somebody.get()).toMatchObject({ name: 'Grace' });
    expect(await withCookie(seal).get()).toBeNull();
  });

  test('a key of Redis as the cookie neither reads nor deletes what lies there', async () => {
    const { seal, ...somebody } = await signedIn();
    await admin.set('some:other:key', 'of another program');
    const hash = createHash('sha256')
      .update(await tokenIn(seal))
      .digest('base64url');
    const [mine = ''] = await admin.keys('session:*');
    await resetCounts(admin);
    for (const value of ['some:other:key', mine, hash, await tokenIn(seal), '*']) {
      expect(await withCookie(value).get()).toBeNull();
      expect((await withCookie(value).delete()).status).toBe(200);
    }
    expect(await countCommands(admin)).toEqual({});
    expect(await admin.get('some:other:key')).toBe('of another program');
    expect(await somebody.get()).toMatchObject({ name: 'Ada' });
  });

  test('a program that sends the cookie with a POST and not where it comes from is told so', async () => {
    const { seal, ...somebody } = await signedIn();
    const headers = { ...json, cookie: `ssid=${seal}` };
    const send = (more: Record<string, string>) =>
      fetch(`${origins[name]}/deleteSession`, { method: 'POST', headers: { ...headers, ...more } });
    const refused = await send({});
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('"reason":"cross-site"');
    expect(await somebody.get()).toMatchObject({ name: 'Ada' });
    expect((await send({ origin: origins[name] ?? '' })).status).toBe(200);
    expect(await somebody.get()).toBeNull();
  });

  test('fifty requests share one connection', async () => {
    const somebody = await signedIn();
    const before = await connectionsSoFar(admin);
    const answers = await Promise.all(Array.from({ length: 50 }, () => somebody.get()));
    expect(answers.filter((data) => data !== null)).toHaveLength(50);
    expect(await connectionsSoFar(admin)).toBe(before);
    expect(await admin.client('LIST')).toMatch(/^id=[^\n]*\nid=[^\n]*\n$/);
  });
});

describe('what only one of the doors has', () => {
  const asked = async (path: string, cookie?: string) => {
    const headers = cookie === undefined ? {} : { cookie: `ssid=${cookie}` };
    const response = await fetch(origins.tRPC + path, { headers });
    return { status: response.status, body: await response.json() };
  };

  test('a guarded procedure greets somebody, to whom a Date is a Date, and is refused to nobody', async () => {
    const seal = await begin(sessions);
    const greeting = expect.stringMatching(/^Hello Ada, here since \d{4}-\d\d-\d\dT.*Z$/);
    expect(await asked('/greet', seal)).toEqual({ status: 200, body: { result: { data: greeting } } });
    const refused = (reason: string) => ({ status: 401, body: { error: { data: { session: { reason } } } } });
    expect(await asked('/greet')).toMatchObject(refused('missing'));
    await admin.flushall();
    expect(await asked('/greet', seal)).toMatchObject(refused('expired'));
  });

  test('the document says which of the routes is guarded', async () => {
    const { appRouter } = await page.load('trpc.ts');
    const { createOpenApiDocument } = createOpenApiSession(sessions);
    const document = createOpenApiDocument(appRouter, { title: 'Visitors', version: '1', url: '/' });
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [`${method} ${path}`, operation] as const),
    );
    expect(Object.fromEntries(operations)).toMatchObject({
      'post /setSession': { security: [] },
      'get /getSession': { security: [] },
      'post /deleteSession': { security: [] },
      'get /greet': { security: [{}], responses: { 401: {} } },
    });
    const schemes = Object.values(document.components.securitySchemes);
    expect(schemes).toMatchObject([{ type: 'apiKey', in: 'cookie', name: 'ssid' }]);
  });

  test('the id that set answers is the one of getSessionId, and opens nothing', async () => {
    const jar = new CookieJar();
    const request = createBrowserFetch(jar, origins.Next ?? '');
    const response = await request('/setSession', { method: 'POST', headers: json, body: '{"name":"Ada"}' });
    const id = await response.json();
    expect(id).toMatch(/^[\w-]{22}$/);
    expect(await (await request('/getSessionId')).json()).toBe(id);
    jar.set('ssid', id);
    expect(await (await request('/getSessionId')).json()).toBeNull();
  });
});

describe('the defaults', () => {
  /** Both managers of the page as they are in this environment, each evaluated anew. */
  async function both(): Promise<[Sessions<AppTypes>, Sessions<AppTypes>]> {
    vi.resetModules();
    const [short, long] = [await page.load('session.ts'), await page.load('every-default.ts')];
    expect(short.sessions).not.toBe(long.sessions);
    return [short.sessions, long.sessions];
  }

  test.each(['development', 'production'])('are those that are written out, in %s', async (environment) => {
    vi.stubEnv('NODE_ENV', environment);
    const [short, long] = await both();
    expect(await dataBehind(long, await beginLine(short))).toMatchObject({ name: 'Ada' });
    expect(await dataBehind(short, await beginLine(long))).toMatchObject({ name: 'Ada' });
    const { value: _, maxAgeMs, ...same } = parts(await beginLine(long));
    expect(parts(await beginLine(short))).toMatchObject({ ...same, maxAgeMs: about(maxAgeMs + second) });
  });

  test('make the cookie ssid in development, and __Host-ssid and Secure in production', async () => {
    vi.stubEnv('NODE_ENV', 'development');
    expect(parts(await beginLine((await both())[0]))).toMatchObject({ name: 'ssid', flags });
    vi.stubEnv('NODE_ENV', 'production');
    const secure = { name: '__Host-ssid', flags: [...flags, 'secure'], maxAgeMs: about(7 * day) };
    expect(parts(await beginLine((await both())[0]))).toMatchObject(secure);
  });

  test.each([0, 1])('end a session after six hours without use, and after seven days (manager %d)', async (which) => {
    const manager = (await both())[which];
    const { session } = await startOn(manager);
    expect(session.idleMs).toBe(6 * hour);
    expect(session.idleExpiresAt).toBe(session.createdAt + 6 * hour);
    expect(session.expiresAt).toBe(session.createdAt + 7 * day);
    expect(session.id).toMatch(/^[\w-]{22}$/);
    expect(await timeLeft(admin)).toEqual(about(6 * hour));
  });

  test.each([0, 1])('find Redis at localhost, port 6379, database 0 (manager %d)', async (which) => {
    vi.stubEnv('REDIS_URL', undefined);
    const manager = (await both())[which];
    const dialled = await dialledDuring(() => startOn(manager), redis.port);
    expect(dialled).toEqual([{ host: 'localhost', port: 6379 }]);
    expect(await admin.info('keyspace')).toMatch(/^db0:keys=1,/m);
    await manager?.close();
  });
});

describe('other settings', () => {
  const base = { schema: z.object({ name: z.string() }), view: () => null, secret: undefined };

  test('of the example take effect: another database, another name, one day', async () => {
    const manager = createSessions({
      ...base,
      store: redisStore(`${redis.url}/1`),
      transport: cookie({ name: 'sessionId' }),
      absolute: '1d',
    });
    const line = await beginLine(manager as never);
    expect(parts(line)).toMatchObject({ name: 'sessionId', maxAgeMs: about(day) });
    expect(await admin.info('keyspace')).toMatch(/^db1:keys=1,/m);
    expect(await admin.dbsize()).toBe(0);
    await manager.close();
  });

  test('of six hours in all are said by absolute alone', async () => {
    const manager = createSessions({ ...base, store: redisStore(redis.url), absolute: '6h' });
    const { session, line } = await startOn(manager as never);
    expect(session.expiresAt).toBe(session.createdAt + 6 * hour);
    expect(parts(line).maxAgeMs).toEqual(about(6 * hour));
  });

  test('of ids: one that draws from 1000 to 9999 is refused, by name, before anybody signs in', () => {
    for (const id of [() => String(randomInt(1000, 10_000)), () => randomInt(1000, 10_000) as never]) {
      const build = () => createSessions({ ...base, store: redisStore(redis.url), id });
      expect(build).toThrow(
        expect.objectContaining({
          name: 'SessionError',
          code: 'INVALID_OPTION',
          message: expect.stringContaining('`id`'),
        }),
      );
    }
  });

  test('of ids: a random UUID, with or without its hyphens, becomes the public id and nothing else', async () => {
    for (const id of [randomUUID, () => randomUUID().replaceAll('-', '')]) {
      const manager = createSessions({ ...base, store: redisStore(redis.url), id });
      const { session, seal } = await startOn(manager as never);
      expect(session.id).toMatch(/^[0-9a-f]{8}-?[0-9a-f]{4}-?4/);
      const [carrier] = manager.facts.carriers;
      expect(await carrier?.open(seal)).toMatch(/^[\w-]{72}$/);
      expect(await carrier?.open(seal)).not.toContain(session.id);
    }
  });
});

/** The route handlers of the page, and one that answers the id. */
async function pageRoutes(): Promise<NextRoutes> {
  const verbs = ['setSession', 'getSession', 'deleteSession', 'getSessionId'];
  const routes = verbs.map(async (verb) => [`/${verb}`, await page.load(`app/${verb}/route.ts`)] as const);
  return Object.fromEntries(await Promise.all(routes));
}

async function originOf(server: Server): Promise<string> {
  if (!server.listening) await once(server, 'listening');
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}

// What was begun, and what became of it.

/** Begins a session without HTTP; answers its snapshot, the Set-Cookie line and the sealed value in it. */
async function startOn(manager: Sessions<AppTypes> | undefined) {
  const response = new Headers();
  const request = { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' } };
  const session = manager?.open(request, createHeadersSink(response)) ?? expect.fail('There is no such manager');
  const issued = await session.start({ name: 'Ada', since: new Date() });
  const [line = ''] = response.getSetCookie();
  return { session: issued.session, line, seal: parts(line).value };
}

const begin = async (manager: Sessions<AppTypes>): Promise<string> => (await startOn(manager)).seal;
const beginLine = async (manager: Sessions<AppTypes>): Promise<string> => (await startOn(manager)).line;

async function dataBehind(manager: Sessions<AppTypes>, setCookie: string): Promise<unknown> {
  const [pair = ''] = setCookie.split(';');
  return (await manager.open({ headers: { cookie: pair } }).get())?.data;
}

async function tokenIn(seal: string): Promise<string> {
  const [carrier] = sessions.facts.carriers;
  return (await carrier?.open(seal)) ?? expect.fail('The cookie does not open');
}

/** A Set-Cookie line in its parts. Max-Age goes before Expires, which Next adds. */
function parts(setCookie = '') {
  const [pair = '', ...attributes] = setCookie.split('; ');
  const ages = attributes.filter((attribute) => /^(Max-Age|Expires)=/.test(attribute));
  const maxAge = ages.find((attribute) => attribute.startsWith('Max-Age='));
  const flags = attributes.filter((attribute) => !ages.includes(attribute)).map((flag) => flag.toLowerCase());
  return {
    name: pair.slice(0, pair.indexOf('=')),
    value: pair.slice(pair.indexOf('=') + 1),
    flags: flags.sort(),
    maxAgeMs: Number(maxAge?.slice('Max-Age='.length)) * second,
  };
}

/** As long as this, less what passed between two clocks and in rounding down. */
const about = (ms: number) => expect.toSatisfy((value: number) => value <= ms && value > ms - 30 * second, `${ms} ms`);

/** How long Redis keeps its one key. */
async function timeLeft(client: Redis): Promise<number> {
  const [key = ''] = await client.keys('*');
  return client.pttl(key);
}

async function connectionsSoFar(client: Redis): Promise<number> {
  return Number(/^total_connections_received:(\d+)/m.exec(await client.info('stats'))?.[1]);
}

/** The addresses that are connected to meanwhile. Port 6379 is taken for this one, as if our server stood there. */
async function dialledDuring(work: () => Promise<unknown>, standsInFor: number): Promise<unknown[]> {
  const dialled: unknown[] = [];
  const connect: (options: TcpSocketConnectOpts) => Socket = Socket.prototype.connect;
  const redirect = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    socket.connect = (...args: unknown[]): Socket => {
      const [{ host, port }] = args.flat() as [TcpSocketConnectOpts];
      dialled.push({ host, port });
      return connect.call(
        socket,
        port === 6379 ? { host: '127.0.0.1', port: standsInFor } : { ...(host !== undefined && { host }), port },
      );
    };
  };
  subscribe('net.client.socket', redirect);
  await work().finally(() => unsubscribe('net.client.socket', redirect));
  return dialled;
}
