import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const fixtures = join(root, 'test/fixtures/consumers');
/** Below the repository's own packages, which the projects find as if they had installed them. */
const cache = join(root, 'node_modules/.cache/trpc-session-tests');

/** Where each version of tRPC is installed. */
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

/** One complaint of a compiler. */
export interface Complaint {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** Projects that installed this package and one version of tRPC each. */
export interface Consumers extends AsyncDisposable {
  check(version: TrpcVersion, compiler: CompilerVersion): Promise<readonly Complaint[]>;
}

export async function installConsumers(): Promise<Consumers> {
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'consumers-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await declarations(join(folder, 'package'));
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

/** The versions that are really there: of tRPC's server and client, and of a compiler. */
export async function installedVersions(): Promise<Record<string, string>> {
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

/** What the published package says about its types. */
async function declarations(folder: string): Promise<void> {
  const flags = ['--emitDeclarationOnly', '--sourceMap', 'false', '--inlineSources', 'false'];
  await run(
    compilers['7.0'],
    ['-p', join(root, 'tsconfig.build.json'), ...flags, '--outDir', join(folder, 'dist')],
    root,
  );
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, string>;
  };
  const exports = Object.entries(manifest.exports).map(([door, file]) => {
    return [door, { types: file.replace('./src/', './dist/').replace(/\.tsx?$/, '.d.ts') }] as const;
  });
  const published = { name: 'trpc-session', version: '0.0.0', type: 'module', exports: Object.fromEntries(exports) };
  await writeFile(join(folder, 'package.json'), JSON.stringify(published));
}

async function createProject(project: string, library: string, version: TrpcVersion): Promise<void> {
  await mkdir(join(project, 'node_modules'), { recursive: true });
  // A copy, not a link: from a link tRPC would be looked for where the copy lies.
  await cp(library, join(project, 'node_modules/trpc-session'), { recursive: true });
  await symlink(trpc[version], join(project, 'node_modules/@trpc'));
  for (const name of await readdir(fixtures)) {
    if (/\.ts$|^tsconfig/.test(name)) await cp(join(fixtures, name), join(project, name));
  }
  await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
}

/** The complaints about the project and about this package's own declarations; those of others are not ours to mend. */
async function check(project: string, compiler: CompilerVersion): Promise<readonly Complaint[]> {
  // The older compiler is also the slower one, and would spend its time on other packages' declarations.
  const output = await run(
    compilers[compiler],
    ['-p', project, '--pretty', 'false', '--skipLibCheck', String(compiler === '5.9'), '--allowImportingTsExtensions'],
    project,
    'complains',
  );
  const complaints = output.split('\n').flatMap((text) => {
    const [, file, line, message] = /^(\S.*?)\((\d+),\d+\): error (.*)$/.exec(text) ?? [];
    return file && message ? [{ file: relative(project, join(project, file)), line: Number(line), message }] : [];
  });
  return complaints.filter(({ file }) => !file.startsWith('..') && !file.includes('node_modules/@trpc'));
}

/** What a compiler printed. One that fails must have said why. */
async function run(
  tsc: string,
  args: readonly string[],
  cwd: string,
  mood: 'content' | 'complains' = 'content',
): Promise<string> {
  try {
    return (await promisify(execFile)(process.execPath, [tsc, ...args], { cwd })).stdout;
  } catch (error) {
    const { stdout = '' } = error as { stdout?: string };
    if (mood === 'complains' && stdout.includes('error TS')) return stdout;
    throw new Error(`${tsc} ${args.join(' ')}\n${stdout}\n${error}`);
  }
}
