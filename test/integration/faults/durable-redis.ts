import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { type RedisServer, startRedis } from '../../_support/redis-server.ts';

/** A redis-server that may die, and come back where it was with what it knew. */
export interface DurableRedis {
  /** The one that runs, or ran last. */
  readonly server: () => RedisServer;
  crash(): Promise<void>;
  /** Starts it again; further arguments hold for this time. */
  restart(...args: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

/** Keeps every write on the disk, or, with `snapshots`, what a `SAVE` found. */
export async function durableRedis({ snapshots = false } = {}): Promise<DurableRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'trpc-session-durable-'));
  const keeping = ['--dir', folder, '--appendonly', snapshots ? 'no' : 'yes'];
  let server = await startRedis({ args: keeping });
  return {
    server: () => server,
    crash: () => server.kill('SIGKILL'),
    restart: async (...args) => {
      await server.stop();
      const { port } = server;
      const start = () => startRedis({ port, args: [...keeping, ...args] });
      // Meanwhile the system may have lent the port to somebody's outgoing connection.
      server = await vi.waitFor(start, { timeout: 10_000, interval: 100 });
    },
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** SIGSTOP, the work, and SIGCONT whatever came of it. */
export async function whileFrozen(server: RedisServer, work: () => Promise<void>): Promise<void> {
  await server.kill('SIGSTOP');
  try {
    await work();
  } finally {
    await server.kill('SIGCONT');
  }
}
