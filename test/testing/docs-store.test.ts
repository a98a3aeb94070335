// Slow: it runs the TypeScript compiler, and then every case of the store contract.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = await readFile(join(root, 'docs/writing-a-store.md'), 'utf8');
const files = readCodeBlocks(page);
const folder = await writeApp(files);

afterAll(() => rm(folder, { recursive: true }));

describe('the store in docs/writing-a-store.md', () => {
  test('has fewer than 100 lines', () => {
    expect(files.get('row-store.ts')?.trimEnd().split('\n').length).toBeLessThan(100);
  });

  test('compiles under the strictest options of TypeScript', async () => {
    const compiler = join(root, 'node_modules/.bin/tsc');
    await promisify(execFile)(compiler, ['-p', folder]).catch(({ stdout }) => expect.fail(stdout));
  }, 60_000);
});

describe('the store in docs/writing-a-store.md, tested as the page shows', async () => {
  await import(/* @vite-ignore */ join(folder, 'row-store.test.ts'));
});

/** The code blocks of the page that begin with a file name, by that name. */
function readCodeBlocks(markdown: string): ReadonlyMap<string, string> {
  const blocks = markdown.matchAll(/^```ts\n\/\/ (\S+)\n([\s\S]*?)^```$/gm);
  return new Map(Array.from(blocks, ([, name = '', code = '']) => [name, code]));
}

/** Writes an app with those files, in which this library and Vitest are installed. Returns its folder. */
async function writeApp(code: ReadonlyMap<string, string>): Promise<string> {
  const app = await mkdtemp(join(tmpdir(), 'trpc-session-app-'));
  const modules = join(app, 'node_modules');
  await mkdir(join(modules, '@types'), { recursive: true });
  await symlink(root, join(modules, 'trpc-session'));
  for (const name of ['vitest', '@types/node']) await symlink(join(root, 'node_modules', name), join(modules, name));
  await writeFile(join(app, 'package.json'), JSON.stringify({ type: 'module' }));
  for (const [name, text] of code) await writeFile(join(app, name), text);
  const { compilerOptions } = JSON.parse(await readFile(join(root, 'tsconfig.json'), 'utf8'));
  const { plugins: _, incremental: __, ...strict } = compilerOptions;
  await writeFile(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions: strict, files: [...code.keys()] }));
  return app;
}
