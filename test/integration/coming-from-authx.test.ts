// Slow: it starts a Redis server and two app servers, and compiles the code of the page.
import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, Socket, type TcpSocketConnectOpts } from 'node:net';
import type { Redis } from 'ioredis';
import { createHeadersSink, createSessions, type Sessions, type SessionTypes } from 'trpc-session';
import { createOpenApiSession } from 'trpc-session/openapi';
import { cookie } from 'trpc-session/transports/cookie';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { loadAuthxPage } from '../_support/authx-page.ts';
import { CookieJar, createBrowserFetch } from '../_support/http.ts';
import { createRouteListener, type NextRoutes } from '../_support/next-routes.ts';
import { countCommands, type RedisServer, resetCounts, startRedis } from '../_support/redis-server.ts';
import { countUsersWithSessions } from '../_support/stored-sessions.ts';
import { createPatientStore } from './app.ts';
import { findBrokenLinks } from './markdown.ts';

const page = await loadAuthxPage();
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
  servers.push((await page.load('server.ts')).server, createServer(await createRouteListener(loadRoutes)).listen(0));
  [origins.tRPC, origins.Next] = await Promise.all(servers.map(waitForOrigin));
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

const entryPoints = [
  { name: 'tRPC', unwrap: (body: unknown) => (body as { result: { data?: unknown } }).result.data ?? null },
  { name: 'Next', unwrap: (body: unknown) => body },
] as const;

describe('docs/coming-from-authx.md', () => {
  test('has code that compiles in strict mode, with types in place of Any', async () => {
    expect(await page.compile()).toBe('');
  }, 120_000);

  test('links only to files and headings that exist', () => {
    expect(findBrokenLinks('docs/coming-from-authx.md')).toEqual([]);
  });
});

