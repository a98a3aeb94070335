import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** Below the packages of this repository, so that the code finds React, tRPC and zod. */
const cache = join(root, 'node_modules/.cache/trpc-session-tests');

const compilers = {
  '5.9': join(root, 'test/fixtures/consumers/trpc-11-8/node_modules/typescript/bin/tsc'),
  '7.0': join(root, 'node_modules/typescript/bin/tsc'),
} as const;

export type CompilerVersion = keyof typeof compilers;

const options = {
  target: 'ES2022',
  lib: ['ES2023', 'DOM', 'DOM.Iterable'],
  module: 'ESNext',
  moduleResolution: 'bundler',
  jsx: 'react-jsx',
  strict: true,
  exactOptionalPropertyTypes: true,
  noErrorTruncation: true,
  noEmit: true,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  types: ['node'],
  paths: { 'trpc-session': [join(root, 'src/index.ts')], 'trpc-session/*': [join(root, 'src/*')] },
};

/**
 * Compiles lines of TSX below a prelude, and returns the whole message of the compiler for each line: an empty string for
 * one that compiles.
 */
export async function compileLines(
  compiler: CompilerVersion,
  prelude: string,
  lines: readonly string[],
): Promise<readonly string[]> {
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'react-'));
  try {
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['app.tsx'] }));
    await writeFile(join(folder, 'app.tsx'), [prelude.trim(), ...lines].join('\n'));
    const messages = parseMessages(await runCompiler(compilers[compiler], folder));
    const firstLine = prelude.trim().split('\n').length + 1;
    return lines.map((_, index) => messages.get(firstLine + index) ?? '');
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Returns the last line of a message: the one that editors show nearest to the code. */
export function getLastLine(message: string): string {
  return message.trim().split('\n').at(-1)?.trim() ?? '';
}

/** Returns the messages for `app.tsx`, by line. A message goes on in the lines that are indented. */
function parseMessages(output: string): ReadonlyMap<number, string> {
  const matches = output.matchAll(/^app\.tsx\((\d+),\d+\): error TS\d+: (.*(?:\n +.*)*)/gm);
  return new Map(Array.from(matches, ([, line, message = '']) => [Number(line), message]));
}

async function runCompiler(tsc: string, folder: string): Promise<string> {
  try {
    return (await promisify(execFile)(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], { cwd: folder }))
      .stdout;
  } catch (error) {
    const { stdout = '' } = error as { stdout?: string };
    if (stdout.includes('app.tsx')) return stdout;
    throw new Error(`${tsc} -p ${folder}\n${stdout}\n${error}`);
  }
}
