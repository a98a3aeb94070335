import type { StandardSchemaV1 } from '@standard-schema/spec';
import { createSessions, type SessionStore } from 'trpc-session';
import { memoryStore } from 'trpc-session/stores/memory';
import { redisStore } from 'trpc-session/stores/redis';
import { bearer } from 'trpc-session/transports/header';
import { z } from 'zod';
import type { RedisServer } from '../_support/redis-server.ts';

/** Something sessions are kept in, that can be emptied and looked through. */
export interface Place {
  readonly store: SessionStore;
  /** What the manager takes for the time. On Redis it only decides whether a touch is due. */
  now(): number;
  /** Lets time pass; where the store's clock is not ours, only the manager's moves. */
  advance(ms: number): void;
  /** Whether the store lives by this clock, so that its times can be foretold. */
  readonly ownClock: boolean;
  empty(): Promise<void>;
  /** Every session field that is kept anywhere, dead or alive. */
  kept(): Promise<number>;
  /** Keys that would never expire. */
  immortal(): Promise<number>;
}

const memoryRegistry = Symbol.for('trpc-session.memory-stores.v1');

export function memoryPlace(name: string): Place {
  let time = 1_800_000_000_000;
  const store = memoryStore({ name, now: () => time });
  const subjects = (globalThis as { [memoryRegistry]?: Map<string, Map<string, Map<string, unknown>>> })[
    memoryRegistry
  ];
  const kept = subjects?.get(name);
  if (!kept) throw new Error('The memory store keeps its sessions somewhere else now');
  return {
    store,
    now: () => time,
    advance: (ms) => {
      time += ms;
    },
    ownClock: true,
    empty: async () => kept.clear(),
    kept: async () => [...kept.values()].reduce((sum, sessions) => sum + Math.max(1, sessions.size), 0),
    immortal: async () => 0,
  };
}

export function redisPlace(server: RedisServer): Place {
  const admin = server.client();
  let aheadMs = 0;
  return {
    // Patience for a busy machine: what happens at the deadline is not what is proven here.
    store: redisStore(server.url, { deadline: '30s' }),
    now: () => Date.now() + aheadMs,
    advance: (ms) => {
      aheadMs += ms;
    },
    ownClock: false,
    empty: async () => {
      aheadMs = 0;
      await admin.flushdb();
    },
    kept: async () => {
      const sizes = await Promise.all((await admin.keys('*')).map((key) => admin.hlen(key)));
      return sizes.reduce((sum, size) => sum + size / 2, 0);
    },
    immortal: async () => {
      const ttls = await Promise.all((await admin.keys('*')).map((key) => admin.pttl(key)));
      return ttls.filter((ttl) => ttl <= 0).length;
    },
  };
}

export const schema = z.object({
  user: z.string().optional(),
  theme: z.string(),
  count: z.number(),
  /** Whose data a sign-in carried over. */
  from: z.string(),
});

export type Data = z.infer<typeof schema>;

interface ManagerChoices {
  /** Something slow to wait for in every validation. */
  readonly validating?: () => Promise<void>;
  readonly version?: number;
}

export function managerOf(place: Pick<Place, 'store' | 'now'>, { validating, version = 1 }: ManagerChoices = {}) {
  return createSessions({
    schema: validating ? slowed(validating) : schema,
    subject: (data) => data.user,
    view: ({ theme }) => ({ theme }),
    transport: bearer(),
    store: place.store,
    secret: undefined,
    now: place.now,
    version,
  });
}

function slowed(validating: () => Promise<void>): StandardSchemaV1<Data> {
  const validate = async (value: unknown) => {
    await validating();
    return schema['~standard'].validate(value);
  };
  return { '~standard': { version: 1, vendor: 'proofs', validate } };
}

export type Manager = ReturnType<typeof managerOf>;
export type Handle = ReturnType<Manager['open']>;

export function openToken(manager: Manager, token: string): Handle {
  return manager.open({ method: 'POST', headers: { authorization: `Bearer ${token}` } });
}
