import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '../_support/free-port.ts';
import { startProcess } from '../_support/owned-process.ts';
import type { AppFolder } from './app-folder.ts';

export interface ServedApp extends AsyncDisposable {
  readonly url: string;
  /** Everything that the server has printed. */
  output(): string;
}

const readyWithinMs = 30_000;

/** Starts the app's own Next in production and waits until it responds. */
export async function serveNextApp({ folder }: AppFolder, env: Readonly<Record<string, string>>): Promise<ServedApp> {
  const port = await findFreePort();
  const { PATH = '', HOME = '' } = process.env;
  const args = ['node_modules/next/dist/bin/next', 'start', '--hostname', '127.0.0.1', '--port', String(port)];
  const variables = { PATH, HOME, NEXT_TELEMETRY_DISABLED: '1', ...env } as unknown as NodeJS.ProcessEnv;
  const running = await startProcess(process.execPath, args, { cwd: folder, env: variables });
  const url = `http://localhost:${port}`;
  const deadline = Date.now() + readyWithinMs;
  while (!(await canReach(url))) {
    if (running.hasEnded() || Date.now() > deadline) {
      if (!running.hasEnded()) await running.kill('SIGKILL');
      throw new Error(`The app did not start:\n${running.output()}`);
    }
    await sleep(100);
  }
  return {
    url,
    output: running.output,
    [Symbol.asyncDispose]: async () => {
      if (!running.hasEnded()) await running.kill('SIGKILL');
    },
  };
}

async function canReach(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(5_000) })).ok;
  } catch {
    return false;
  }
}
