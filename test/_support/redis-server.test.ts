// Slow: it starts and stops Redis servers.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { countCommands, resetCounts, startRedis } from './redis-server.ts';

describe('startRedis', () => {
  test('starts a server that responds, and stops it', async () => {
    const redis = await startRedis();
    expect(await redis.client().ping()).toBe('PONG');
    expect(redis.url).toBe(`redis://127.0.0.1:${redis.port}`);
    await redis.stop();
    expect(isRunning(redis.pid)).toBe(false);
  });

  test('starts several servers at the same time, each with its own data', async () => {
    await using first = await startRedis();
    await using second = await startRedis();
    await first.client().set('key', 'first');
    expect(await second.client().get('key')).toBeNull();
  });

  test('passes arguments to the server', async () => {
    await using redis = await startRedis({ args: ['--maxmemory', '5mb'] });
    expect(await redis.client().config('GET', 'maxmemory')).toEqual(['maxmemory', '5242880']);
  });

  test('rejects with the output of a server that cannot start', async () => {
    await expect(startRedis({ args: ['--no-such-option', 'yes'] })).rejects.toThrow('no-such-option');
  });

  test('kills a server and starts another on the same port', async () => {
    const crashed = await startRedis();
    await crashed.kill();
    await crashed.stop();
    await using again = await startRedis({ port: crashed.port });
    expect(await again.client().ping()).toBe('PONG');
  });

  test('stops a frozen server', async () => {
    const redis = await startRedis();
    await redis.kill('SIGSTOP');
    await redis.stop();
    expect(isRunning(redis.pid)).toBe(false);
  });

  test('counts the commands of clients and of their scripts', async () => {
    await using redis = await startRedis();
    const client = redis.client();
    await client.set('before', '1');
    await resetCounts(client);
    expect(await countCommands(client)).toEqual({});
    await client.get('key');
    await client.eval("return redis.call('HMGET', KEYS[1], 'a')", 1, 'hash');
    expect(await countCommands(client)).toEqual({ get: 1, eval: 1, hmget: 1 });
  });

  test('ends the server when the test process is killed', async () => {
    const owner = spawn(process.execPath, ['--input-type=module', '--eval', startRedisAndStay], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [printed] = await once(owner.stdout, 'data');
    const pid = Number(String(printed));
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    for (let tries = 0; isRunning(pid) && tries < 100; tries++) await sleep(20);
    expect(isRunning(pid)).toBe(false);
  });
});

const startRedisAndStay = `
  import { runnerImport } from 'vite';
  const { module } = await runnerImport(${JSON.stringify(fileURLToPath(new URL('./redis-server.ts', import.meta.url)))});
  console.log((await module.startRedis()).pid);
  setInterval(() => {}, 1000);
`;

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
