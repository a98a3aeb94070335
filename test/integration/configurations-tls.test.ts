import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { type RedisSource, redisStore } from 'trpc-session/stores/redis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createAuthority, type PrivateAuthority, startTlsRedis, type TlsServer } from '../_support/redis-tls.ts';
import { runInProcesses } from '../_support/workers.ts';
import { bearerApp, signIn } from './app.ts';
import { databasesInUse, live, reasonsOf } from './life.ts';
import { localized, runSnippet, testsIn, testsOnPage } from './redis-page.ts';

let authority: PrivateAuthority;
let redis: TlsServer;
let expired: TlsServer;
let asking: TlsServer;

beforeAll(async () => {
  authority = await createAuthority();
  const { valid } = authority;
  [redis, expired, asking] = await Promise.all([
    startTlsRedis({ authority, identity: valid }),
    startTlsRedis({ authority, identity: authority.expired }),
    startTlsRedis({ authority, identity: valid, asksClients: true }),
  ]);
});

afterAll(async () => {
  await Promise.all([redis.stop(), expired.stop(), asking.stop()]);
  await authority[Symbol.asyncDispose]();
});

const over = ({ tlsPort }: TlsServer) => ({
  host: '127.0.0.1',
  port: tlsPort,
  tls: { ca: readFileSync(authority.ca, 'utf8') },
});
const url = ({ tlsPort }: TlsServer) =>
  localized('rediss://redis.internal:6380', { 'redis.internal': '127.0.0.1', 6380: tlsPort });

/** What went wrong in a process of its own. */
async function lifeElsewhere(source: string): Promise<string | undefined> {
  const [trouble] = await runInProcesses<string, string>(new URL('extra-ca-worker.ts', import.meta.url), [source]);
  return trouble;
}

describe('sessions live over TLS with', () => {
  test('a private authority in options', async () => {
    await live((await runSnippet('tls.ts', placesOf(redis))).store);
    expect(await databasesInUse(redis)).toEqual([]);
  });

  test('a certificate of the client in options', async () => {
    const { cert, key } = authority.valid;
    const files = { '/etc/redis/client.pem': cert, '/etc/redis/client-key.pem': key };
    await live((await runSnippet('mutual-tls.ts', { ...placesOf(asking), ...files })).store);
    expect(await databasesInUse(asking)).toEqual([]);
  });

  test.each([
    ['a client of ioredis 6', () => new Redis(over(redis))],
    ['a client of ioredis 5', () => new Redis5(over(redis))],
  ])('%s', async (_name, clientOf) => {
    const client = clientOf();
    await live(redisStore(client)).finally(() => client.disconnect());
    expect(await databasesInUse(redis)).toEqual([]);
  });

  test('a private authority in NODE_EXTRA_CA_CERTS', async () => {
    vi.stubEnv('NODE_EXTRA_CA_CERTS', authority.ca);
    expect(await lifeElsewhere(url(redis))).toBe('');
    expect(await databasesInUse(redis)).toEqual([]);
  });
});

const placesOf = ({ tlsPort }: TlsServer) => ({
  'redis.internal': '127.0.0.1',
  6380: tlsPort,
  '/etc/redis/ca.pem': authority.ca,
});

describe('sessions are UNAVAILABLE over TLS, and the cause says why, with', () => {
  test.each<[string, () => RedisSource, RegExp]>([
    ['an expired certificate', () => over(expired), /certificate has expired/],
    ['an unknown authority', () => url(redis), /self-signed certificate in certificate chain/],
    // Whether its last words arrive before the connection ends is a race.
    ['no certificate of the client', () => over(asking), /certificate required|ECONNRESET|EPIPE/],
    ['rediss: on a plain port', () => url({ ...redis, tlsPort: redis.port }), /There is no connection|ETIMEDOUT/],
    ['redis: on a TLS port', () => `redis://127.0.0.1:${redis.tlsPort}`, /ECONNRESET|EPIPE|closed/],
  ])('%s', async (_name, source, reason) => {
    const app = bearerApp({ store: redisStore(source(), { deadline: '500ms' }) });
    for (const attempt of [() => app.ready(), () => signIn(app, 'ada')]) {
      const error: unknown = await attempt().catch((refused: unknown) => refused);
      expect(error).toMatchObject({ code: 'UNAVAILABLE' });
      expect(reasonsOf(error)).toMatch(reason);
    }
    await app.close();
  });

  test('an unknown authority and no NODE_EXTRA_CA_CERTS', async () => {
    expect(await lifeElsewhere(url(redis))).toContain('self-signed certificate in certificate chain');
  });
});

describe('the page', () => {
  test('names every test of this file', ({ task }) => {
    expect(testsOnPage('configurations-tls.test.ts')).toEqual(testsIn(task.file));
  });
});
