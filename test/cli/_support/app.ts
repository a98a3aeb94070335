import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { runCommand } from '../../../src/cli/run-command.ts';

/** An app in a temporary folder: its files, and the versions of its installed packages. */
interface AppFiles {
  readonly files?: Readonly<Record<string, string>>;
  readonly packages?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a command in an app. Resolves to the exit code and the printed text. */
export async function runIn({ files = {}, packages = {}, env = {} }: AppFiles, ...args: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'trpc-session-cli-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const manifests = Object.entries(packages).map(([name, version]): [string, string] => [
    `node_modules/${name}/package.json`,
    JSON.stringify({ name, version }),
  ]);
  for (const [path, text] of [...Object.entries(files), ...manifests]) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const lines: string[] = [];
  const code = await runCommand(args, { print: (line) => lines.push(line), env, folder });
  return { code, text: lines.join('\n') };
}
