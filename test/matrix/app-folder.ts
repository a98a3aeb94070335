import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
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
  /** Lists the paths of its files. What npm and Next generate is left out. */
  listFiles(): readonly string[];
  remove(): void;
}

const limitMs = 300_000;

export function createAppFolder(): AppFolder {
  const parent = mkdtempSync(join(tmpdir(), 'trpc-session-app-'));
  // npm refuses the name of the parent, which may have capitals, as the name of an app.
  const folder = join(parent, 'app');
  mkdirSync(folder);
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
    listFiles: () => listFiles(folder),
    remove: () => rmSync(parent, { recursive: true, force: true }),
  };
}

/** Installs what package.json names, without force. Packages that npm has in its cache are not downloaded again. */
export async function installPackages({ run }: AppFolder, ...packages: readonly string[]): Promise<void> {
  await run('npm', 'install', ...packages, '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error');
}

const generated = /^(node_modules|package-lock\.json|\.next|next-env\.d\.ts|.*\.tsbuildinfo)$/;

function listFiles(folder: string, within = folder): readonly string[] {
  return readdirSync(within, { withFileTypes: true })
    .filter(({ name }) => !generated.test(name))
    .flatMap((entry) => {
      const path = join(within, entry.name);
      return entry.isDirectory() ? listFiles(folder, path) : [relative(folder, path)];
    });
}
