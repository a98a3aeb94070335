import type { Redis } from 'ioredis';
import type { SessionEvent } from 'trpc-session';
import type { SessionStore } from 'trpc-session/stores';
import { type RedisSource, redisStore } from 'trpc-session/stores/redis';
import { type FaultyStore, faultyStore } from 'trpc-session/testing';
import { expect } from 'vitest';
import { createBrowserFetch } from '../../_support/http.ts';
import {
  type ClientName,
  createTestClient,
  listClientsToTest,
  nearCache,
  type TestClient,
} from '../../_support/redis-clients.ts';
import type { RedisServer } from '../../_support/redis-server.ts';
import {
  type AppServer,
  createFaultApp,
  type FaultApp,
  type FaultAppOptions,
  type FaultSessions,
  type PausePoint,
  startServer,
} from './fault-app.ts';
import { type AppResponse, type Route, Visitor } from './visitor.ts';

export interface WorldOptions extends Omit<FaultAppOptions, 'store' | 'pause'> {
  /** The current server. A test may replace it by another one. */
  readonly redis: () => RedisServer;
  /** How the app connects to Redis. @default the URL of the current server */
  readonly source?: RedisSource;
  /** The client library that connects to a URL. @default the one that TEST_REDIS_CLIENTS names */
  readonly client?: ClientName;
  /** Deadline of a store call, in milliseconds. @default long enough for a busy machine */
  readonly deadline?: number;
  /** Must not appear in any response, event or error, like tokens and session data. */
  readonly passwords?: readonly string[];
  /** Origin of an app in another process, which is then used instead of one in this process. */
  readonly origin?: string;
}

/** A procedure that a test has paused. */
export interface Pause {
  readonly reached: Promise<void>;
  release(): void;
}

/** One call of the store. */
export interface StoreCall {
  readonly operation: string;
  readonly overdueMs: number;
}

/** For tests that are not about the deadline: on a busy machine a reply can take longer than the default of one second. */
const patientMs = 10_000;

/** An app whose Redis fails, its visitors, and a record of all responses, events, errors and store calls. */
export class World {
  readonly options: WorldOptions;
  readonly deadlineMs: number;
  readonly sessions: FaultSessions;
  /** The same app with its own direct connection to the server: stands for another process that has no fault. */
  readonly otherProcess: FaultSessions;
  readonly visitors: Visitor[] = [];
  readonly responses: AppResponse[] = [];
  readonly events: SessionEvent[] = [];
  readonly errors: unknown[] = [];
  readonly calls: Promise<StoreCall>[] = [];
  /** Every cookie value that a browser received. */
  readonly seals = new Set<string>();
  readonly #app: FaultApp;
  readonly #client: TestClient;
  readonly #store: FaultyStore;
  readonly #pauses = new Map<PausePoint, () => Promise<void>>();
  #server: AppServer | undefined;

