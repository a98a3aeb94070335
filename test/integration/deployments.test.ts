// Slow: it starts a Redis server and HTTP servers.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createNodeSink, createSessions, isSessionError, type Session } from 'trpc-session';
import { redisStore } from 'trpc-session/stores/redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { writeDocsPage } from '../_support/docs-page.ts';
import { type RedisServer, startRedis } from '../_support/redis-server.ts';
import { findBrokenLinks } from './markdown.ts';

const secretA = 'first-secret-0123456789-abcdefghij';
const secretB = 'second-secret-0123456789-abcdefghij';

// biome-ignore lint/suspicious/noExplicitAny: the versions of the app have different data
type AnySession = Session<{ data: any; view: any }>;
interface App {
  open(...args: Parameters<ReturnType<typeof createOldApp>['open']>): AnySession;
  close(): Promise<void>;
  readonly names?: Names;
}

/** How a version of the page that renames a field uses it. */
interface Names {
  readonly schema: z.ZodType<{ readonly userId: string }>;
  readName(data: object): string;
  writeName(name: string): object;
}

let redis: RedisServer;
/** The versions of the app on the page. */
let withTheme: App;
let renamed: App;
/** The versions that rename a field in three steps, after the one before the change. */
let renaming: readonly App[];

beforeAll(async () => {
  redis = await startRedis();
  Object.assign(process.env, { REDIS_URL: redis.url, SESSION_SECRET: secretA });
  await using page = await writeDocsPage('docs/deployments.md', { packages: ['zod', '@types/node'] });
  expect(await page.compile()).toBe('');
  withTheme = (await page.load('app/session.ts')).sessions;
  renamed = (await page.load('app/session-version-2.ts')).sessions;
  const steps = await Promise.all([1, 2, 3].map((step) => page.load(`app/rename-${step}.ts`)));
  renaming = [namesBefore, ...steps].map(createRenamingApp);
}, 60_000);
afterAll(async () => {
  await Promise.all([withTheme, renamed, ...renaming].map((app) => app.close()));
  await redis.stop();
});

/** The app before the field `theme` was added. */
function createOldApp(secret: readonly string[] = [secretA]) {
  return createSessions({
    schema: z.object({ userId: z.string(), visits: z.number() }),
    subject: (data) => data.userId,
    view: ({ visits }) => ({ visits }),
    store: redisStore(redis.url),
    secret,
  });
}

const namesBefore: Names = {
  schema: z.object({ userId: z.string(), name: z.string() }),
  readName: (data) => (data as { name: string }).name,
  writeName: (name) => ({ name }),
};

function createRenamingApp(names: Names): App {
  const subject = ({ userId }: { readonly userId: string }) => userId;
  const options = { schema: names.schema, subject, view: () => null, store: redisStore(redis.url), secret: secretA };
  return { ...createSessions(options), names } as unknown as App;
}

