import type { Page } from '@playwright/test';
import manifest from '../../package.json' with { type: 'json' };
import { type AppFolder, installPackages } from './app-folder.ts';
import { followViteGuide, readViteGuide, startAppServer } from './express-vite-app.ts';
import { createProject, noteVersion, pickRanges } from './package-project.ts';
import { tableRow, test } from './package-test.ts';

/** The newest releases, which docs/add-to-vite.md installs as well. */
const tools = { vite: 'latest', '@vitejs/plugin-react': 'latest' };
const strictOptions = {
  target: 'ES2023',
  strict: true,
  exactOptionalPropertyTypes: true,
  verbatimModuleSyntax: true,
  skipLibCheck: true,
};
const serverOptions = {
  lib: ['ES2023'],
  module: 'nodenext',
  declaration: true,
  rewriteRelativeImportExtensions: true,
  rootDir: 'src',
  outDir: 'dist',
  types: ['node'],
};
const clientOptions = {
  lib: ['ES2023', 'DOM', 'DOM.Iterable'],
  module: 'esnext',
  moduleResolution: 'bundler',
  allowImportingTsExtensions: true,
  noEmit: true,
  jsx: 'react-jsx',
  types: ['vite/client', 'node'],
};
const server = 'packages/server';
const client = 'packages/client';

test('npm workspace of a server and a client', tableRow, async ({ page, tarball }) => {
  test.setTimeout(170_000);
  using app = createProject();
  writeWorkspace(app, tarball, '1.0.0');
  app.write('package.json', { name: 'workspace', private: true, workspaces: [server, client] });
  await test.step('install', () => installPackages(app));
  noteVersion('npm', (await app.run('npm', '--version')).trim());
  await test.step('build', () => app.run('npm', 'run', 'build', '--workspaces'));
  await signIn(app, page);
});

test('pnpm workspace of a server and a client', tableRow, async ({ page, tarball }) => {
  test.setTimeout(170_000);
  using app = createProject();
  writeWorkspace(app, tarball, 'workspace:*');
  app.write('package.json', { name: 'workspace', private: true });
  app.write('pnpm-workspace.yaml', "packages:\n  - 'packages/*'\n");
  const pnpm = (...args: readonly string[]) => app.run('npx', '--yes', 'pnpm@latest', ...args);
  await test.step('install', () => pnpm('install', '--prefer-offline', '--strict-peer-dependencies'));
  noteVersion('pnpm', (await pnpm('--version')).trim());
  await test.step('build', () => pnpm('--recursive', 'run', 'build'));
  await signIn(app, page);
});

async function signIn({ folder }: AppFolder, page: Page): Promise<void> {
  const clientFolder = { folder: `${folder}/${client}` };
  // Express serves the folder `dist` of the client, where it runs.
  await using running = await startAppServer(clientFolder, { args: ['../server/dist/index.js'] });
  await followViteGuide(page, running.url);
}

/** Divides the app of docs/add-to-vite.md into two packages. The client gets the types of the server's declarations. */
function writeWorkspace({ write }: AppFolder, tarball: string, serverRange: string): void {
  const library = { [manifest.name]: `file:${tarball}` };
  for (const [path, code] of Object.entries(readViteGuide(tarball).files)) {
    if (path.startsWith('server/')) write(path.replace('server/', `${server}/src/`), code);
    else write(`${client}/${path}`, code.replace(/'\.\.\/server\/(\w+)\.ts'/g, "'@app/server/$1'"));
  }
  write(`${server}/package.json`, {
    name: '@app/server',
    version: '1.0.0',
    type: 'module',
    exports: { './*': { types: './dist/*.d.ts', default: './dist/*.js' } },
    scripts: { build: 'tsc' },
    dependencies: { ...library, ...pickRanges('@trpc/server', 'express', 'ioredis', 'zod') },
    devDependencies: pickRanges('@types/express', '@types/node', 'typescript'),
  });
  write(`${server}/tsconfig.json`, { compilerOptions: { ...serverOptions, ...strictOptions }, include: ['src'] });
  write(`${client}/package.json`, {
    name: '@app/client',
    version: '1.0.0',
    type: 'module',
    scripts: { build: 'tsc && vite build' },
    dependencies: {
      ...library,
      '@app/server': serverRange,
      ...pickRanges('@trpc/client', '@trpc/server', 'react', 'react-dom'),
    },
    devDependencies: { ...tools, ...pickRanges('@types/node', '@types/react', '@types/react-dom', 'typescript') },
  });
  write(`${client}/tsconfig.json`, { compilerOptions: { ...clientOptions, ...strictOptions } });
  write(`${client}/index.html`, '<div id="root"></div><script type="module" src="/src/main.tsx"></script>');
}
