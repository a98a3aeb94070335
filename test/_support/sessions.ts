import { randomUUID } from 'node:crypto';
import {
  createHeadersSink,
  createSessions,
  type Session,
  type SessionEvent,
  type Sessions,
  type SessionTypes,
} from 'trpc-session';
import type { SessionStore } from 'trpc-session/stores';
import { memoryStore } from 'trpc-session/stores/memory';
import { createTestClock, type TestClock } from 'trpc-session/testing';
import { z } from 'zod';

export const secret = 'correct-horse-battery-staple-sealed';

export const accountSchema = z.object({
  userId: z.string(),
  name: z.string(),
  role: z.enum(['member', 'admin']),
  visits: z.number(),
});

export const ada = { userId: 'ada', name: 'Ada', role: 'member', visits: 0 } as const;
export const grace = { userId: 'grace', name: 'Grace', role: 'admin', visits: 0 } as const;

/**
 * A memory store of its own, and the names of the calls made to it. Unlike `faultyStore`, it records every function of the
 * store, `subscribe` and `close` included.
 */
export function createSpiedStore(clock: Pick<TestClock, 'now'>): { store: SessionStore; calls: string[] } {
  const calls: string[] = [];
  const store = new Proxy(memoryStore({ name: randomUUID(), now: clock.now }), {
    get(target, name: keyof SessionStore) {
      const member = target[name];
      if (typeof member !== 'function') return member;
      return (...args: never[]) => {
        calls.push(name);
        return (member as (...args: never[]) => unknown)(...args);
      };
    },
  });
  return { store, calls };
}

type AccountOptions = Omit<
  Parameters<typeof createSessions<typeof accountSchema, { name: string }>>[0],
  'schema' | 'view' | 'patch'
>;

/** A manager of accounts over a spied memory store, with its clock and its events. */
export function createAccountSessions(overrides: Partial<AccountOptions> = {}, clock: TestClock = createTestClock()) {
  const { store, calls } = createSpiedStore(clock);
  const events: SessionEvent[] = [];
  const sessions = createSessions({
    schema: accountSchema,
    subject: (data) => data.userId,
    view: ({ name }) => ({ name }),
    store,
    secret,
    now: clock.now,
    onEvent: (event) => events.push(event),
    ...overrides,
  });
  return { sessions, store, calls, events, clock };
}

export interface Visit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly obstacle?: Parameters<typeof createHeadersSink>[1];
  readonly cache?: 'request' | 'none';
}

/** A browser on the app's own pages: stores the cookies of each response and sends them with the next request. */
export class Browser<T extends SessionTypes> {
  readonly jar = new Map<string, string>();
  response = new Headers();
  readonly #sessions: Sessions<T>;

  constructor(sessions: Sessions<T>) {
    this.#sessions = sessions;
  }

  /** The Set-Cookie lines of the last response. */
  get setCookies(): readonly string[] {
    return this.response.getSetCookie();
  }

  /** The Cookie header that the next request carries. */
  get cookie(): string {
    for (const line of this.setCookies) {
      const [pair = ''] = line.split(';');
      const at = pair.indexOf('=');
      if (/; max-age=0(;|$)/i.test(line)) this.jar.delete(pair.slice(0, at));
      else this.jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return [...this.jar].map((pair) => pair.join('=')).join('; ');
  }

  request({ method = 'POST', headers = {}, obstacle, cache = 'request' }: Visit = {}): Session<T> {
    const cookie = this.cookie;
    this.response = new Headers();
    const sent = { ...(cookie && { cookie }), 'sec-fetch-site': 'same-origin', 'user-agent': 'Firefox', ...headers };
    return this.#sessions.open({ method, headers: sent }, createHeadersSink(this.response, obstacle), { cache });
  }

  /** A browser with a copy of the cookies, as an attacker who stole them has. Later changes are not shared. */
  copy(): Browser<T> {
    const copy = new Browser(this.#sessions);
    // Reading the header stores the cookies of the last response.
    this.cookie;
    for (const [name, value] of this.jar) copy.jar.set(name, value);
    return copy;
  }
}

/** Resolves to the code of the SessionError that the promise rejects with, or to 'none' if it resolves. */
export async function getErrorCode(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'none',
    (error: { code?: unknown }) => error.code ?? error,
  );
}
