import { redisStore } from 'trpc-session/stores/redis';
import { describe, expect, test } from 'vitest';
import { parseRedisUrl } from '../../src/stores/redis-url.ts';

const plain = { hasTls: false, name: '', credentials: {}, db: 0, options: {} };

describe('a URL with several hosts', () => {
  test('of Sentinels names the primary, and may name a database', () => {
    const hosts = [
      { host: 'sentinel-1.internal', port: 26_379 },
      { host: '10.0.0.2', port: 26_380 },
    ];
    const expected = { ...plain, kind: 'sentinel', hosts, name: 'my primary', db: 3 };
    const url = 'redis+sentinel://sentinel-1.internal,10.0.0.2:26380/my%20primary/3';
    expect(parseRedisUrl(url)).toEqual(expected);
  });

  test('of a Cluster has the default port 6379', () => {
    const hosts = [
      { host: 'node-1', port: 6_379 },
      { host: '::1', port: 7_000 },
    ];
    expect(parseRedisUrl('redis+cluster://node-1,[::1]:7000')).toEqual({ ...plain, kind: 'cluster', hosts });
    expect(parseRedisUrl('redis+cluster://node-1,[::1]:7000/0')).toEqual({ ...plain, kind: 'cluster', hosts });
  });

  test.each([
    ['sessions:p%40ss:w%2Frd%25@', { username: 'sessions', password: 'p@ss:w/rd%' }],
    [':secret@', { password: 'secret' }],
    ['sessions@', { username: 'sessions' }],
    ['', {}],
  ])('may have a user and a password: %s', (user, credentials) => {
    expect(parseRedisUrl(`redis+sentinel://${user}host/main`)).toMatchObject({ credentials });
  });

  test('uses TLS if its scheme starts with rediss', () => {
    expect(parseRedisUrl('rediss+sentinel://host/main')).toMatchObject({ hasTls: true, kind: 'sentinel' });
    expect(parseRedisUrl('rediss+cluster://host')).toMatchObject({ hasTls: true, kind: 'cluster' });
  });

  test('may have options of ioredis', () => {
    const url = 'redis+sentinel://host/main?sentinelPassword=p%26q&keyPrefix=shop:';
    expect(parseRedisUrl(url)).toMatchObject({ options: { sentinelPassword: 'p&q', keyPrefix: 'shop:' } });
  });
});

describe('redisStore says what is wrong with the URL, without repeating it:', () => {
  test.each([
    ['redis+sentinel://:hunter2@host:26379', 'lacks the name of the primary'],
    ['redis+sentinel://:hunter2@host:26379/', 'lacks the name of the primary'],
    ['redis+sentinel://:hunter2@host/main/x', 'a database that is not a number'],
    ['redis+sentinel://:hunter2@/main', 'a host that is not a name'],
    ['redis+sentinel://:hunter2@host,/main', 'a host that is not a name'],
    ['redis+sentinel://:hunter2@host:99999/main', 'a host that is not a name'],
    ['redis+sentinel://:hunter2/slash@host/main', 'a host that is not a name'],
    ['redis+sentinel://:hunter2@at@host/main', 'is malformed'],
    ['redis+sentinel://:hunter2%@host/main', 'a % that is not followed'],
    ['redis+cluster://:hunter2@host/3', 'a Cluster has only database 0'],
    ['redis+cluster:host', 'is malformed'],
    ['redis://:hunter2@host-1:6379,host-2:6379', 'names several hosts'],
    ['redis://:hunter2/slash@host', 'Percent-encode'],
    ['redis://host:hunter2', 'is malformed'],
    ['redis-sentinel://:hunter2@host/main', 'must start with redis:'],
    ['https://:hunter2@host', 'must start with redis:'],
    ['hunter2', 'must start with redis:'],
    ['', 'must start with redis:'],
  ])('%s', (url, problem) => {
    expect(() => redisStore(url)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    expect(() => redisStore(url)).toThrow(problem);
    expect(() => redisStore(url)).not.toThrow(/hunter2/);
  });
});
