import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readmeFiles } from '../_support/readme-app.ts';
import { createProgramEnv, runProgram } from '../_support/run-program.ts';
import { isBefore, type NextCase } from './next-cases.ts';

/** An app with one version of Next, built for production, in a folder of its own. */
export interface InstalledNextApp {
  readonly folder: string;
  /** Runs a program of the app's own packages. Resolves to its output. */
  run(command: string, ...args: readonly string[]): Promise<string>;
  remove(): void;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const limitMs = 150_000;
const ownVersions = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).devDependencies;

/** Writes the README's app and the fixture's pages, and installs the packed library and Next without force. */
export async function installNextApp(nextCase: NextCase, tarball: string): Promise<InstalledNextApp> {
  const folder = mkdtempSync(join(tmpdir(), 'trpc-session-next-'));
  writeSources(folder, nextCase);
  writeJson(join(folder, 'package.json'), createManifest(nextCase.next, tarball));
  writeJson(join(folder, 'tsconfig.json'), tsconfig);
  const run = (command: string, ...args: readonly string[]) =>
    runProgram(command, args, {
      cwd: folder,
      timeout: limitMs,
      killSignal: 'SIGKILL',
      env: createProgramEnv({ NEXT_TELEMETRY_DISABLED: '1' }),
    });
  await run('npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error');
  return { folder, run, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Builds the app with its bundler. Next checks the types in the same step. */
export async function buildInstalledApp({ run }: InstalledNextApp, { next, bundler }: NextCase): Promise<void> {
  const isDefault = bundler === (isBefore(next, [16, 0]) ? 'webpack' : 'turbopack');
  await run(process.execPath, 'node_modules/next/dist/bin/next', 'build', ...(isDefault ? [] : [`--${bundler}`]));
  await run(process.execPath, 'node_modules/typescript/bin/tsc', '--noEmit');
}

function writeSources(folder: string, nextCase: NextCase): void {
  cpSync(join(root, 'test/fixtures/next-app'), folder, { recursive: true });
  for (const { path, code } of readmeFiles()) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), code);
  }
  if (nextCase.cacheComponents) addRuntimePrefetch(join(folder, 'app/entries/prefetch/page.tsx'), nextCase.next);
  writeFileSync(join(folder, 'next.config.mjs'), `export default ${JSON.stringify(createConfig(nextCase))};\n`);
  if (isBefore(nextCase.next, [16, 0])) useMiddleware(folder, nextCase.next);
}

/** The names of the setting that lets Next render a page for a prefetch, with the visitor's cookies. */
function addRuntimePrefetch(path: string, next: string): void {
  const setting = isBefore(next, [16, 3])
    ? "export const unstable_prefetch = { mode: 'runtime', samples: [{ cookies: [], headers: [] }] };"
    : "export const prefetch = 'partial';";
  writeFileSync(path, `${readFileSync(path, 'utf8')}\n${setting}\n`);
}

/** Before 16, the proxy was called middleware. It could use Node's modules only from 15.5 on, so 15.2 gets none. */
function useMiddleware(folder: string, next: string): void {
  const path = join(folder, 'middleware.ts');
  renameSync(join(folder, 'proxy.ts'), path);
  if (isBefore(next, [15, 5])) {
    rmSync(path);
    return;
  }
  const code = readFileSync(path, 'utf8').replace('async function proxy', 'async function middleware');
  writeFileSync(path, `${code}\nexport const config = { runtime: 'nodejs' };\n`);
}

function createConfig({ cacheComponents }: NextCase): object {
  return { ...(cacheComponents && { cacheComponents }), experimental: { authInterrupts: true } };
}

function createManifest(next: string, tarball: string): object {
  const names = ['react', 'react-dom', '@trpc/client', '@trpc/server', 'ioredis', 'superjson', 'zod'];
  const types = ['@types/node', '@types/react', '@types/react-dom'];
  const dependencies = Object.fromEntries([...names, ...types].map((name) => [name, ownVersions[name]]));
  return {
    name: 'app',
    private: true,
    dependencies: {
      ...dependencies,
      superjson: '^2.2.6',
      typescript: '5.9.3',
      next,
      'trpc-session': `file:${tarball}`,
    },
  };
}

/** The options of create-next-app. Next changes `jsx` to what its version needs. */
const tsconfig = {
  compilerOptions: {
    target: 'ES2022',
    lib: ['dom', 'dom.iterable', 'esnext'],
    allowJs: true,
    skipLibCheck: true,
    strict: true,
    noEmit: true,
    esModuleInterop: true,
    module: 'esnext',
    moduleResolution: 'bundler',
    resolveJsonModule: true,
    isolatedModules: true,
    jsx: 'preserve',
    incremental: true,
    plugins: [{ name: 'next' }],
  },
  include: ['next-env.d.ts', '**/*.ts', '**/*.tsx', '.next/types/**/*.ts'],
  exclude: ['node_modules'],
};

function writeJson(path: string, value: object): void {
  writeFileSync(path, JSON.stringify(value, null, 2));
}
