import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const fixtures = join(root, 'test/fixtures/consumers');
/** Below the repository's packages, so that the projects find them as if they had installed them. */
const cache = join(root, 'node_modules/.cache/trpc-session-tests');

/** The folder of each version of tRPC. */
const trpc = {
  '11.8.0': join(fixtures, 'trpc-11-8/node_modules/@trpc'),
  '11.22.1': join(root, 'node_modules/@trpc'),
  '11.25.2': join(fixtures, 'trpc-11-25/node_modules/@trpc'),
} as const;

const compilers = {
  '5.9': join(fixtures, 'trpc-11-8/node_modules/typescript/bin/tsc'),
  '7.0': join(root, 'node_modules/typescript/bin/tsc'),
} as const;

export type TrpcVersion = keyof typeof trpc;
export type CompilerVersion = keyof typeof compilers;
export const trpcVersions = Object.keys(trpc) as TrpcVersion[];
export const compilerVersions = Object.keys(compilers) as CompilerVersion[];

/** An error that a compiler reported. */
export interface CompilerError {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** Projects that each installed this package and one version of tRPC. */
export interface Consumers extends AsyncDisposable {
  check(version: TrpcVersion, compiler: CompilerVersion): Promise<readonly CompilerError[]>;
}

export async function installConsumers(): Promise<Consumers> {
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'consumers-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await emitDeclarations(join(folder, 'package'));
    for (const version of trpcVersions) await createProject(join(folder, version), join(folder, 'package'), version);
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    check: (version, compiler) => check(join(folder, version), compiler),
    [Symbol.asyncDispose]: remove,
  };
}

/** Reads the versions that are installed, of tRPC's server and client and of each compiler. */
export async function readInstalledVersions(): Promise<Record<string, string>> {
  const folders = {
    ...Object.fromEntries(
      Object.entries(trpc).flatMap(([version, at]) =>
        ['server', 'client'].map((name) => [`${name} ${version}`, join(at, name)]),
      ),
    ),
    ...Object.fromEntries(
      Object.entries(compilers).map(([version, tsc]) => [`typescript ${version}`, join(dirname(tsc), '..')]),
    ),
  };
  const read = async (at: string) => String(JSON.parse(await readFile(join(at, 'package.json'), 'utf8')).version);
  return Object.fromEntries(
    await Promise.all(Object.entries(folders).map(async ([name, at]) => [name, await read(at)])),
  );
}

/** Creates a package with the published declarations of this one. */
async function emitDeclarations(folder: string): Promise<void> {
  const flags = ['--emitDeclarationOnly', '--sourceMap', 'false', '--inlineSources', 'false'];
  await runCompiler(
    compilers['7.0'],
    ['-p', join(root, 'tsconfig.build.json'), ...flags, '--outDir', join(folder, 'dist')],
    root,
  );
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, string>;
  };
  const exports = Object.entries(manifest.exports).map(([name, file]) => {
    return [name, { types: file.replace('./src/', './dist/').replace(/\.tsx?$/, '.d.ts') }] as const;
  });
  const published = { name: 'trpc-session', version: '0.0.0', type: 'module', exports: Object.fromEntries(exports) };
  await writeFile(join(folder, 'package.json'), JSON.stringify(published));
}

async function createProject(project: string, library: string, version: TrpcVersion): Promise<void> {
  await mkdir(join(project, 'node_modules'), { recursive: true });
  // A copy, because a link would resolve tRPC from the folder that it points to.
  await cp(library, join(project, 'node_modules/trpc-session'), { recursive: true });
  await symlink(trpc[version], join(project, 'node_modules/@trpc'));
  for (const name of await readdir(fixtures)) {
    if (/\.ts$|^tsconfig/.test(name)) await cp(join(fixtures, name), join(project, name));
  }
  await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
}

/** Compiles a project. Resolves to the errors in the project and in this package's declarations, without those in tRPC. */
async function check(project: string, compiler: CompilerVersion): Promise<readonly CompilerError[]> {
  // The older compiler is slow, so it does not check the declarations of other packages.
  const output = await runCompiler(
    compilers[compiler],
    ['-p', project, '--pretty', 'false', '--skipLibCheck', String(compiler === '5.9'), '--allowImportingTsExtensions'],
    project,
    'may report errors',
  );
  const errors = output.split('\n').flatMap((text) => {
    const [, file, line, message] = /^(\S.*?)\((\d+),\d+\): error (.*)$/.exec(text) ?? [];
    return file && message ? [{ file: relative(project, join(project, file)), line: Number(line), message }] : [];
  });
  return errors.filter(({ file }) => !file.startsWith('..') && !file.includes('node_modules/@trpc'));
}

/** Resolves to what a compiler printed. If it fails without reporting an error, rejects. */
async function runCompiler(
  tsc: string,
  args: readonly string[],
  cwd: string,
  expectation: 'no errors' | 'may report errors' = 'no errors',
): Promise<string> {
  try {
    return (await promisify(execFile)(process.execPath, [tsc, ...args], { cwd })).stdout;
  } catch (error) {
    const { stdout = '' } = error as { stdout?: string };
    if (expectation === 'may report errors' && stdout.includes('error TS')) return stdout;
    throw new Error(`${tsc} ${args.join(' ')}\n${stdout}\n${error}`);
  }
}
