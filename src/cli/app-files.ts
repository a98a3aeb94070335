import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { CommandContext } from './command-context.ts';

/** Returns the environment of the app: that of the process, and what the files of Next add to it, in Next's order. */
export function readEnvironment({
  env,
  folder,
}: Pick<CommandContext, 'env' | 'folder'>): Readonly<Record<string, string | undefined>> {
  const mode = env.NODE_ENV ?? 'development';
  const names = ['.env', `.env.${mode}`, '.env.local', `.env.${mode}.local`];
  const files = names.map((name) => parseEnv(readText(folder, name) ?? ''));
  return Object.assign({}, ...files, env);
}

/** Returns the text of the first of these files that the app has, or null. */
export function readText(folder: string, ...names: readonly string[]): string | null {
  const name = names.find((each) => existsSync(join(folder, each)));
  return name === undefined ? null : readFileSync(join(folder, name), 'utf8');
}

/** Returns the version of a package as the app would load it, or null if it is not installed. */
export function findVersion(folder: string, name: string): string | null {
  const paths = createRequire(join(folder, 'package.json')).resolve.paths(name) ?? [];
  const path = paths.map((each) => join(each, name, 'package.json')).find(existsSync);
  if (path === undefined) return null;
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version?: unknown };
  return typeof version === 'string' ? version : null;
}
