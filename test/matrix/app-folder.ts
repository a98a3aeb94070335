import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createProgramEnv, runProgram } from '../_support/run-program.ts';

/** A folder of its own for an app, outside this repository, so that the app finds only the packages that it installs. */
export interface AppFolder {
  readonly folder: string;
  /** Writes a file, also in a folder that does not exist yet. Objects are written as JSON. */
  write(path: string, content: string | object): void;
  /** Runs a program in the folder. Resolves to its output; rejects if it fails, with its output in the message. */
  run(command: string, ...args: readonly string[]): Promise<string>;
  /** Returns the version of a package that the app has installed. */
  readVersion(name: string): string;
  remove(): void;
}

const limitMs = 170_000;

export function createAppFolder(): AppFolder {
  const folder = mkdtempSync(join(tmpdir(), 'trpc-session-app-'));
  return {
    folder,
    write: (path, content) => {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content, null, 2));
    },
    run: (command, ...args) =>
      runProgram(command, args, {
        cwd: folder,
        timeout: limitMs,
        killSignal: 'SIGKILL',
        env: createProgramEnv({ NEXT_TELEMETRY_DISABLED: '1' }),
      }),
    readVersion: (name) => JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')).version,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Installs what package.json names, without force. Packages that npm has in its cache are not downloaded again. */
export async function installPackages({ run }: AppFolder, ...packages: readonly string[]): Promise<void> {
  await run('npm', 'install', ...packages, '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error');
}
