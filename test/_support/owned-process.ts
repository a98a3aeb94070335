import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A program that a test started. It and its child processes end with the test at the latest. */
export interface OwnedProcess {
  readonly pid: number;
  /** Everything it has printed so far on stdout and stderr, in order of arrival. */
  output(): string;
  /** Resolves when it has printed a text. Rejects if it ends or the time runs out before that. */
  waitForOutput(text: string, withinMs: number): Promise<void>;
  /** Whether it has ended, by itself or by a signal. */
  hasEnded(): boolean;
  /** Signals it and its child processes. If the signal ends a process, waits for the end. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

export interface OwnedProcessOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

const running = new Set<ChildProcess>();
const endingSignals: ReadonlySet<NodeJS.Signals> = new Set(['SIGTERM', 'SIGINT', 'SIGKILL', 'SIGHUP', 'SIGQUIT']);

process.on('exit', () => {
  for (const child of running) signalGroup(child, 'SIGKILL');
});

export async function startProcess(
  command: string,
  args: readonly string[],
  options: OwnedProcessOptions = {},
): Promise<OwnedProcess> {
  // In its own process group, so that a signal reaches its child processes as well.
  const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const collect = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  await once(child, 'spawn');
  running.add(child);
  const guard = startGuard(child);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      running.delete(child);
      guard.kill('SIGKILL');
      resolve();
    });
  });

  return {
    pid: getPid(child),
    output: () => output,
    hasEnded: () => hasEnded(child),
    waitForOutput: (text, withinMs) => waitForText(child, { text, withinMs, output: () => output }),
    async kill(signal) {
      signalGroup(child, signal);
      if (endingSignals.has(signal)) await ended;
    },
  };
}

/**
 * Kills the process when this one dies without running exit handlers (SIGKILL, a crash). The guard reads from a pipe whose
 * other end only this process holds. When this process dies, the read ends, and the guard kills the group.
 */
function startGuard(child: ChildProcess): ChildProcess {
  const script = `read _; kill -9 -${getPid(child)}`;
  const guard = spawn('sh', ['-c', script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  guard.on('error', () => {});
  guard.unref();
  return guard;
}

interface AwaitedText {
  readonly text: string;
  readonly withinMs: number;
  output(): string;
}

function waitForText(child: ChildProcess, { text, withinMs, output }: AwaitedText): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (failure?: string) => {
      clearTimeout(timer);
      child.stdout?.off('data', checkOutput);
      child.off('close', handleClose);
      if (failure === undefined) resolve();
      else reject(new Error(`${child.spawnfile} ${failure}\n${output()}`));
    };
    const isPrinted = () => output().includes(text);
    const checkOutput = () => {
      if (isPrinted()) settle();
    };
    const handleClose = () => settle(isPrinted() ? undefined : `ended before it printed "${text}"`);
    const timer = setTimeout(() => settle(`did not print "${text}" within ${withinMs} ms`), withinMs);
    child.stdout?.on('data', checkOutput);
    child.once('close', handleClose);
    if (hasEnded(child)) handleClose();
    else checkOutput();
  });
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function getPid(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error(`${child.spawnfile} did not start`);
  return child.pid;
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (hasEnded(child)) return;
  try {
    process.kill(-getPid(child), signal);
  } catch (error) {
    // It may have ended a moment ago.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
