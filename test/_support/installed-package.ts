import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createProgramEnv, runProgram } from './run-program.ts';

/** The package as a user gets it: packed by npm, and installed by npm in a separate project. */
export interface InstalledPackage {
  /** The tarball. */
  readonly tarball: string;
  /** The copy of the repository that was packed. */
  readonly repository: string;
  /** The project that installed it. */
  readonly consumer: string;
  /** The folder of the package in that project. */
  readonly folder: string;
  /** Runs a program in the project. Resolves to its output. */
  run(command: string, ...args: readonly string[]): Promise<string>;
  remove(): Promise<void>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const modules = join(root, 'node_modules');
const packedFiles = [
  'src',
  'scripts',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'LICENSE',
  'README.md',
  'CHANGELOG.md',
];
const peers = ['@trpc', '@types', 'ioredis', 'next', 'react', 'zod'];

export async function packAndInstall(): Promise<InstalledPackage> {
  const folder = await mkdtemp(join(tmpdir(), 'trpc-session-package-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    return { ...(await packAndInstallIn(folder)), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function packAndInstallIn(folder: string): Promise<Omit<InstalledPackage, 'remove'>> {
  const [repository, consumer] = [join(folder, 'repository'), join(folder, 'consumer')];
  const { name, version, dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const tarball = join(folder, `${name}-${version}.tgz`);
  await copyRepository(repository);
  await runNpm(repository, 'pack', '--pack-destination', folder);
  await createProject(consumer, Object.keys(dependencies));
  await runNpm(consumer, 'install', tarball, '--offline', '--cache', join(folder, 'cache'), '--no-audit', '--no-fund');
  await linkModules(peers, consumer);
  return {
    tarball,
    repository,
    consumer,
    folder: join(consumer, 'node_modules', name),
    run: (command, ...args) => runProgram(command, args, { cwd: consumer }),
  };
}

/** Copies the files that `npm pack` reads. It rewrites package.json, and other tests read the one in the repository. */
async function copyRepository(repository: string): Promise<void> {
  await mkdir(repository);
  for (const name of packedFiles) {
    await cp(join(root, name), join(repository, name), { recursive: true }).catch(ignoreMissing);
  }
  await symlink(modules, join(repository, 'node_modules'));
}

/**
 * Creates an empty project with the package's dependencies, copied from this repository, so that npm downloads nothing.
 */
async function createProject(consumer: string, dependencies: readonly string[]): Promise<void> {
  await mkdir(join(consumer, 'node_modules'), { recursive: true });
  await writeFile(join(consumer, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  for (const name of await collectDependencies(dependencies)) {
    await cp(join(modules, name), join(consumer, 'node_modules', name), { recursive: true });
  }
}

/** Called after `npm install`, which would remove the links. */
async function linkModules(names: readonly string[], consumer: string): Promise<void> {
  for (const name of names) await symlink(join(modules, name), join(consumer, 'node_modules', name));
}

/** Resolves to these packages and all their dependencies. */
async function collectDependencies(names: readonly string[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const queue = [...names];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    const { dependencies = {} } = JSON.parse(await readFile(join(modules, name, 'package.json'), 'utf8'));
    queue.push(...Object.keys(dependencies));
  }
  return found;
}

async function runNpm(cwd: string, ...args: readonly string[]): Promise<void> {
  // With the variables of the npm that runs these tests, this npm would work in the repository.
  await runProgram('npm', args, { cwd, env: createProgramEnv() });
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
