// Slow: it starts Redis servers and an HTTP server.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findFreePort } from '../_support/free-port.ts';
import { startRedis } from '../_support/redis-server.ts';
import { createAuthority, startTlsRedis } from '../_support/redis-tls.ts';
import { runIn } from './_support/app.ts';

const checkRedis = (url: string) => runIn({ env: { REDIS_URL: url } }, 'doctor');

describe('doctor, Redis', () => {
  test('accepts a server that allows everything, and never prints the password', async () => {
    await using redis = await startRedis({ args: ['--requirepass', 'hunter2'] });
    const { code, text } = await checkRedis(`redis://:hunter2@127.0.0.1:${redis.port}`);
    expect(text).toContain(`ok       Redis at 127.0.0.1:${redis.port} allows every command that sessions need`);
    expect(code).toBe(0);
    expect(text).not.toContain('hunter2');
  });

  test('leaves no key behind', async () => {
    await using redis = await startRedis();
    await checkRedis(redis.url);
    expect(await redis.client().dbsize()).toBe(0);
  });

  test('says that a password is missing', async () => {
    await using redis = await startRedis({ args: ['--requirepass', 'hunter2'] });
    expect((await checkRedis(redis.url)).text).toMatch(/cannot be used: NOAUTH.*\n +Check the user, the password/);
  });

  test('says that the user may not run scripts', async () => {
    await using redis = await startRedis();
    await redis.client().call('ACL', 'SETUSER', 'app', 'on', '>pass', '~*', '+@all', '-eval', '-evalsha');
    const { code, text } = await checkRedis(`redis://app:pass@127.0.0.1:${redis.port}`);
    expect(text).toMatch(/cannot be used: NOPERM.*\n +Check the user, the password and the permissions/);
    expect(code).toBe(1);
  });

  test('names the address where nothing listens', async () => {
    const port = await findFreePort();
    const { code, text } = await checkRedis(`redis://:hunter2@127.0.0.1:${port}`);
    expect(text).toContain(`Redis at 127.0.0.1:${port} cannot be used: connect ECONNREFUSED 127.0.0.1:${port}`);
    expect(text).toContain('docker run');
    expect(text).not.toContain('hunter2');
    expect(code).toBe(1);
  });

  test('says that the server does not use TLS, even if it wants a password', async () => {
    await using redis = await startRedis({ args: ['--requirepass', 'hunter2'] });
    expect((await checkRedis(redis.url.replace('redis:', 'rediss:'))).text).toContain(
      'write redis:// instead of rediss://',
    );
  });

  test('says that the server uses TLS', async () => {
    await using authority = await createAuthority();
    await using redis = await startTlsRedis({ authority, identity: authority.valid });
    expect((await checkRedis(`redis://127.0.0.1:${redis.tlsPort}`)).text).toContain(
      'write rediss:// instead of redis://',
    );
  });

  test('refuses a URL that is not one of Redis', async () => {
    const { text } = await checkRedis('https://:hunter2@redis.example');
    expect(text).toContain(
      'error    REDIS_URL: An option is invalid. The URL of `redisStore(source)` must start with redis:',
    );
    expect(text).not.toContain('hunter2');
  });
});

describe('doctor, the address of the app', () => {
  const checkUrl = (url: string) => runIn({}, 'doctor', '--url', url);

  test('warns of a redirect to another host, where the cookie does not count', async () => {
    const server = createServer((_, response) =>
      response.writeHead(308, { location: 'https://www.shop.example/' }).end(),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { code, text } = await checkUrl(`http://localhost:${(server.address() as AddressInfo).port}`);
    expect(text).toContain('responds with 308');
    expect(text).toMatch(/warning {2}http:\/\/localhost:\d+ redirects to https:\/\/www.shop.example/);
    expect(code).toBe(0);
  });

  test('refuses plain http on a host of its own, and an address without a server', async () => {
    const { code, text } = await checkUrl('http://shop.invalid');
    expect(text).toContain('uses plain http, where browsers drop Secure cookies.');
    expect(text).toContain('does not respond: getaddrinfo');
    expect(code).toBe(1);
    expect((await checkUrl('shop.example')).text).toContain('is not an address');
  });
});
