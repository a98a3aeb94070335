// Slow: it starts a Redis server, and runs every operation once without each permission.
import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { createClient } from 'redis';
import * as redis5 from 'redis-5';
import { type RedisSource, redisStore } from 'trpc-session/stores/redis';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type RedisServer, startRedis } from '../_support/redis-server.ts';
import { countUsersWithSessions } from '../_support/stored-sessions.ts';
import { createBearerApp, createPatientStore } from './app.ts';
import { evidenceSuite, listTests, readListedTests } from './evidence.ts';
import { joinMessages, listDenied, runLifeCycle, runLifeCycleWithoutReady } from './life-cycle.ts';
import { readAclUser, readMoreRules } from './redis-page.ts';

const [name, ...rules] = readAclUser();
const commands = rules.filter((rule) => rule.startsWith('+'));
const select = readMoreRules('a database other than 0');
const password = 'a-long-password';

let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());

/** Empties the server, its scripts and its ACL log, and creates the user with these rules only. */
async function createUser(user: readonly string[]): Promise<void> {
  const client = redis.client();
  await client.call('ACL', 'DELUSER', name);
  await client.call('ACL', 'SETUSER', name, ...user);
  await client.call('ACL', 'LOG', 'RESET');
  await client.script('FLUSH');
  await client.flushall();
}

const without = (rule: string) => rules.filter((other) => other !== rule);
const toUrl = (db = 0) => `redis://${name}:${password}@127.0.0.1:${redis.port}/${db}`;
const toOptions = () => ({ host: '127.0.0.1', port: redis.port, username: name, password });

const isUnavailable = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'UNAVAILABLE';

let warnings: readonly unknown[][];
beforeEach(() => {
  warnings = vi.spyOn(console, 'warn').mockImplementation(() => {}).mock.calls;
});

describe('the permissions of docs/redis.md', () => {
  test.each<[string, () => RedisSource]>([
    ['a URL', toUrl],
    ['a client of ioredis 6', () => new Redis(toOptions())],
    ['a client of ioredis 5', () => new Redis5(toOptions())],
    ['a client of redis 6', () => createClient({ url: toUrl() })],
    ['a client of redis 5', () => redis5.createClient({ url: toUrl() })],
  ])('suffice for %s', async (_name, createSource) => {
    await createUser(rules);
    const source = createSource();
    await runLifeCycle(createPatientStore(source)).finally(() => {
      if (typeof source === 'object') (source as Redis).disconnect();
    });
    expect(await listDenied(redis)).toEqual([]);
    expect(warnings).toEqual([]);
    expect(await countUsersWithSessions(redis.client())).toBe(0);
  });

  test('are all needed', async () => {
    const needed: string[] = [];
    for (const rule of commands) {
      await createUser(without(rule));
      const failure = await runLifeCycleWithoutReady(createPatientStore(toUrl())).catch((error: unknown) => error);
      // Without INFO sessions work, but ioredis logs a warning at every connection.
      const isNeeded = rule === '+info' ? String(warnings).includes('INFO command fails') : isUnavailable(failure);
      if (isNeeded) needed.push(rule);
    }
    expect(needed).toEqual(commands);
  });

  test('are checked by ready(), which names the missing command', async () => {
    const named: string[] = [];
    for (const rule of commands) {
      await createUser(without(rule));
      const app = createBearerApp({ store: createPatientStore(toUrl()) });
      const failure: unknown = await app.ready().catch((error: unknown) => error);
      await app.close();
      const command = new RegExp(`\\b${rule.slice(1)}\\b`, 'i');
      if (isUnavailable(failure) && command.test(joinMessages(failure))) named.push(rule);
    }
    expect(named).toEqual(commands.filter((rule) => rule !== '+info'));
  });

  test('do not allow keys of another prefix', async () => {
    await createUser(rules);
    const life = runLifeCycle(createPatientStore(toUrl()), { prefix: 'blog:' });
    await expect(life).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await countUsersWithSessions(redis.client())).toBe(0);
  });

  test('allow another database only with the additional permission', async () => {
    await createUser(rules);
    await expect(runLifeCycle(createPatientStore(toUrl(3)))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await createUser([...rules, ...select]);
    await runLifeCycle(createPatientStore(toUrl(3)));
    expect(await listDenied(redis)).toEqual([]);
  });
});

test('counting and scanning need an additional permission, which the error names', async () => {
  await createUser(rules);
  const app = createBearerApp({ store: createPatientStore(toUrl()) });
  const failure: unknown = await app.count().catch((error: unknown) => error);
  await app.close();
  expect(isUnavailable(failure)).toBe(true);
  expect(joinMessages(failure)).toMatch(/'scan'/);
  await createUser([...rules, ...readMoreRules('`sessions.scan()` and `sessions.count()`')]);
  await runLifeCycle(createPatientStore(toUrl()), { scans: true });
  expect(await listDenied(redis)).toEqual([]);
});

describe('the additional permissions for a near cache', () => {
  const more = readMoreRules('the [near cache](#near-cache)');
  const createNearStore = (source: RedisSource) => redisStore(source, { deadline: '10s', nearCache: true });

  test.each<[string, () => RedisSource]>([
    ['a URL', toUrl],
    ['a client of ioredis 5', () => new Redis5(toOptions())],
    ['a client of redis 6', () => createClient({ url: toUrl() })],
    ['a client of redis 5', () => redis5.createClient({ url: toUrl() })],
  ])('suffice for %s', async (_name, createSource) => {
    await createUser([...rules, ...more]);
    const source = createSource();
    await runLifeCycle(createNearStore(source)).finally(() => {
      if (typeof source === 'object') (source as Redis).disconnect();
    });
    expect(await listDenied(redis)).toEqual([]);
    expect(await countUsersWithSessions(redis.client())).toBe(0);
  });

  test('are all needed, and ready() names the missing one', async () => {
    const named: string[] = [];
    for (const rule of more) {
      await createUser([...rules, ...more.filter((other) => other !== rule)]);
      const app = createBearerApp({ store: createNearStore(toUrl()) });
      const failure: unknown = await app.ready().catch((error: unknown) => error);
      await app.close();
      const command = rule.startsWith('&') ? /channels/ : new RegExp(`'${rule.slice(1).replace('|', '\\|')}'`, 'i');
      if (isUnavailable(failure) && command.test(joinMessages(failure))) named.push(rule);
    }
    expect(named).toEqual(more);
  });

  test('are not needed for sessions, which are then read from Redis', async () => {
    await createUser(rules);
    await runLifeCycleWithoutReady(createNearStore(toUrl()));
    expect(await countUsersWithSessions(redis.client())).toBe(0);
  });
});

describe(evidenceSuite, () => {
  test('lists every test of this file', ({ task }) => {
    expect(readListedTests('least-privilege.test.ts')).toEqual(listTests(task.file));
  });
});
