import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { requireTool } from '../../scripts/system-tools.mjs';
import { findFreePort } from './free-port.ts';
import { startProcess } from './owned-process.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

/** A primary, its replica, and one real Sentinel that monitors them, with a quorum of one. */
export interface RedisSentinel extends AsyncDisposable {
  readonly port: number;
  /** The initial primary. */
  readonly first: RedisServer;
  /** The initial replica. */
  readonly second: RedisServer;
  /** The test's own connection to the Sentinel. */
  client(): Redis;
  /** Promotes the replica while both servers run. Resolves when the Sentinel announces the new primary. */
  failOver(): Promise<void>;
  stop(): Promise<void>;
}

/** The name of the primary in the Sentinel's configuration. */
export const primaryName = 'sessions';
export const sentinelPassword = 'a-password-of-the-sentinels';

const withinMs = 10_000;
const attempts = 3;

export async function startRedisSentinel(): Promise<RedisSentinel> {
  const first = await startRedis({ args: ['--repl-diskless-sync-delay', '0'] });
  const second = await startRedis({ args: ['--replicaof', '127.0.0.1', String(first.port)] });
  try {
    return await monitorServers(first, second);
  } catch (error) {
    await Promise.all([first.stop(), second.stop()]);
    throw error;
  }
}

async function monitorServers(first: RedisServer, second: RedisServer): Promise<RedisSentinel> {
  const { port, output, waitForOutput, kill, folder } = await launchSentinel(first.port);
  const admin = new Redis({ port, host: '127.0.0.1', password: sentinelPassword });
  admin.on('error', () => {});
  const sentinel: RedisSentinel = {
    port,
    first,
    second,
    client: () => admin,
    async failOver() {
      await admin.call('SENTINEL', 'FAILOVER', primaryName);
      await waitForOutput('+switch-master', withinMs);
    },
    async stop() {
      admin.disconnect();
      await kill('SIGKILL');
      await Promise.all([first.stop(), second.stop(), rm(folder, { recursive: true, force: true })]);
    },
    [Symbol.asyncDispose]: () => sentinel.stop(),
  };
  const deadline = performance.now() + withinMs;
  while (!(await hasReplica(admin))) {
    if (performance.now() > deadline) throw new Error(`No replica within ${withinMs} ms\n${output()}`);
    await sleep(20);
  }
  return sentinel;
}

async function hasReplica(sentinel: Redis): Promise<boolean> {
  return String(await sentinel.call('SENTINEL', 'REPLICAS', primaryName)).includes('master-link-status,ok');
}

async function launchSentinel(primaryPort: number) {
  const folder = await mkdtemp(join(tmpdir(), 'trpc-session-sentinel-'));
  const file = join(folder, 'sentinel.conf');
  for (let attempt = 1; ; attempt++) {
    const port = await findFreePort();
    // A Sentinel saves its state in its configuration file, so it must have one.
    await writeFile(file, buildConfiguration(port, primaryPort));
    const running = await startProcess(requireTool('redis'), [file, '--sentinel', '--dir', folder]);
    try {
      await running.waitForOutput('+monitor', withinMs);
      return { ...running, port, folder };
    } catch (error) {
      await running.kill('SIGKILL');
      if (attempt === attempts) throw error;
    }
  }
}

function buildConfiguration(port: number, primaryPort: number): string {
  return `
bind 127.0.0.1
port ${port}
requirepass ${sentinelPassword}
sentinel monitor ${primaryName} 127.0.0.1 ${primaryPort} 1
`;
}
