import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { createClient, createClientPool, createCluster, createSentinel } from 'redis';
import * as redis5 from 'redis-5';
import { redisStore } from 'trpc-session/stores/redis';
import { describe, expect, test } from 'vitest';

/** Calls `redisStore` as JavaScript can. */
function open(source: unknown): () => unknown {
  return () => redisStore(source as never);
}

const sentinels = { name: 'sessions', sentinelRootNodes: [{ host: 'localhost', port: 26379 }] };
const lazy = { lazyConnect: true };

class StrangeClient {
  get(): void {}
}

describe('redisStore accepts, without connecting,', () => {
  test.each<[string, () => unknown]>([
    ['a client of ioredis 6', () => new Redis(lazy)],
    ['a client of ioredis 5', () => new Redis5(lazy)],
    ['a Cluster of ioredis', () => new Redis.Cluster([], lazy)],
    ['a client of redis 6', () => createClient()],
    ['a client of redis 5', () => redis5.createClient()],
    ['a client of redis with a type mapping', () => createClient().withTypeMapping({})],
    ['a Cluster of redis 5', () => redis5.createCluster({ rootNodes: [] })],
    ['a Sentinel client of redis', () => createSentinel(sentinels)],
    ['options without a prototype', () => Object.assign(Object.create(null), { host: 'localhost' })],
  ])('%s', (_name, createSource) => {
    expect(redisStore(createSource() as never).name).toBe('redis');
  });
});

describe('redisStore names what it was given, and rejects', () => {
  test.each<[string, () => unknown, string]>([
    ['undefined', () => undefined, 'it is undefined'],
    ['null', () => null, 'it is null'],
    ['a function', () => createClient, 'of type function'],
    ['a URL object', () => new URL('redis://localhost'), 'an object of the class URL'],
    ['an array', () => ['redis://localhost'], 'an object of the class Array'],
    ['the promise of connect()', () => Promise.resolve(createClient()), 'an object of the class Promise'],
    ['a client of another package', () => new StrangeClient(), 'an object of the class StrangeClient'],
    ['a pipeline of ioredis', () => new Redis(lazy).pipeline(), 'an object of the class Pipeline'],
    ['a transaction of redis 6', () => createClient().multi(), 'an object of the class RedisClientMultiCommand'],
    ['a transaction of redis 5', () => redis5.createClient().multi(), 'the class RedisClientMultiCommand'],
    ['a legacy client of redis 6', () => createClient().legacy(), 'an object of the class RedisLegacyClient'],
    ['a legacy client of redis 5', () => redis5.createClient().legacy(), 'the class RedisLegacyClient'],
    ['a pool of redis 6', () => createClientPool(), 'cannot be a pool'],
    ['a pool of redis 5', () => redis5.createClientPool(), 'cannot be a pool'],
    [
      'options of the redis package',
      () => ({ url: 'redis://localhost' }),
      '`redisStore(source).url` is an option of redis',
    ],
    ['socket options of the redis package', () => ({ socket: { host: 'localhost' } }), '`redisStore(source).socket`'],
    ['an http: URL', () => 'https://example.upstash.io', 'must start with redis:'],
    [
      'a replica behind a Sentinel',
      () => new Redis({ ...lazy, ...sentinels, role: 'slave' }),
      'redisStore(source).role',
    ],
    ['a Cluster that reads from replicas', () => new Redis.Cluster([], { ...lazy, scaleReads: 'all' }), 'scaleReads'],
    ['a client of a Cluster replica', () => new Redis({ ...lazy, readOnly: true }), 'redisStore(source).readOnly'],
    ['a client of redis in readonly mode', () => createClient({ readonly: true }), 'redisStore(source).readonly'],
  ])('%s', (_name, createSource, expected) => {
    expect(open(createSource())).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    expect(open(createSource())).toThrow(expected);
  });

  test('a client of version 4 of redis, which has no withTypeMapping', () => {
    const client = Object.assign(Object.create({ connect() {}, sendCommand() {}, on() {} }), { isOpen: false });
    expect(open(client)).toThrow('of ioredis (5.11 or newer) or redis (5 or 6)');
  });
});

describe('redisStore with nearCache', () => {
  test.each<[string, () => unknown, string]>([
    ['a URL of a Cluster', () => 'redis+cluster://localhost', 'on a Cluster'],
    ['a Cluster of ioredis 6', () => new Redis.Cluster([], lazy), 'on a Cluster'],
    ['a Cluster of ioredis 5', () => new Redis5.Cluster([], lazy), 'on a Cluster'],
    ['a Cluster of redis 6', () => createCluster({ rootNodes: [] }), 'on a Cluster'],
    ['a Cluster of redis 5', () => redis5.createCluster({ rootNodes: [] }), 'on a Cluster'],
    ['a Sentinel client of redis 6', () => createSentinel(sentinels), 'a Sentinel client of the `redis` package'],
    [
      'a Sentinel client of redis 5',
      () => redis5.createSentinel(sentinels),
      'a Sentinel client of the `redis` package',
    ],
  ])('rejects %s, and says why', (_name, createSource, reason) => {
    const openNear = () => redisStore(createSource() as never, { nearCache: true });
    expect(openNear).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    expect(openNear).toThrow(reason);
  });

  test.each<[string, () => unknown]>([
    ['a URL', () => 'redis://localhost'],
    ['a URL of Sentinels', () => 'redis+sentinel://localhost/sessions'],
    ['a client of ioredis 6', () => new Redis(lazy)],
    ['a client of ioredis 5', () => new Redis5(lazy)],
    ['a client of redis 6', () => createClient()],
    ['a client of redis 5', () => redis5.createClient()],
  ])('accepts %s, and states its bound', (_name, createSource) => {
    expect(redisStore(createSource() as never, { nearCache: true }).maxStaleMs).toBe(500);
  });
});
