import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const cache = fileURLToPath(new URL('../../node_modules/.cache/trpc-session-tests', import.meta.url));

/** A module bundled into one file that Node can run. */
export interface Bundle {
  readonly file: string;
  remove(): Promise<void>;
}

/**
 * Bundles a module for a process of its own, because Node 20 does not run TypeScript. Packages are not bundled. The bundle is
 * written below `node_modules`, where Node finds them.
 */
export async function bundleModule(module: URL): Promise<Bundle> {
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'workers-'));
  const file = join(folder, 'worker.mjs');
  const isBundled = (id: string): boolean => /^(\.|\/|trpc-session)/.test(id);
  await build({
    input: fileURLToPath(module),
    platform: 'node',
    external: (id) => !isBundled(id),
    output: { file, format: 'esm', codeSplitting: false },
  });
  return { file, remove: () => rm(folder, { recursive: true, force: true }) };
}

/**
 * Runs a module once per task, each in a process of its own, all at the same time. The module calls `serve` of
 * `workers-side.ts`.
 */
export async function runInProcesses<Task, Result>(module: URL, tasks: readonly Task[]): Promise<readonly Result[]> {
  const { file, remove } = await bundleModule(module);
  const workers: ChildProcess[] = [];
  try {
    for (const _ of tasks) workers.push(fork(file, { execArgv: [], serialization: 'advanced' }));
    await Promise.all(workers.map((worker, at) => sendMessage(worker, { prepare: tasks[at] })));
    return await Promise.all(workers.map((worker) => sendMessage<Result>(worker, 'go')));
  } finally {
    await Promise.all(workers.map(endWorker));
    await remove();
  }
}

/** Sends a message and resolves to the reply. Rejects if the worker fails or ends. */
async function sendMessage<Reply>(worker: ChildProcess, message: object | string): Promise<Reply> {
  const over = new AbortController();
  const replied = once(worker, 'message', { signal: over.signal });
  const ended = once(worker, 'exit', { signal: over.signal }).then(() => {
    throw new Error('A worker ended before it replied');
  });
  try {
    worker.send(message);
    const [{ error, result }] = (await Promise.race([replied, ended])) as [{ error?: string; result: Reply }];
    if (error !== undefined) throw new Error(error);
    return result;
  } finally {
    over.abort();
    replied.catch(() => {});
    ended.catch(() => {});
  }
}

async function endWorker(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  worker.kill('SIGKILL');
  await once(worker, 'exit');
}
