import type { StandardSchemaV1 } from '@standard-schema/spec';
import { createSessions } from 'trpc-session';
import type { SessionStore } from 'trpc-session/stores';
import { memoryStore } from 'trpc-session/stores/memory';
import { redisStore } from 'trpc-session/stores/redis';
import { createTestClock } from 'trpc-session/testing';
import { bearer } from 'trpc-session/transports/header';
import { expect } from 'vitest';
import { z } from 'zod';
import { maxEndings } from '../../src/core/ports/session-ending.ts';
import { nearCache } from '../_support/redis-clients.ts';
import type { RedisServer } from '../_support/redis-server.ts';

/** A store that a proof can empty and inspect. */
export interface Backend {
  readonly store: SessionStore;
  /** The manager's time. With Redis it only decides whether a touch is due. */
  now(): number;
  /** Lets time pass: for the manager, and for the store if it has the test's clock. */
  advance(ms: number): void;
  /** Whether the store uses the test's clock, so that its times are known in advance. */
  readonly hasTestClock: boolean;
  clear(): Promise<void>;
  /** Counts all stored sessions, live or expired. */
  countStored(): Promise<number>;
  /** Counts the keys that never expire. */
  countWithoutExpiry(): Promise<number>;
}

const memoryRegistryKey = Symbol.for('trpc-session.memory-stores.v1');

interface MemoryKey {
  readonly sessions: Map<string, unknown>;
  readonly endings: readonly unknown[];
}

/** Counts the sessions under one key. A key that holds neither sessions nor reasons counts as one: it was left behind. */
function countKept({ sessions, endings }: MemoryKey): number {
  expect(endings.length).toBeLessThanOrEqual(maxEndings);
  return sessions.size === 0 && endings.length === 0 ? 1 : sessions.size;
}

export function createMemoryBackend(name: string): Backend {
  const clock = createTestClock();
  const store = memoryStore({ name, now: clock.now });
  const registry: Map<string, Map<string, MemoryKey>> = Reflect.get(globalThis, memoryRegistryKey);
  const keys = registry.get(name);
  if (!keys) throw new Error('The memory store no longer keeps its sessions in this registry');
  return {
    store,
    now: clock.now,
    advance: clock.advance,
    hasTestClock: true,
    clear: async () => keys.clear(),
    countStored: async () => [...keys.values()].reduce((sum, kept) => sum + countKept(kept), 0),
    countWithoutExpiry: async () => 0,
  };
}

export function createRedisBackend(server: RedisServer): Backend {
  const admin = server.client();
  let aheadMs = 0;
  return {
    // Long enough for a busy machine: these proofs are not about the deadline.
    store: redisStore(server.url, { deadline: '30s', nearCache }),
    now: () => Date.now() + aheadMs,
    advance: (ms) => {
      aheadMs += ms;
    },
    hasTestClock: false,
    clear: async () => {
      aheadMs = 0;
      await admin.flushdb();
    },
    countStored: async () => {
      const hashes = await Promise.all((await admin.keys('*')).map((key) => admin.hgetall(key)));
      return hashes.reduce((sum, fields) => sum + countSessions(fields), 0);
    },
    countWithoutExpiry: async () => {
      const ttls = await Promise.all((await admin.keys('*')).map((key) => admin.pttl(key)));
      return ttls.filter((ttl) => ttl <= 0).length;
    },
  };
}

/** Counts the sessions in one hash. Throws for a field that belongs to none of them. */
function countSessions(fields: Record<string, string>): number {
  const names = Object.keys(fields);
  const isMarker = (name: string) => fields[name]?.startsWith('moved ') === true;
  const ended = names.filter((name) => fields[name]?.startsWith('ended '));
  const listed = (fields[':endings']?.split(' ') ?? []).filter((_, at) => at % 2 === 0);
  expect([...ended].sort()).toEqual([...listed].sort());
  expect(ended.length).toBeLessThanOrEqual(maxEndings);
  const others = names.filter((name) => name !== ':endings' && !ended.includes(name));
  const sessions = others.filter((name) => !name.includes(':') && !isMarker(name));
  for (const name of others) {
    const owner = isMarker(name) ? fields[name]?.slice('moved '.length) : name.replace(/:body$/, '');
    if (!sessions.includes(owner ?? '')) throw new Error(`The field ${name} belongs to no session.`);
  }
  return sessions.length;
}

export const schema = z.object({
  user: z.string().optional(),
  theme: z.string(),
  count: z.number(),
  /** Whose session a sign-in carried data over from; `'none'` if it carried none. */
  from: z.string(),
});

export type Data = z.infer<typeof schema>;

interface ManagerChoices {
  /** Called and awaited in every validation. */
  readonly onValidate?: () => Promise<void>;
  readonly version?: number;
}

export function createManager(backend: Pick<Backend, 'store' | 'now'>, choices: ManagerChoices = {}) {
  const { onValidate, version = 1 } = choices;
  return createSessions({
    schema: onValidate ? addDelay(onValidate) : schema,
    subject: (data) => data.user,
    view: ({ theme }) => ({ theme }),
    transport: bearer(),
    store: backend.store,
    secret: undefined,
    now: backend.now,
    id: createOrderedId,
    version,
  });
}

let idCount = 0;

/** Lists order sessions of one millisecond by their ids. With random ids, two runs could visit them in different orders. */
function createOrderedId(): string {
  idCount += 1;
  return String(idCount).padStart(16, '0');
}

function addDelay(onValidate: () => Promise<void>): StandardSchemaV1<Data> {
  const validate = async (value: unknown) => {
    await onValidate();
    return schema['~standard'].validate(value);
  };
  return { '~standard': { version: 1, vendor: 'proofs', validate } };
}

export type Manager = ReturnType<typeof createManager>;
export type Handle = ReturnType<Manager['open']>;

export function openToken(manager: Manager, token: string): Handle {
  return manager.open({ method: 'POST', headers: { authorization: `Bearer ${token}` } });
}
