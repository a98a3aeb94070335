import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { requireTool } from '../../scripts/system-tools.mjs';
import { findFreePort } from './free-port.ts';
import { type OwnedProcess, startProcess } from './owned-process.ts';

/** A real redis-server of the test's own, on a free loopback port. It stores nothing on disk. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** The path of the Unix socket that it also listens on. */
  readonly socket: string;
  readonly pid: number;
  /** Everything that the server has logged. */
  output(): string;
  /** The test's own connection, opened at first use. It works even when the code under test cannot connect. */
  client(): Redis;
  /** Injects a fault: SIGKILL crashes the server, SIGSTOP freezes it, SIGCONT resumes it. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Ends the server in whatever state it is, and removes its files. */
  stop(): Promise<void>;
}

export interface RedisServerOptions {
  /** More arguments for redis-server. They override the default ones. */
  readonly args?: readonly string[];
  /** A fixed port, to start a server on the port of an earlier one. */
  readonly port?: number;
  /** The path of the program to run instead of redis-server. */
  readonly program?: string;
}

const startWithinMs = 10_000;
const attempts = 5;

export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const { args = [], port, program = requireTool('redis') } = options;
  const folder = await mkdtemp(join(tmpdir(), 'trpc-session-redis-'));
  for (let attempt = 1; ; attempt++) {
    const chosen = port ?? (await findFreePort());
    const running = await startProcess(program, [...buildArguments(folder, chosen), ...args]);
    try {
      await running.waitForOutput('Ready to accept connections', startWithinMs);
      return createServer(running, chosen, folder);
    } catch (error) {
      await running.kill('SIGKILL');
      // Another process may take the port between finding and using it.
      const isTaken = port === undefined && running.output().includes('Address already in use');
      if (!isTaken || attempt === attempts) throw error;
    }
  }
}

function buildArguments(folder: string, port: number): readonly string[] {
  const listening = ['--bind', '127.0.0.1', '--port', String(port), '--unixsocket', getSocketPath(folder)];
  return ['--save', '', '--appendonly', 'no', '--dir', folder, ...listening];
}

function getSocketPath(folder: string): string {
  return join(folder, 'redis.sock');
}

function createServer(running: OwnedProcess, port: number, folder: string): RedisServer {
  let admin: Redis | undefined;
  const server: RedisServer = {
    url: `redis://127.0.0.1:${port}`,
    port,
    socket: getSocketPath(folder),
    pid: running.pid,
    output: running.output,
    client() {
      admin ??= createClient(port);
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

function createClient(port: number): Redis {
  const client = new Redis({ port, host: '127.0.0.1', lazyConnect: true });
  // When a test takes the server down, the test's own connection must not fail the test.
  client.on('error', () => {});
  return client;
}

/** Commands that connecting and counting run themselves. They are not counted. */
const overhead = /^(info|ping|hello|auth|select|command|client\|.+|config\|resetstat)$/;

/**
 * Resolves to how often the server ran each command since `resetCounts`, without those that connecting and counting run.
 * Commands run by a script are counted in addition to the `evalsha` or `eval` that ran the script.
 */
export async function countCommands(client: Redis): Promise<Record<string, number>> {
  const lines = (await client.info('commandstats')).matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm);
  const counts = Array.from(lines, ([, command = '', calls]) => [command, Number(calls)] as const);
  return Object.fromEntries(counts.filter(([command]) => !overhead.test(command)));
}

export async function resetCounts(client: Redis): Promise<void> {
  await client.config('RESETSTAT');
}