describe.each(entryPoints)('the three routes with $name', ({ name, unwrap }) => {
  /** A browser that calls the three routes. */
  function createVisitor(jar = new CookieJar()) {
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

  /** Another browser with this cookie. */
  const withCookie = (value: string) => {
    const jar = new CookieJar();
    jar.set('ssid', value);
    return createVisitor(jar);
  };

  async function signIn() {
    const ada = createVisitor();
    const response = await ada.set({ name: 'Ada' });
    expect(response.status).toBe(200);
    return { ...ada, response, seal: ada.jar.value('ssid') ?? '' };
  }

  test('set sets the cookie with the right name and attributes', async () => {
    const { response } = await signIn();
    const lines = response.headers.getSetCookie();
    expect(lines).toHaveLength(1);
    const sealed = expect.stringMatching(/^Fe26\.2\*/);
    expect(parseSetCookie(lines[0])).toEqual({ name: 'ssid', value: sealed, flags, maxAgeMs: about(7 * day) });
  });

  test('set creates one key in Redis, with a TTL of six hours', async () => {
    await signIn();
    const keys = await admin.keys('*');
    expect(keys).toEqual([expect.stringMatching(/^session:\{[\w-]{22}\}$/)]);
    expect(await readTtl(admin)).toEqual(about(6 * hour));
  });

  test('set stores plain JSON, and nothing that can open the session', async () => {
    const { seal } = await signIn();
    const token = await openSeal(seal);
    const [key = ''] = await admin.keys('*');
    const fields = await admin.hgetall(key);
    const hash = createHash('sha256').update(token).digest('base64url').slice(0, 22);
    expect(Object.keys(fields).sort()).toEqual([hash, `${hash}:body`].sort());
    const { data } = JSON.parse(fields[`${hash}:body`] ?? '');
    expect(data).toEqual({ name: 'Ada', since: expect.stringMatching(/^\d{4}-.*Z$/) });
    const everything = JSON.stringify([key, fields]);
    for (const secret of [seal, token, token.slice(-43)]) expect(everything).not.toContain(secret);
  });

  test('get returns the data', async () => {
    const before = Date.now();
    const ada = await signIn();
    const data = (await ada.get()) as { since: string };
    expect(data).toEqual({ name: 'Ada', since: expect.any(String) });
    expect(Date.parse(data.since)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(data.since)).toBeLessThanOrEqual(Date.now());
  });

  test('get without a cookie returns null without a Redis command', async () => {
    const response = await createVisitor().request('/getSession');
    expect(response.status).toBe(200);
    expect(unwrap(await response.json())).toBeNull();
    expect(await countCommands(admin)).toEqual({});
  });

  test('set with invalid data responds with 400 and stores nothing', async () => {
    for (const data of [{}, { name: '' }, { name: 7 }, null]) {
      const response = await createVisitor().set(data);
      expect(response.status).toBe(400);
      expect(response.headers.getSetCookie()).toEqual([]);
    }
    expect(await countUsersWithSessions(admin)).toBe(0);
  });

  test('delete ends the session and clears the cookie with the same attributes', async () => {
    const ada = await signIn();
    const response = await ada.delete();
    expect(response.status).toBe(200);
    expect(await countUsersWithSessions(admin)).toBe(0);
    const lines = response.headers.getSetCookie();
    expect(lines).toHaveLength(1);
    expect(parseSetCookie(lines[0])).toEqual({ name: 'ssid', value: '', flags, maxAgeMs: 0 });
  });

  test('the cookie is invalid after delete', async () => {
    const { seal, ...ada } = await signIn();
    expect(await withCookie(seal).get()).toMatchObject({ name: 'Ada' });
    await ada.delete();
    expect(await withCookie(seal).get()).toBeNull();
    expect(await countUsersWithSessions(admin)).toBe(0);
  });

  test('delete is idempotent, and succeeds without a session', async () => {
    const { seal, ...ada } = await signIn();
    expect((await ada.delete()).status).toBe(200);
    expect((await ada.delete()).status).toBe(200);
    expect((await withCookie(seal).delete()).status).toBe(200);
    expect((await createVisitor().delete()).status).toBe(200);
  });

  test('a second set ends the first session', async () => {
    const { seal, ...ada } = await signIn();
    expect((await ada.set({ name: 'Grace' })).status).toBe(200);
    expect(await countUsersWithSessions(admin)).toBe(1);
    expect(await ada.get()).toMatchObject({ name: 'Grace' });
    expect(await withCookie(seal).get()).toBeNull();
  });

  test('a Redis key as the cookie neither reads nor deletes that key', async () => {
    const { seal, ...ada } = await signIn();
    await admin.set('some:other:key', 'a value of another program');
    const hash = createHash('sha256')
      .update(await openSeal(seal))
      .digest('base64url');
    const [mine = ''] = await admin.keys('session:*');
    await resetCounts(admin);
    for (const value of ['some:other:key', mine, hash, await openSeal(seal), '*']) {
      expect(await withCookie(value).get()).toBeNull();
      expect((await withCookie(value).delete()).status).toBe(200);
    }
    expect(await countCommands(admin)).toEqual({});
    expect(await admin.get('some:other:key')).toBe('a value of another program');
    expect(await ada.get()).toMatchObject({ name: 'Ada' });
  });

  test('a POST with the cookie and without an origin gets 403 and the reason', async () => {
    const { seal, ...ada } = await signIn();
    const headers = { ...json, cookie: `ssid=${seal}` };
    const send = (more: Record<string, string>) =>
      fetch(`${origins[name]}/deleteSession`, { method: 'POST', headers: { ...headers, ...more } });
    const response = await send({});
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('"reason":"cross-site"');
    expect(await ada.get()).toMatchObject({ name: 'Ada' });
    expect((await send({ origin: origins[name] ?? '' })).status).toBe(200);
    expect(await ada.get()).toBeNull();
  });

  test('fifty requests share one connection', async () => {
    const ada = await signIn();
    const before = await countConnections(admin);
    const results = await Promise.all(Array.from({ length: 50 }, () => ada.get()));
    expect(results.filter((data) => data !== null)).toHaveLength(50);
    expect(await countConnections(admin)).toBe(before);
    expect(await admin.client('LIST')).toMatch(/^id=[^\n]*\nid=[^\n]*\n$/);
  });
});

describe('with one entry point only', () => {
  const get = async (path: string, cookie?: string) => {
    const headers = cookie === undefined ? {} : { cookie: `ssid=${cookie}` };
    const response = await fetch(origins.tRPC + path, { headers });
    return { status: response.status, body: await response.json() };
  };

  test('a guarded procedure sees a Date as a Date, and responds to a signed-out user with 401', async () => {
    const seal = await startSeal(sessions);
    const greeting = expect.stringMatching(/^Hello Ada, here since \d{4}-\d\d-\d\dT.*Z$/);
    expect(await get('/greet', seal)).toEqual({ status: 200, body: { result: { data: greeting } } });
    const refused = (reason: string) => ({ status: 401, body: { error: { data: { session: { reason } } } } });
    expect(await get('/greet')).toMatchObject(refused('missing'));
    await admin.flushall();
    expect(await get('/greet', seal)).toMatchObject(refused('expired'));
  });

  test('the OpenAPI document states which routes are guarded', async () => {
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

  test('set returns the id of getSessionId, which cannot open the session', async () => {
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
  /** Evaluates the two managers of the page again, in the current environment. */
  async function loadManagers(): Promise<[Sessions<AppTypes>, Sessions<AppTypes>]> {
    vi.resetModules();
    const [short, long] = [await page.load('session.ts'), await page.load('every-default.ts')];
    expect(short.sessions).not.toBe(long.sessions);
    return [short.sessions, long.sessions];
  }

  test.each(['development', 'production'])('are the values that are written out, in %s', async (environment) => {
    vi.stubEnv('NODE_ENV', environment);
    const [short, long] = await loadManagers();
    expect(await readData(long, await startLine(short))).toMatchObject({ name: 'Ada' });
    expect(await readData(short, await startLine(long))).toMatchObject({ name: 'Ada' });
    const { value: _, maxAgeMs, ...same } = parseSetCookie(await startLine(long));
    expect(parseSetCookie(await startLine(short))).toMatchObject({ ...same, maxAgeMs: about(maxAgeMs + second) });
  });

  test('name the cookie ssid in development, and __Host-ssid with Secure in production', async () => {
    vi.stubEnv('NODE_ENV', 'development');
    expect(parseSetCookie(await startLine((await loadManagers())[0]))).toMatchObject({ name: 'ssid', flags });
    vi.stubEnv('NODE_ENV', 'production');
    const secure = { name: '__Host-ssid', flags: [...flags, 'secure'], maxAgeMs: about(7 * day) };
    expect(parseSetCookie(await startLine((await loadManagers())[0]))).toMatchObject(secure);
  });

  test.each([0, 1])('end a session after six hours without use, and after seven days (manager %d)', async (which) => {
    const manager = (await loadManagers())[which];
    const { session } = await startSession(manager);
    expect(session.idleMs).toBe(6 * hour);
    expect(session.idleExpiresAt).toBe(session.createdAt + 6 * hour);
    expect(session.expiresAt).toBe(session.createdAt + 7 * day);
    expect(session.id).toMatch(/^[\w-]{22}$/);
    expect(await readTtl(admin)).toEqual(about(6 * hour));
  });

  test.each([0, 1])('connect to Redis at localhost, port 6379, database 0 (manager %d)', async (which) => {
    vi.stubEnv('REDIS_URL', undefined);
    const manager = (await loadManagers())[which];
    const connects = await recordConnects(() => startSession(manager), redis.port);
    expect(connects).toEqual([{ host: 'localhost', port: 6379 }]);
    expect(await admin.info('keyspace')).toMatch(/^db0:keys=1,/m);
    await manager?.close();
  });
});

describe('other settings', () => {
  const base = { schema: z.object({ name: z.string() }), view: () => null, secret: undefined };

  test('of the example take effect: database, cookie name and lifetime', async () => {
    const manager = createSessions({
      ...base,
      store: createPatientStore(`${redis.url}/1`),
      transport: cookie({ name: 'sessionId' }),
      absolute: '1d',
    });
    const line = await startLine(manager as never);
    expect(parseSetCookie(line)).toMatchObject({ name: 'sessionId', maxAgeMs: about(day) });
    expect(await admin.info('keyspace')).toMatch(/^db1:keys=1,/m);
    expect(await countUsersWithSessions(admin)).toBe(0);
    await manager.close();
  });

  test('absolute alone limits a session to six hours', async () => {
    const manager = createSessions({ ...base, store: createPatientStore(redis.url), absolute: '6h' });
    const { session, line } = await startSession(manager as never);
    expect(session.expiresAt).toBe(session.createdAt + 6 * hour);
    expect(parseSetCookie(line).maxAgeMs).toEqual(about(6 * hour));
  });

  test('an id generator with numbers from 1000 to 9999 throws when the manager is created', () => {
    for (const id of [() => String(randomInt(1000, 10_000)), () => randomInt(1000, 10_000) as never]) {
      const build = () => createSessions({ ...base, store: createPatientStore(redis.url), id });
      expect(build).toThrow(
        expect.objectContaining({
          name: 'SessionError',
          code: 'INVALID_OPTION',
          message: expect.stringContaining('`id`'),
        }),
      );
    }
  });

  test('an id generator with UUIDs sets only the public id, with or without hyphens', async () => {
    for (const id of [randomUUID, () => randomUUID().replaceAll('-', '')]) {
      const manager = createSessions({ ...base, store: createPatientStore(redis.url), id });
      const { session, seal } = await startSession(manager as never);
      expect(session.id).toMatch(/^[0-9a-f]{8}-?[0-9a-f]{4}-?4/);
      const [carrier] = manager.facts.carriers;
      expect(await carrier?.open(seal)).toMatch(/^[\w-]{72}$/);
      expect(await carrier?.open(seal)).not.toContain(session.id);
    }
  });
});

/** The route handlers of the page, and one for the id. */
async function loadRoutes(): Promise<NextRoutes> {
  const verbs = ['setSession', 'getSession', 'deleteSession', 'getSessionId'];
  const routes = verbs.map(async (verb) => [`/${verb}`, await page.load(`app/${verb}/route.ts`)] as const);
  return Object.fromEntries(await Promise.all(routes));
}

async function waitForOrigin(server: Server): Promise<string> {
  if (!server.listening) await once(server, 'listening');
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}

/** Starts a session without HTTP. Resolves to the session, the Set-Cookie line and the sealed value in it. */
async function startSession(manager: Sessions<AppTypes> | undefined) {
  const response = new Headers();
  const request = { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' } };
  const session = manager?.open(request, createHeadersSink(response)) ?? expect.fail('There is no such manager');
  const issued = await session.start({ name: 'Ada', since: new Date() });
  const [line = ''] = response.getSetCookie();
  return { session: issued.session, line, seal: parseSetCookie(line).value };
}

const startSeal = async (manager: Sessions<AppTypes>): Promise<string> => (await startSession(manager)).seal;
const startLine = async (manager: Sessions<AppTypes>): Promise<string> => (await startSession(manager)).line;

async function readData(manager: Sessions<AppTypes>, setCookie: string): Promise<unknown> {
  const [pair = ''] = setCookie.split(';');
  return (await manager.open({ headers: { cookie: pair } }).get())?.data;
}

async function openSeal(seal: string): Promise<string> {
  const [carrier] = sessions.facts.carriers;
  const token = await carrier?.open(seal);
  return typeof token === 'string' ? token : expect.fail('The cookie does not open');
}

/** The parts of a Set-Cookie line. Ignores Expires, which Next adds and browsers ignore beside Max-Age. */
function parseSetCookie(setCookie = '') {
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

/** Matches this duration, or up to 30 seconds less: time passes during the test, and some values are rounded down. */
const about = (ms: number) => expect.toSatisfy((value: number) => value <= ms && value > ms - 30 * second, `${ms} ms`);

/** The TTL of the only key. */
async function readTtl(client: Redis): Promise<number> {
  const [key = ''] = await client.keys('*');
  return client.pttl(key);
}

/** How many connections the server has received since its start. */
async function countConnections(client: Redis): Promise<number> {
  return Number(/^total_connections_received:(\d+)/m.exec(await client.info('stats'))?.[1]);
}

/** Records the addresses that the work connects to, and redirects port 6379 to another port. */
async function recordConnects(work: () => Promise<unknown>, actualPort: number): Promise<unknown[]> {
  const connects: unknown[] = [];
  const connect: (options: TcpSocketConnectOpts) => Socket = Socket.prototype.connect;
  const spy = vi.spyOn(Socket.prototype, 'connect').mockImplementation(function (this: Socket, ...args: unknown[]) {
    const [{ host, port }] = args.flat() as [TcpSocketConnectOpts];
    connects.push({ host, port });
    return connect.call(
      this,
      port === 6379 ? { host: '127.0.0.1', port: actualPort } : { ...(host !== undefined && { host }), port },
    );
  });
  await work().finally(() => spy.mockRestore());
  return connects;
}
