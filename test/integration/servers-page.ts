import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { readMarkdown, root } from './markdown.ts';

/** The app's own function, which the page does not show. */
const users = `
export async function checkPassword(body: unknown) {
  const { name } = body as { name: string };
  return { userId: name.toLowerCase(), name };
}
`;

/** What the page's code imports. */
const modules = ['@hono/node-server', '@trpc', '@types', 'express', 'fastify', 'hono', 'koa', 'ws', 'zod'] as const;

/** The code of docs/servers.md in a folder, like an app. */
export interface ServersPage extends AsyncDisposable {
  /** Compiles the code in strict mode. Resolves to the compiler's errors, or to an empty string. */
  compile(): Promise<string>;
  /** Imports a file by its name. */
  // biome-ignore lint/suspicious/noExplicitAny: only the compiler that runs in the folder knows the type
  load(name: string): Promise<any>;
}

interface PageOptions {
  /** Packages to use instead of those that the page names. */
  readonly replaced?: Readonly<Partial<Record<(typeof modules)[number], string>>>;
  /** More files of the app, by name. */
  readonly added?: Readonly<Record<string, string>>;
}

/** The code blocks of the page that start with a file name, and `users.ts`, by that name. */
export function extractServersPage(): ReadonlyMap<string, string> {
  const blocks = readMarkdown('docs/servers.md').matchAll(/^```ts\n\/\/ (\S+)\n([\s\S]*?)^```$/gm);
  return new Map([['users.ts', users], ...Array.from(blocks, ([, name = '', code = '']) => [name, code] as const)]);
}

export async function loadServersPage({ replaced = {}, added = {} }: PageOptions = {}): Promise<ServersPage> {
  const folder = await mkdtemp(join(tmpdir(), 'trpc-session-servers-'));
  const files = new Map([...extractServersPage(), ...Object.entries(added)]);
  await link(folder, 'trpc-session', root);
  for (const name of modules) await link(folder, name, join(root, 'node_modules', replaced[name] ?? name));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(join(folder, 'tsconfig.json'), await createTsconfig([...files.keys()]));
  for (const [name, code] of files) await writeFile(join(folder, name), code);
  return {
    compile: () =>
      promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['-p', folder]).then(
        () => '',
        ({ stdout }: { stdout: string }) => stdout,
      ),
    load: (name) => import(/* @vite-ignore */ join(folder, name)),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

async function link(folder: string, name: string, target: string): Promise<void> {
  const path = join(folder, 'node_modules', name);
  await mkdir(dirname(path), { recursive: true });
  await symlink(target, path);
}

async function createTsconfig(files: readonly string[]): Promise<string> {
  const { compilerOptions } = JSON.parse(await readFile(join(root, 'tsconfig.json'), 'utf8'));
  const { plugins: _, incremental: __, ...strict } = compilerOptions;
  return JSON.stringify({ compilerOptions: strict, files });
}