/** Starts a server of one version. */
async function startServer(app: App): Promise<{ readonly port: number; close(): void }> {
  const server = createServer(async (req, res) => {
    try {
      const session = app.open(req, createNodeSink(res));
      res.end(JSON.stringify(await respond(session, new URL(req.url ?? '', 'http://app.example'), app.names)));
    } catch (error) {
      res.statusCode = isSessionError(error) ? error.status : 500;
      res.end(String(error));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { port: (server.address() as AddressInfo).port, close };
}

async function respond(session: AnySession, { pathname, searchParams }: URL, names?: Names): Promise<unknown> {
  const user = searchParams.get('user');
  if (pathname === '/sign-in') await session.start({ userId: user, visits: 0, ...names?.writeName('new') });
  if (pathname === '/rename') await session.update(names?.writeName(searchParams.get('to') ?? '') ?? {});
  if (pathname === '/visit') await session.update(({ visits, ...data }) => ({ ...data, visits: visits + 1 }));
  if (pathname === '/theme') await session.update({ theme: 'dark' });
  if (pathname === '/regenerate') await session.regenerate();
  if (pathname === '/rewrite') await session.update((data) => data);
  const { data } = await session.require();
  return names ? { name: names.readName(data) } : data;
}

/** Sends each request to the next server, as a load balancer does. The servers may be replaced while users work. */
class LoadBalancer {
  ports: readonly number[] = [];
  readonly statuses = new Map<number, number>();
  #next = 0;

  async send(path: string, cookie = ''): Promise<{ readonly data: Record<string, unknown>; readonly cookie: string }> {
    const port = this.ports[this.#next++ % this.ports.length];
    const headers = { cookie, 'sec-fetch-site': 'same-origin' };
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers });
    this.statuses.set(response.status, (this.statuses.get(response.status) ?? 0) + 1);
    const text = await response.text();
    const [line = ''] = response.headers.getSetCookie();
    return { data: response.ok ? JSON.parse(text) : {}, cookie: line.split(';')[0] || cookie };
  }
}

/**
 * Five users work while one fleet of servers follows the other. Returns the number of responses by status, how often each
 * user has visited, and what the session of each user holds at the end.
 */
async function rollOut(fleets: readonly (readonly App[])[], work: (user: Worker, step: number) => Promise<void>) {
  const balancer = new LoadBalancer();
  const servers = new Map<App, Awaited<ReturnType<typeof startServer>>>();
  for (const app of new Set(fleets.flat())) servers.set(app, await startServer(app));
  const install = (fleet: readonly App[]) => {
    balancer.ports = fleet.flatMap((app) => servers.get(app)?.port ?? []);
  };
  install(fleets[0] ?? []);
  // An odd number, so that the same request of a user does not reach the same server each time.
  const users = await Promise.all(Array.from({ length: 5 }, () => Worker.signIn(balancer)));
  for (const [step, fleet] of fleets.entries()) {
    install(fleet);
    await Promise.all(users.map((user) => work(user, step)));
  }
  const sessions = await Promise.all(users.map((user) => user.send('/me')));
  for (const server of servers.values()) server.close();
  return { statuses: Object.fromEntries(balancer.statuses), visits: users.map(({ visits }) => visits), sessions };
}

class Worker {
  visits = 0;
  #cookie = '';
  readonly #balancer: LoadBalancer;

  private constructor(balancer: LoadBalancer) {
    this.#balancer = balancer;
  }

  static async signIn(balancer: LoadBalancer): Promise<Worker> {
    const worker = new Worker(balancer);
    await worker.send(`/sign-in?user=${randomUUID()}`);
    return worker;
  }

  async send(path: string): Promise<Record<string, unknown>> {
    const { data, cookie } = await this.#balancer.send(path, this.#cookie);
    this.#cookie = cookie;
    return data;
  }

  /** Three updates at the same time, and a read. */
  async visit(): Promise<void> {
    await Promise.all([1, 2, 3].map(() => this.send('/visit')));
    this.visits += 3;
    await this.send('/me');
  }
}

/** Lets every user change a name twice at each step. Returns the names that servers read although they were outdated. */
async function rename(fleets: readonly (readonly App[])[]) {
  const outdated: unknown[] = [];
  const { statuses } = await rollOut(fleets, async (user, step) => {
    for (const name of [`a${step}`, `b${step}`]) {
      await user.send(`/rename?to=${name}`);
      const reads = await Promise.all([user.send('/me'), user.send('/me')]);
      outdated.push(...reads.filter((read) => read.name !== name));
    }
  });
  return { statuses, outdated };
}

describe('two versions of an app behind a load balancer', () => {
  test('through roll-out, half-way and rollback, no user is signed out and no field is lost', async () => {
    const [old, current] = [createOldApp(), withTheme] as const;
    const mixed = [old, current];
    const fleets = [[old], mixed, [current], mixed, [old], mixed, [current]];
    const { statuses, visits, sessions } = await rollOut(fleets, async (user, step) => {
      await user.visit();
      if (step === 2) await user.send('/theme');
      await user.visit();
    });
    expect(Object.keys(statuses)).toEqual(['200']);
    expect(sessions).toEqual(visits.map((count) => ({ userId: expect.any(String), visits: count, theme: 'dark' })));
  });

  test('in three steps, a field is renamed, and every server reads the newest name', async () => {
    const [old, one, two, three] = renaming as [App, App, App, App];
    const fleets = [[old], [old, one], [one], [one, two], [one], [two], [two, three], [two], [three]];
    const { statuses, outdated } = await rename(fleets);
    expect(Object.keys(statuses)).toEqual(['200']);
    expect(outdated).toEqual([]);
  });

  test('without the first of these steps, servers read an outdated name, so that the test above can fail', async () => {
    const [old, , two] = renaming as [App, App, App];
    expect((await rename([[old], [old, two], [old, two]])).outdated).not.toEqual([]);
  });

  test('after a raised version, the old one responds with 503 and signs no user out', async () => {
    const [old, current] = [createOldApp(), renamed] as const;
    const fleets = [[old], [old, current], [current], [old, current], [old], [current]];
    const { statuses, visits, sessions } = await rollOut(fleets, async (user, step) => {
      if (step === 0) await user.visit();
      // Writes the session in the form of version 2.
      else if (step === 2) await user.send('/rewrite');
      await user.send('/me');
    });
    expect(Object.keys(statuses)).toEqual(['200', '503']);
    expect(sessions).toEqual(visits.map((count) => ({ userId: expect.any(String), visitCount: count })));
  });
});

describe('the rotation of a secret', () => {
  /** Every user gets a new cookie at each step, from whichever server is next. */
  const rotate = (...steps: readonly (readonly string[])[]) => {
    const apps = steps.map((secrets) => createOldApp(secrets));
    const fleets = apps.flatMap((app, at) => [[apps[at - 1] ?? app, app], [app]]);
    return rollOut(fleets, async (user) => {
      await user.send('/regenerate');
      await user.visit();
    });
  };

  test('in the order of the page signs no user out', async () => {
    const { statuses, visits, sessions } = await rotate([secretA], [secretA, secretB], [secretB, secretA], [secretB]);
    expect(Object.keys(statuses)).toEqual(['200']);
    expect(sessions.map((data) => data.visits)).toEqual(visits);
  });

  test('without its first step signs users out, so that the test above can fail', async () => {
    const { statuses } = await rotate([secretA], [secretB, secretA]);
    expect(statuses[401]).toBeGreaterThan(0);
  });
});

test('the links of docs/deployments.md lead somewhere', () => {
  expect(findBrokenLinks('docs/deployments.md')).toEqual([]);
});
