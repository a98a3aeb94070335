import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { requireTool } from '../../scripts/system-tools.mjs';
import { freePort } from './free-port.ts';
import { startProcess } from './owned-process.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

/** A primary, its replica, and one real Sentinel that watches over them and may decide alone. */
export interface RedisSentinel extends AsyncDisposable {
  readonly port: number;
  /** The primary at the beginning. */
  readonly first: RedisServer;
  /** Its replica at the beginning. */
  readonly second: RedisServer;
  /** The test's own connection to the Sentinel. */
  client(): Redis;
  /** Has the replica take over, while both live. Resolves when the Sentinel tells everybody so. */
  failOver(): Promise<void>;
  stop(): Promise<void>;
}

/** What the Sentinel calls the primary. */
export const primaryName = 'sessions';
export const sentinelPassword = 'a-password-of-the-sentinels';

const withinMs = 10_000;
const attempts = 3;

export async function startRedisSentinel(): Promise<RedisSentinel> {
  const first = await startRedis({ args: ['--repl-diskless-sync-delay', '0'] });
  const second = await startRedis({ args: ['--replicaof', '127.0.0.1', String(first.port)] });
  try {
    return await watchOver(first, second);
  } catch (error) {
    await Promise.all([first.stop(), second.stop()]);
    throw error;
  }
}

async function watchOver(first: RedisServer, second: RedisServer): Promise<RedisSentinel> {
  const { port, output, printed, kill, folder } = await launch(first.port);
  const admin = new Redis({ port, host: '127.0.0.1', password: sentinelPassword });
  admin.on('error', () => {});
  const sentinel: RedisSentinel = {
    port,
    first,
    second,
    client: () => admin,
    async failOver() {
      await admin.call('SENTINEL', 'FAILOVER', primaryName);
      await printed('+switch-master', withinMs);
    },
    async stop() {
      admin.disconnect();
      await kill('SIGKILL');
      await Promise.all([first.stop(), second.stop(), rm(folder, { recursive: true, force: true })]);
    },
    [Symbol.asyncDispose]: () => sentinel.stop(),
  };
  const deadline = performance.now() + withinMs;
  while (!(await knowsReplica(admin))) {
    if (performance.now() > deadline) throw new Error(`No replica within ${withinMs} ms\n${output()}`);
    await sleep(20);
  }
  return sentinel;
}

async function knowsReplica(sentinel: Redis): Promise<boolean> {
  return String(await sentinel.call('SENTINEL', 'REPLICAS', primaryName)).includes('master-link-status,ok');
}

async function launch(primaryPort: number) {
  const folder = await mkdtemp(join(tmpdir(), 'trpc-session-sentinel-'));
  const file = join(folder, 'sentinel.conf');
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    // It writes what it learns into its file, so it needs one.
    await writeFile(file, configuration(port, primaryPort));
    const running = await startProcess(requireTool('redis'), [file, '--sentinel', '--dir', folder]);
    try {
      await running.printed('+monitor', withinMs);
      return { ...running, port, folder };
    } catch (error) {
      await running.kill('SIGKILL');
      if (attempt === attempts) throw error;
    }
  }
}

function configuration(port: number, primaryPort: number): string {
  return `
bind 127.0.0.1
port ${port}
requirepass ${sentinelPassword}
sentinel monitor ${primaryName} 127.0.0.1 ${primaryPort} 1
`;
}
