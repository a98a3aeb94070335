import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { type RedisSource, redisStore } from 'trpc-session/stores/redis';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type RedisServer, startRedis } from '../_support/redis-server.ts';
import { bearerApp } from './app.ts';
import { live, liveUnseen, reasonsOf, refusalsAt } from './life.ts';
import { aclUser, moreRulesFor, testsIn, testsOnPage } from './redis-page.ts';

const [name, ...rules] = aclUser();
const commands = rules.filter((rule) => rule.startsWith('+'));
const select = moreRulesFor('a database other than 0');
const password = 'a-long-password';

let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());

/** Makes the user anew. The server has forgotten all scripts and every refusal. */
async function permit(user: readonly string[]): Promise<void> {
  const client = redis.client();
  await client.call('ACL', 'DELUSER', name);
  await client.call('ACL', 'SETUSER', name, ...user);
  await client.call('ACL', 'LOG', 'RESET');
  await client.script('FLUSH');
  await client.flushall();
}

const without = (rule: string) => rules.filter((other) => other !== rule);
const url = (db = 0) => `redis://${name}:${password}@127.0.0.1:${redis.port}/${db}`;
const account = () => ({ host: '127.0.0.1', port: redis.port, username: name, password });

const isUnavailable = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'UNAVAILABLE';

let warnings: readonly unknown[][];
beforeEach(() => {
  warnings = vi.spyOn(console, 'warn').mockImplementation(() => {}).mock.calls;
});

describe('the permissions of the page', () => {
  test.each<[string, () => RedisSource]>([
    ['a URL', url],
    ['a client of ioredis 6', () => new Redis(account())],
    ['a client of ioredis 5', () => new Redis5(account())],
  ])('suffice on %s', async (_name, sourceOf) => {
    await permit(rules);
    const source = sourceOf();
    await live(redisStore(source)).finally(() => {
      if (typeof source === 'object') (source as Redis).disconnect();
    });
    expect(await refusalsAt(redis)).toEqual([]);
    expect(warnings).toEqual([]);
    expect(await redis.client().dbsize()).toBe(0);
  });

  test('are all needed', async () => {
    const needed: string[] = [];
    for (const rule of commands) {
      await permit(without(rule));
      const refused = await liveUnseen(redisStore(url())).catch((error: unknown) => error);
      // Without INFO sessions live, and ioredis complains at every connection.
      const isMissed = rule === '+info' ? String(warnings).includes('INFO command fails') : isUnavailable(refused);
      if (isMissed) needed.push(rule);
    }
    expect(needed).toEqual(commands);
  });

  test('are looked for by ready(), which names what is missing', async () => {
    const named: string[] = [];
    for (const rule of commands) {
      await permit(without(rule));
      const app = bearerApp({ store: redisStore(url()) });
      const refused: unknown = await app.ready().catch((error: unknown) => error);
      await app.close();
      const name = new RegExp(`\\b${rule.slice(1)}\\b`, 'i');
      if (isUnavailable(refused) && name.test(reasonsOf(refused))) named.push(rule);
    }
    expect(named).toEqual(commands.filter((rule) => rule !== '+info'));
  });

  test('open no key of anybody else', async () => {
    await permit(rules);
    await expect(live(redisStore(url()), { prefix: 'blog:' })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await redis.client().dbsize()).toBe(0);
  });

  test('do not open another database, unless what it adds for that is there', async () => {
    await permit(rules);
    await expect(live(redisStore(url(3)))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await permit([...rules, ...select]);
    await live(redisStore(url(3)));
    expect(await refusalsAt(redis)).toEqual([]);
  });
});

describe('the page', () => {
  test('names every test of this file', ({ task }) => {
    expect(testsOnPage('least-privilege.test.ts')).toEqual(testsIn(task.file));
  });
});
