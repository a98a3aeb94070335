import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const cache = fileURLToPath(new URL('../../node_modules/.cache/trpc-session-tests', import.meta.url));

/** A module as one file that Node can run. */
export interface Bundle {
  readonly file: string;
  remove(): Promise<void>;
}

/**
 * Bundles a module for a process of its own, since Node 20 runs no TypeScript. Packages stay outside the bundle, which
 * therefore lies where they are found.
 */
export async function bundle(module: URL): Promise<Bundle> {
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'workers-'));
  const file = join(folder, 'worker.mjs');
  const isOurs = (id: string): boolean => /^(\.|\/|trpc-session)/.test(id);
  await build({
    input: fileURLToPath(module),
    platform: 'node',
    external: (id) => !isOurs(id),
    output: { file, format: 'esm', codeSplitting: false },
  });
  return { file, remove: () => rm(folder, { recursive: true, force: true }) };
}

/**
 * Runs a module once per task, each in a process of its own, all at the same moment. The module calls `serve` of
 * `workers-side.ts`.
 */
export async function runInProcesses<Task, Result>(module: URL, tasks: readonly Task[]): Promise<readonly Result[]> {
  const { file, remove } = await bundle(module);
  const workers: ChildProcess[] = [];
  try {
    for (const _ of tasks) workers.push(fork(file, { execArgv: [], serialization: 'advanced' }));
    await Promise.all(workers.map((worker, at) => ask(worker, { prepare: tasks[at] })));
    return await Promise.all(workers.map((worker) => ask<Result>(worker, 'go')));
  } finally {
    await Promise.all(workers.map(end));
    await remove();
  }
}

/** One message there, one back; rejects when the worker failed or ended. */
async function ask<Answer>(worker: ChildProcess, message: object | string): Promise<Answer> {
  const over = new AbortController();
  const answered = once(worker, 'message', { signal: over.signal });
  const ended = once(worker, 'exit', { signal: over.signal }).then(() => {
    throw new Error('A worker ended before it answered');
  });
  try {
    worker.send(message);
    const [{ error, result }] = (await Promise.race([answered, ended])) as [{ error?: string; result: Answer }];
    if (error !== undefined) throw new Error(error);
    return result;
  } finally {
    over.abort();
    answered.catch(() => {});
    ended.catch(() => {});
  }
}

async function end(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  worker.kill('SIGKILL');
  await once(worker, 'exit');
}