  constructor(options: WorldOptions) {
    const { redis, deadline = patientMs, passwords: _, origin: __, source: ___, client: ____, ...appOptions } = options;
    this.options = options;
    this.deadlineMs = deadline;
    this.#client = connect(options, deadline);
    this.#store = faultyStore(redisStore(this.#client.source, { deadline, nearCache }), []);
    this.#app = createFaultApp({
      ...appOptions,
      store: this.#timeCalls(this.#store),
      onEvent: (event) => this.events.push(event),
      onError: (error) => this.errors.push(error),
      pause: async (at) => this.#pauses.get(at)?.(),
    });
    this.sessions = this.#app.sessions;
    this.otherProcess = createFaultApp({
      ...appOptions,
      store: redisStore(redis().url, { deadline: patientMs + 1 }),
    }).sessions;
  }

  static async open(options: WorldOptions): Promise<World> {
    const world = new World(options);
    if (options.origin === undefined) world.#server = await startServer(world.#app);
    return world;
  }

  /** The test's own connection to the server. */
  get admin(): Redis {
    return this.options.redis().client();
  }

  addVisitor(name: string): Visitor {
    const visitor = new Visitor(name, (who, route) => this.#send(who, route));
    this.visitors.push(visitor);
    return visitor;
  }

  async signIn(name: string): Promise<Visitor> {
    const visitor = this.addVisitor(name);
    expect(await visitor.signIn()).toMatchObject({ status: 200 });
    return visitor;
  }

  /** Adds a visitor who signs out before the fault. The invariants check that their cookie stays invalid. */
  async signInAndOut(name: string): Promise<Visitor> {
    const visitor = await this.signIn(name);
    expect(await visitor.signOut()).toMatchObject({ status: 200 });
    return visitor;
  }

  /** The same browser, sending its requests to this app from now on. */
  adopt(visitor: Visitor): Visitor {
    const adopted = this.addVisitor(visitor.name);
    const { isSignedIn, mayBeSignedOut, acknowledged, unacknowledged } = visitor;
    adopted.endedCookies.push(...visitor.endedCookies);
    adopted.jar.set('ssid', visitor.jar.value('ssid') ?? '');
    return Object.assign(adopted, { isSignedIn, mayBeSignedOut, acknowledged, unacknowledged });
  }

  /** A browser with this cookie whose responses change no other visitor's state. */
  createUntrackedVisitor(cookie = ''): Visitor {
    const visitor = new Visitor('untracked', (who, route) => this.#send(who, route));
    const [name = '', value = ''] = cookie.split('=');
    if (value !== '') visitor.jar.set(name, value);
    return visitor;
  }

  /** Pauses the next request that reaches this point. */
  pauseAt(at: PausePoint): Pause {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const reached = new Promise<void>((resolve) => {
      this.#pauses.set(at, async () => {
        this.#pauses.delete(at);
        resolve();
        await released;
      });
    });
    return { reached, release };
  }

  async close(): Promise<void> {
    await this.#server?.close();
    await Promise.all([this.sessions.close(), this.otherProcess.close()]);
    this.#client.close();
  }

  async #send(who: Visitor, route: Route): Promise<AppResponse> {
    const origin = this.options.origin ?? this.#server?.origin ?? '';
    const sending = createBrowserFetch(who.jar, origin)(...toRequestArguments(route, who.name));
    const overdue = measureOverdue(sending, this.deadlineMs);
    const response = await parseResponse(route, await sending);
    for (const line of response.setCookies) this.seals.add(line.slice(line.indexOf('=') + 1, line.indexOf(';')));
    const seen = { ...response, overdueMs: await overdue, who: { ...who } };
    this.responses.push(seen);
    return seen;
  }

  /** Every token hash that the store received. */
  listHashes(): readonly string[] {
    return this.#store.calls.flatMap(({ args: [command] }) => {
      if (typeof command !== 'object' || command === null) return [];
      const { hash, newHash } = command as { hash?: string; newHash?: string };
      return [hash, newHash].filter((each) => each !== undefined);
    });
  }

  #timeCalls(store: SessionStore): SessionStore {
    return new Proxy(store, {
      get: (target, name: keyof SessionStore) => {
        const member = target[name];
        if (typeof member !== 'function' || name === 'close') return member;
        return (...args: readonly unknown[]): Promise<unknown> => {
          const result = (member as (...args: readonly unknown[]) => Promise<unknown>)(...args);
          const overdue = measureOverdue(result, this.deadlineMs);
          this.calls.push(overdue.then((late) => ({ operation: name, overdueMs: late })));
          return result;
        };
      },
    });
  }
}

function connect({ redis, source = redis().url, client }: WorldOptions, deadlineMs: number): TestClient {
  if (typeof source !== 'string') return { source, close: () => {} };
  const [name = 'URL'] = client === undefined ? listClientsToTest(['URL']) : [client];
  return createTestClient(name, source, deadlineMs);
}

const parts = 10;

/**
 * How much longer the work takes than allowed. Measures like the library does: in several short timers, so that a busy
 * process, whose timers all fire late, delays both measurements alike.
 */
async function measureOverdue(work: Promise<unknown>, allowedMs: number): Promise<number> {
  let dueAt = Number.POSITIVE_INFINITY;
  let left = parts;
  const pass = (): void => {
    if (left-- === 0) dueAt = performance.now();
    else timer = setTimeout(pass, Math.ceil(allowedMs / parts));
  };
  let timer: NodeJS.Timeout | undefined;
  pass();
  await work.catch(() => {});
  clearTimeout(timer);
  return Math.max(0, performance.now() - dueAt);
}

function toRequestArguments(route: Route, name: string): [string, RequestInit] {
  if (route === 'page') return ['/page', {}];
  if (route === 'hello' || route === 'me') return [`/trpc/${route}`, {}];
  const headers = { 'content-type': 'application/json' };
  return [`/trpc/${route}`, { method: 'POST', headers, body: JSON.stringify(name) }];
}

type ParsedResponse = Omit<AppResponse, 'overdueMs' | 'who'>;

async function parseResponse(route: Route, response: Response): Promise<ParsedResponse> {
  const body = await response.text();
  const { error, result, ...page } = JSON.parse(body);
  const data = error?.data ?? { code: response.status, session: { reason: error?.reason ?? null } };
  return {
    route,
    status: response.status,
    refusal: error ? { code: data.code, reason: data.session?.reason ?? null } : null,
    result: result?.data ?? page,
    setCookies: response.headers.getSetCookie(),
    text: [...response.headers].map((pair) => pair.join(': ')).join('\n') + body,
  };
}
