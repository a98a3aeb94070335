import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A program that a test started, with everything it started in turn, and that does not outlive the test. */
export interface OwnedProcess {
  readonly pid: number;
  /** What it has printed so far, both streams in order of arrival. */
  output(): string;
  /** Resolves when it has printed a text; rejects when it ends or the time is over before. */
  printed(text: string, withinMs: number): Promise<void>;
  /** Whether it has ended, by itself or by a signal. */
  hasEnded(): boolean;
  /** Signals it and its children. Waits for the end where the signal is one that ends it. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

export interface OwnedProcessOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

const living = new Set<ChildProcess>();
const ending: ReadonlySet<NodeJS.Signals> = new Set(['SIGTERM', 'SIGINT', 'SIGKILL', 'SIGHUP', 'SIGQUIT']);

process.on('exit', () => {
  for (const child of living) signalGroup(child, 'SIGKILL');
});

export async function startProcess(
  command: string,
  args: readonly string[],
  options: OwnedProcessOptions = {},
): Promise<OwnedProcess> {
  // In a group of its own, so that a signal reaches its children as well.
  const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const collect = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  await once(child, 'spawn');
  living.add(child);
  const guard = watchOver(child);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      living.delete(child);
      guard.kill('SIGKILL');
      resolve();
    });
  });

  return {
    pid: pidOf(child),
    output: () => output,
    hasEnded: () => hasEnded(child),
    printed: (text, withinMs) => until(() => output.includes(text), { child, text, withinMs, output: () => output }),
    async kill(signal) {
      signalGroup(child, signal);
      if (ending.has(signal)) await ended;
    },
  };
}

/**
 * Kills the process when this one dies in a way that runs no exit handler (SIGKILL, a crash): the guard's input is a
 * pipe whose other end only this process holds, so reading it comes to an end exactly then.
 */
function watchOver(child: ChildProcess): ChildProcess {
  const script = `read _; kill -9 -${pidOf(child)}`;
  const guard = spawn('sh', ['-c', script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  guard.on('error', () => {});
  guard.unref();
  return guard;
}

interface Awaited {
  readonly child: ChildProcess;
  readonly text: string;
  readonly withinMs: number;
  output(): string;
}

function until(happened: () => boolean, { child, text, withinMs, output }: Awaited): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (reason?: string) => {
      clearTimeout(timer);
      child.stdout?.off('data', look);
      child.off('close', closed);
      if (reason === undefined) resolve();
      else reject(new Error(`${child.spawnfile} ${reason}\n${output()}`));
    };
    const look = () => {
      if (happened()) settle();
    };
    const closed = () => settle(happened() ? undefined : `ended before it printed "${text}"`);
    const timer = setTimeout(() => settle(`did not print "${text}" within ${withinMs} ms`), withinMs);
    child.stdout?.on('data', look);
    child.once('close', closed);
    if (hasEnded(child)) closed();
    else look();
  });
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error(`${child.spawnfile} did not start`);
  return child.pid;
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (hasEnded(child)) return;
  try {
    process.kill(-pidOf(child), signal);
  } catch (error) {
    // It may have ended a moment ago.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
