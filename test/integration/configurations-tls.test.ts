// Slow: it creates certificates, starts three servers with TLS, and runs two processes for NODE_EXTRA_CA_CERTS.
import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { type RedisSource, redisStore } from 'trpc-session/stores/redis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createAuthority, type PrivateAuthority, startTlsRedis, type TlsServer } from '../_support/redis-tls.ts';
import { runInProcesses } from '../_support/workers.ts';
import { createBearerApp, createPatientStore, signIn } from './app.ts';
import { evidenceSuite, listTests, readListedTests } from './evidence.ts';
import { joinMessages, listUsedDatabases, runLifeCycle } from './life-cycle.ts';
import { replaceNames, runSnippet } from './redis-page.ts';

let authority: PrivateAuthority;
let redis: TlsServer;
let expired: TlsServer;
let mutual: TlsServer;

beforeAll(async () => {
  authority = await createAuthority();
  const { valid } = authority;
  [redis, expired, mutual] = await Promise.all([
    startTlsRedis({ authority, identity: valid }),
    startTlsRedis({ authority, identity: authority.expired }),
    startTlsRedis({ authority, identity: valid, requiresClientCertificate: true }),
  ]);
});

afterAll(async () => {
  await Promise.all([redis.stop(), expired.stop(), mutual.stop()]);
  await authority[Symbol.asyncDispose]();
});

const toOptions = ({ tlsPort }: TlsServer) => ({
  host: '127.0.0.1',
  port: tlsPort,
  tls: { ca: readFileSync(authority.ca, 'utf8') },
});
const toUrl = ({ tlsPort }: TlsServer) =>
  replaceNames('rediss://redis.internal:6380', { 'redis.internal': '127.0.0.1', 6380: tlsPort });
const toReplacements = ({ tlsPort }: TlsServer) => ({
  'redis.internal': '127.0.0.1',
  6380: tlsPort,
  '/etc/redis/ca.pem': authority.ca,
});

/** Signs in and out in another process. Returns the error messages, or an empty string. */
async function signInElsewhere(url: string): Promise<string | undefined> {
  const [messages] = await runInProcesses<string, string>(new URL('extra-ca-worker.ts', import.meta.url), [url]);
  return messages;
}

describe('every operation works over TLS with', () => {
  test('a private authority in the options', async () => {
    await runLifeCycle((await runSnippet('tls.ts', toReplacements(redis))).store);
    expect(await listUsedDatabases(redis)).toEqual([]);
  });

  test('a client certificate in the options', async () => {
    const { cert, key } = authority.valid;
    const files = { '/etc/redis/client.pem': cert, '/etc/redis/client-key.pem': key };
    await runLifeCycle((await runSnippet('mutual-tls.ts', { ...toReplacements(mutual), ...files })).store);
    expect(await listUsedDatabases(mutual)).toEqual([]);
  });

  test.each([
    ['a client of ioredis 6', () => new Redis(toOptions(redis))],
    ['a client of ioredis 5', () => new Redis5(toOptions(redis))],
  ])('%s', async (_name, createClient) => {
    const client = createClient();
    await runLifeCycle(createPatientStore(client)).finally(() => client.disconnect());
    expect(await listUsedDatabases(redis)).toEqual([]);
  });

  test('a private authority in NODE_EXTRA_CA_CERTS', async () => {
    vi.stubEnv('NODE_EXTRA_CA_CERTS', authority.ca);
    expect(await signInElsewhere(toUrl(redis))).toBe('');
    expect(await listUsedDatabases(redis)).toEqual([]);
  });
});

describe('sessions are unavailable over TLS, and the cause says why, with', () => {
  test.each<[string, () => RedisSource, RegExp]>([
    ['an expired certificate', () => toOptions(expired), /certificate has expired/],
    ['an unknown authority', () => toUrl(redis), /self-signed certificate in certificate chain/],
    // The connection may end before the client has received the server's alert.
    ['no client certificate', () => toOptions(mutual), /certificate required|ECONNRESET|EPIPE/],
    ['rediss: on a plain port', () => toUrl({ ...redis, tlsPort: redis.port }), /There is no connection|ETIMEDOUT/],
    ['redis: on a TLS port', () => `redis://127.0.0.1:${redis.tlsPort}`, /ECONNRESET|EPIPE|closed/],
  ])('%s', async (_name, createSource, reason) => {
    const app = createBearerApp({ store: redisStore(createSource(), { deadline: '500ms' }) });
    for (const attempt of [() => app.ready(), () => signIn(app, 'ada')]) {
      const error: unknown = await attempt().catch((failure: unknown) => failure);
      expect(error).toMatchObject({ code: 'UNAVAILABLE' });
      expect(joinMessages(error)).toMatch(reason);
    }
    await app.close();
  });

  test('an unknown authority and no NODE_EXTRA_CA_CERTS', async () => {
    expect(await signInElsewhere(toUrl(redis))).toContain('self-signed certificate in certificate chain');
  });
});

describe(evidenceSuite, () => {
  test('lists every test of this file', ({ task }) => {
    expect(readListedTests('configurations-tls.test.ts')).toEqual(listTests(task.file));
  });
});
