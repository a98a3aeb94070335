import { execFile } from 'node:child_process';
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
}

export interface DocsPageOptions {
  /** The packages that the code imports, beside `trpc-session`. */
  readonly packages: readonly string[];
  /** More files, by path: what the page does not show. */
  readonly added?: Readonly<Record<string, string>>;
}

/** Writes the code blocks of a page that start with a comment naming their file. */
export async function writeDocsPage(page: string, { packages, added = {} }: DocsPageOptions): Promise<DocsPage> {
  const folder = await mkdtemp(join(tmpdir(), 'trpc-session-docs-'));
  const blocks = (await readFile(join(root, page), 'utf8')).matchAll(/^```tsx?\n\/\/ (\S+)\n([\s\S]*?)^```$/gm);
  const code = Array.from(blocks, ([, path = '', text = '']) => [path, text] as const);
  const tsconfig = await createTsconfig(code.map(([path]) => path));
  const files = [
    ...code,
    ...Object.entries(added),
    ['package.json', '{ "type": "module" }'],
    ['tsconfig.json', tsconfig],
  ];
  for (const [path = '', text = ''] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const targets = packages.map((name) => [name, join(root, 'node_modules', name)] as const);
  for (const [name, target] of [['trpc-session', root] as const, ...targets]) {
    const path = join(folder, 'node_modules', name);
    await mkdir(dirname(path), { recursive: true });
    await symlink(target, path);
  }
  return {
    folder,
    compile: () =>
      promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['-p', folder]).then(
        () => '',
        ({ stdout }: { stdout: string }) => stdout,
      ),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

async function createTsconfig(files: readonly string[]): Promise<string> {
  const { compilerOptions } = JSON.parse(await readFile(join(root, 'tsconfig.json'), 'utf8'));
  const { plugins: _, incremental: __, ...strict } = compilerOptions;
  return JSON.stringify({ compilerOptions: strict, files });
}
