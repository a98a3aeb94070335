import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The code of one page of the docs in a folder, like an app that has installed its packages. */
export interface DocsPage extends AsyncDisposable {
  readonly folder: string;
  /** Compiles the code in strict mode. Resolves to the compiler's errors, or to an empty string. */
  compile(): Promise<string>;
  /** Imports a file by its name. After `vi.resetModules()`, evaluates it again. */
  // biome-ignore lint/suspicious/noExplicitAny: only the compiler that runs in the folder knows the type
  load(name: string): Promise<any>;
}

export interface DocsPageOptions {
  /** The packages that the code imports, beside `trpc-session`. */
  readonly packages: readonly string[];
  /** Packages to use instead of some of them. */
  readonly replaced?: Readonly<Record<string, string>>;
  /** More files, by path: what the page does not show. */
  readonly added?: Readonly<Record<string, string>>;
}

/** The code blocks of a page that start with a comment naming their file, by that name. */
export function extractCode(page: string): ReadonlyMap<string, string> {
  const blocks = readFileSync(join(root, page), 'utf8').matchAll(/^```tsx?\n\/\/ (\S+)\n([\s\S]*?)^```$/gm);
  return new Map(Array.from(blocks, ([, path = '', code = '']) => [path, code]));
}

export async function writeDocsPage(page: string, options: DocsPageOptions): Promise<DocsPage> {
  const { packages, replaced = {}, added = {} } = options;
  const folder = await mkdtemp(join(tmpdir(), 'trpc-session-docs-'));
  const files = new Map([...extractCode(page), ...Object.entries(added)]);
  // Ends the search for a package.json here, whatever the folder for temporary files contains.
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(join(folder, 'tsconfig.json'), await createTsconfig([...files.keys()]));
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  await link(folder, 'trpc-session', root);
  for (const name of packages) await link(folder, name, join(root, 'node_modules', replaced[name] ?? name));
  return {
    folder,
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

async function createTsconfig(paths: readonly string[]): Promise<string> {
  const { compilerOptions } = JSON.parse(await readFile(join(root, 'tsconfig.json'), 'utf8'));
  const { plugins: _, incremental: __, ...strict } = compilerOptions;
  const files = paths.filter((path) => /\.tsx?$/.test(path) && !path.startsWith('node_modules/'));
  return JSON.stringify({ compilerOptions: strict, files });
}
