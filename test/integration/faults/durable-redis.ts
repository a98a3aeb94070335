import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { type RedisServer, startRedis } from '../../_support/redis-server.ts';

/** A redis-server that a test can crash and restart on the same port with its stored data. */
export interface DurableRedis {
  /** The current server, or the last one. */
  readonly server: () => RedisServer;
  crash(): Promise<void>;
  /** Starts it again. The arguments are for this start only. */
  restart(...args: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Stores every write on disk. With `snapshots`, stores only what a `SAVE` writes.
 *
 * With the default, `appendfsync everysec`, Redis acknowledges writes before it passes them to the system if the disk is
 * busy, and a crash loses them. With `no`, it always passes them on first, and the system keeps them.
 */
export async function startDurableRedis({ snapshots = false } = {}): Promise<DurableRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'trpc-session-durable-'));
  const keeping = ['--dir', folder, '--appendonly', snapshots ? 'no' : 'yes', '--appendfsync', 'no'];
  let server = await startRedis({ args: keeping });
  return {
    server: () => server,
    crash: () => server.kill('SIGKILL'),
    restart: async (...args) => {
      await server.stop();
      const { port } = server;
      const start = () => startRedis({ port, args: [...keeping, ...args] });
      // The system may have given the port to an outgoing connection in the meantime.
      server = await vi.waitFor(start, { timeout: 10_000, interval: 100 });
    },
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Suspends the server with SIGSTOP during the work, and resumes it with SIGCONT even if the work fails. */
export async function suspendDuring(server: RedisServer, work: () => Promise<void>): Promise<void> {
  await server.kill('SIGSTOP');
  try {
    await work();
  } finally {
    await server.kill('SIGCONT');
  }
}
