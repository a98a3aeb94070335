import { type ExecFileOptions, execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The package as a user gets it: packed by npm, and installed by npm in a project of its own. */
export interface InstalledPackage {
  /** The tarball. */
  readonly tarball: string;
  /** The copy of the repository that was packed. */
  readonly repository: string;
  /** The project that installed it. */
  readonly consumer: string;
  /** Where the package lies in that project. */
  readonly folder: string;
  /** Runs a program in the project; resolves with what it printed. */
  run(command: string, ...args: readonly string[]): Promise<string>;
  remove(): Promise<void>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const modules = join(root, 'node_modules');
const packedFrom = [
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
  await npm(repository, 'pack', '--pack-destination', folder);
  await createProject(consumer, Object.keys(dependencies));
  await npm(consumer, 'install', tarball, '--offline', '--cache', join(folder, 'cache'), '--no-audit', '--no-fund');
  await link(peers, consumer);
  return {
    tarball,
    repository,
    consumer,
    folder: join(consumer, 'node_modules', name),
    run: (command, ...args) => execute(command, args, { cwd: consumer }),
  };
}

/** What a pack reads, elsewhere: it rewrites the manifest, and other tests are reading the one in the repository. */
async function copyRepository(repository: string): Promise<void> {
  await mkdir(repository);
  for (const name of packedFrom) {
    await cp(join(root, name), join(repository, name), { recursive: true }).catch(ignoreMissing);
  }
  await symlink(modules, join(repository, 'node_modules'));
}

/**
 * An empty project in which the package's dependencies lie already, copied from this repository's own, so that npm
 * asks no registry for them.
 */
async function createProject(consumer: string, dependencies: readonly string[]): Promise<void> {
  await mkdir(join(consumer, 'node_modules'), { recursive: true });
  await writeFile(join(consumer, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  for (const name of await closureOf(dependencies)) {
    await cp(join(modules, name), join(consumer, 'node_modules', name), { recursive: true });
  }
}

/** Only after npm is done: it would remove what it did not install. */
async function link(names: readonly string[], consumer: string): Promise<void> {
  for (const name of names) await symlink(join(modules, name), join(consumer, 'node_modules', name));
}

/** Some packages and all that they need. */
async function closureOf(names: readonly string[]): Promise<ReadonlySet<string>> {
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

/** Runs a program to its end; where it fails, with all that it said. */
async function execute(command: string, args: readonly string[], options: ExecFileOptions): Promise<string> {
  try {
    return String((await promisify(execFile)(command, args, options)).stdout);
  } catch (error) {
    if (error instanceof Error && 'stdout' in error) error.message += `\n${error.stdout}`;
    throw error;
  }
}

async function npm(cwd: string, ...args: readonly string[]): Promise<void> {
  // The variables of the npm that runs these tests would make this one work in the repository.
  const own = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  await execute('npm', args, { cwd, env: Object.fromEntries(own) as unknown as NodeJS.ProcessEnv });
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
