import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { requireTool } from '../../scripts/system-tools.mjs';
import { freePort } from './free-port.ts';
import { type OwnedProcess, startProcess } from './owned-process.ts';

/** A real redis-server of one's own, on a free loopback port, keeping nothing on the disk. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** The path of the unix socket that it listens on as well. */
  readonly socket: string;
  readonly pid: number;
  /** What the server has logged. */
  output(): string;
  /** The test's own connection, made at first use: it answers even where the code under test has none. */
  client(): Redis;
  /** A fault on purpose: SIGKILL crashes it, SIGSTOP freezes it, SIGCONT thaws it. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Ends it, whatever state it is in, and removes what it left. */
  stop(): Promise<void>;
}

export interface RedisServerOptions {
  /** Further arguments of redis-server, after ours: they win. */
  readonly args?: readonly string[];
  /** A fixed port, to start a server where another one was. */
  readonly port?: number;
  /** The path of another program than redis-server. */
  readonly program?: string;
}

const startWithinMs = 10_000;
const attempts = 5;

export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const { args = [], port, program = requireTool('redis') } = options;
  const folder = await mkdtemp(join(tmpdir(), 'trpc-session-redis-'));
  for (let attempt = 1; ; attempt++) {
    const chosen = port ?? (await freePort());
    const running = await startProcess(program, [...argumentsFor(folder, chosen), ...args]);
    try {
      await running.printed('Ready to accept connections', startWithinMs);
      return serverOf(running, chosen, folder);
    } catch (error) {
      await running.kill('SIGKILL');
      // Between finding the port and using it, somebody else took it.
      const taken = port === undefined && running.output().includes('Address already in use');
      if (!taken || attempt === attempts) throw error;
    }
  }
}

function argumentsFor(folder: string, port: number): readonly string[] {
  const listening = ['--bind', '127.0.0.1', '--port', String(port), '--unixsocket', socketIn(folder)];
  return ['--save', '', '--appendonly', 'no', '--dir', folder, ...listening];
}

function socketIn(folder: string): string {
  return join(folder, 'redis.sock');
}

function serverOf(running: OwnedProcess, port: number, folder: string): RedisServer {
  let admin: Redis | undefined;
  const server: RedisServer = {
    url: `redis://127.0.0.1:${port}`,
    port,
    socket: socketIn(folder),
    pid: running.pid,
    output: running.output,
    client() {
      admin ??= adminClient(port);
      return admin;
    },
    async kill(signal = 'SIGKILL') {
      await running.kill(signal);
    },
    async stop() {
      admin?.disconnect();
      if (!running.hasEnded()) await running.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
  return server;
}

function adminClient(port: number): Redis {
  const client = new Redis({ port, host: '127.0.0.1', lazyConnect: true });
  // A server that a test takes down is no error of the test's own connection.
  client.on('error', () => {});
  return client;
}

/** What connecting and counting cost themselves; no answer about the code under test. */
const overhead = /^(info|ping|hello|auth|select|command|client\|.+|config\|resetstat)$/;

/**
 * How often the server ran each command since `resetCounts`, apart from those that connecting and counting cost. What
 * a script runs counts too, beside the `evalsha` or `eval` that ran it.
 */
export async function commandCounts(client: Redis): Promise<Record<string, number>> {
  const lines = (await client.info('commandstats')).matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm);
  const counts = Array.from(lines, ([, command = '', calls]) => [command, Number(calls)] as const);
  return Object.fromEntries(counts.filter(([command]) => !overhead.test(command)));
}

export async function resetCounts(client: Redis): Promise<void> {
  await client.config('RESETSTAT');
}
