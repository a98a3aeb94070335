import type { Redis } from 'ioredis';
import type { SessionEvent, SessionStore } from 'trpc-session';
import { type RedisSource, redisStore } from 'trpc-session/stores/redis';
import { expect } from 'vitest';
import { browserFetch } from '../../_support/http.ts';
import type { RedisServer } from '../../_support/redis-server.ts';
import {
  type FaultApp,
  type FaultAppOptions,
  type FaultSessions,
  faultApp,
  type PausePoint,
  type Served,
  serve,
} from './fault-app.ts';
import { type Answer, type Route, Visitor } from './visitor.ts';

export interface WorldOptions extends Omit<FaultAppOptions, 'store' | 'pause'> {
  /** The server of this moment: a test may start another one in its place. */
  readonly redis: () => RedisServer;
  /** Where the app believes that server to be. Default: where it is. */
  readonly source?: RedisSource;
  readonly deadline?: number;
  /** What no response, event or error may show, beside tokens and data. */
  readonly passwords?: readonly string[];
  /** Of an app in a process of its own, in place of one in this. */
  readonly origin?: string;
}

/** A procedure that is held where the test wants it. */
export interface Pause {
  readonly reached: Promise<void>;
  release(): void;
}

/** One call of the store's port. */
export interface StoreCall {
  readonly operation: string;
  readonly overdueMs: number;
}

/** An app over a Redis that fails, its visitors, and all that was said meanwhile. */
export class World {
  readonly options: WorldOptions;
  readonly deadlineMs: number;
  readonly sessions: FaultSessions;
  /** Another process of the same app, as it were, which the fault spares: it goes straight to the server. */
  readonly elsewhere: FaultSessions;
  readonly visitors: Visitor[] = [];
  readonly answers: Answer[] = [];
  readonly events: SessionEvent[] = [];
  readonly errors: unknown[] = [];
  readonly calls: Promise<StoreCall>[] = [];
  /** Every hash that the store was given, and every cookie that a browser was. */
  readonly hashes = new Set<string>();
  readonly seals = new Set<string>();
  readonly #app: FaultApp;
  readonly #pauses = new Map<PausePoint, () => Promise<void>>();
  #served: Served | undefined;

  constructor(options: WorldOptions) {
    const { redis, source = redis().url, deadline = 1_000, passwords: _, origin: __, ...appOptions } = options;
    this.options = options;
    this.deadlineMs = deadline;
    this.#app = faultApp({
      ...appOptions,
      store: this.#watched(redisStore(source, { deadline })),
      onEvent: (event) => this.events.push(event),
      onError: (error) => this.errors.push(error),
      pause: async (at) => this.#pauses.get(at)?.(),
    });
    this.sessions = this.#app.sessions;
    this.elsewhere = faultApp({ ...appOptions, store: redisStore(redis().url, { deadline: 1_500 }) }).sessions;
  }

  static async open(options: WorldOptions): Promise<World> {
    const world = new World(options);
    if (options.origin === undefined) world.#served = await serve(world.#app);
    return world;
  }

  /** The test's own connection to the server. */
  get admin(): Redis {
    return this.options.redis().client();
  }

  visitor(name: string): Visitor {
    const visitor = new Visitor(name, (who, route) => this.#ask(who, route));
    this.visitors.push(visitor);
    return visitor;
  }

  async signedIn(name: string): Promise<Visitor> {
    const visitor = this.visitor(name);
    expect(await visitor.signIn()).toMatchObject({ status: 200 });
    return visitor;
  }

  /** Somebody who signed out before the fault: they shall never be let in again. */
  async signedOut(name: string): Promise<Visitor> {
    const visitor = await this.signedIn(name);
    expect(await visitor.signOut()).toMatchObject({ status: 200 });
    return visitor;
  }

  /** The same browser, come to this process of the app. */
  adopt(visitor: Visitor): Visitor {
    const adopted = this.visitor(visitor.name);
    const { isSignedIn, mayBeGone, acknowledged, unknown } = visitor;
    adopted.ended.push(...visitor.ended);
    adopted.jar.set('ssid', visitor.jar.value('ssid') ?? '');
    return Object.assign(adopted, { isSignedIn, mayBeGone, acknowledged, unknown });
  }

  /** Somebody with this cookie, whoever had it before. */
  stranger(cookie = ''): Visitor {
    const stranger = new Visitor('a stranger', (who, route) => this.#ask(who, route));
    const [name = '', value = ''] = cookie.split('=');
    if (value !== '') stranger.jar.set(name, value);
    return stranger;
  }

  /** Holds the next request that comes to this point. */
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
    await this.#served?.close();
    await Promise.all([this.sessions.close(), this.elsewhere.close()]);
  }

  async #ask(who: Visitor, route: Route): Promise<Answer> {
    const origin = this.options.origin ?? this.#served?.origin ?? '';
    const asking = browserFetch(who.jar, origin)(...requestFor(route, who.name));
    const overdue = overdueMs(asking, this.deadlineMs);
    const answer = await answerOf(route, await asking);
    for (const line of answer.setCookies) this.seals.add(line.slice(line.indexOf('=') + 1, line.indexOf(';')));
    const seen = { ...answer, overdueMs: await overdue, who: { ...who } };
    this.answers.push(seen);
    return seen;
  }

  /** The store, with its calls timed and the hashes that it was given remembered. */
  #watched(store: SessionStore): SessionStore {
    return new Proxy(store, {
      get: (target, name: keyof SessionStore) => {
        const member = target[name];
        if (typeof member !== 'function' || name === 'close') return member;
        return (...args: readonly unknown[]): Promise<unknown> => {
          this.#remember(args[0]);
          const answer = (member as (...args: readonly unknown[]) => Promise<unknown>)(...args);
          const settled = overdueMs(answer, this.deadlineMs).then((late) => ({ operation: name, overdueMs: late }));
          this.calls.push(settled);
          return answer;
        };
      },
    });
  }

  #remember(command: unknown): void {
    if (typeof command !== 'object' || command === null) return;
    const { hash, newHash } = command as { hash?: string; newHash?: string };
    for (const each of [hash, newHash]) if (each !== undefined) this.hashes.add(each);
  }
}

const parts = 10;

/**
 * By how much something outlasts the time that it has, as this process sees time pass: a process with many answers to
 * give is late a little at every turn, which keeps the library's clock and this one alike.
 */
async function overdueMs(work: Promise<unknown>, allowedMs: number): Promise<number> {
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

function requestFor(route: Route, name: string): [string, RequestInit] {
  if (route === 'page') return ['/page', {}];
  if (route === 'hello' || route === 'me') return [`/trpc/${route}`, {}];
  const headers = { 'content-type': 'application/json' };
  return [`/trpc/${route}`, { method: 'POST', headers, body: JSON.stringify(name) }];
}

type Told = Omit<Answer, 'overdueMs' | 'who'>;

async function answerOf(route: Route, response: Response): Promise<Told> {
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
