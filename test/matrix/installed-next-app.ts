import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readmeFiles } from '../_support/readme-app.ts';
import { type AppFolder, createAppFolder, installPackages } from './app-folder.ts';
import { isBefore, type NextCase } from './next-cases.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const ownVersions = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).devDependencies;

/** Installs the packed library and a version of Next without force. The app has no source files yet. */
export async function installNext(next: string, tarball: string): Promise<AppFolder> {
  const app = createAppFolder();
  app.write('package.json', createManifest(next, tarball));
  app.write('tsconfig.json', tsconfig);
  await installPackages(app);
  return app;
}

/** Installs a version of Next, and writes the README's app and the fixture's pages. */
export async function installNextApp(nextCase: NextCase, tarball: string): Promise<AppFolder> {
  const app = await installNext(nextCase.next, tarball);
  writeSources(app, nextCase);
  return app;
}

/** Builds the app with its bundler, and checks its types: Next does both. */
export async function buildInstalledApp({ run, readVersion }: AppFolder, { bundler }: NextCase): Promise<void> {
  const isDefault = bundler === (isBefore(readVersion('next'), [16, 0]) ? 'webpack' : 'turbopack');
  await run(process.execPath, 'node_modules/next/dist/bin/next', 'build', ...(isDefault ? [] : [`--${bundler}`]));
}

function writeSources({ folder, write, readVersion }: AppFolder, nextCase: NextCase): void {
  const version = readVersion('next');
  cpSync(join(root, 'test/fixtures/next-app'), folder, { recursive: true });
  for (const { path, code } of readmeFiles()) write(path, code);
  if (nextCase.cacheComponents) addRuntimePrefetch(join(folder, 'app/entries/prefetch/page.tsx'), version);
  write('next.config.mjs', `export default ${JSON.stringify(createConfig(nextCase))};\n`);
  if (isBefore(version, [16, 0])) useMiddleware(folder, version);
}

/** The names of the setting that lets Next render a page for a prefetch, with the visitor's cookies. */
function addRuntimePrefetch(path: string, version: string): void {
  const setting = isBefore(version, [16, 3])
    ? "export const unstable_prefetch = { mode: 'runtime', samples: [{ cookies: [], headers: [] }] };"
    : "export const prefetch = 'partial';";
  writeFileSync(path, `${readFileSync(path, 'utf8')}\n${setting}\n`);
}

/** Before 16, the proxy was called middleware. It could use Node's modules only from 15.5 on, so 15.2 gets none. */
export function useMiddleware(folder: string, version: string): void {
  const path = join(folder, 'middleware.ts');
  renameSync(join(folder, 'proxy.ts'), path);
  if (isBefore(version, [15, 5])) {
    rmSync(path);
    return;
  }
  const code = readFileSync(path, 'utf8').replace('async function proxy', 'async function middleware');
  const config = /^export const config = \{/m;
  const withRuntime = config.test(code)
    ? code.replace(config, "export const config = { runtime: 'nodejs',")
    : `${code}\nexport const config = { runtime: 'nodejs' };\n`;
  writeFileSync(path, withRuntime);
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
