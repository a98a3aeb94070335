import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildNextApp } from './build-next-app.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface ReadmeFile {
  readonly path: string;
  readonly code: string;
}

/** Returns the README's code blocks that begin with a comment naming their file, unchanged. */
export function readmeFiles(): readonly ReadmeFile[] {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  return [...readme.matchAll(/^```tsx?\n\/\/ (app\/\S+)\n([\s\S]*?)^```$/gm)].map(([, path = '', code = '']) => ({
    path,
    code,
  }));
}

/**
 * Writes a Next app from the README's files and those of test/fixtures/next-app, and builds it for production. The folder
 * is inside the repository, so that the app finds its packages.
 */
export async function buildReadmeApp(): Promise<string> {
  const folder = join(root, 'test/.next-app');
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(root, 'test/fixtures/next-app'), folder, { recursive: true });
  for (const { path, code } of readmeFiles()) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), code);
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig, null, 2));
  await buildNextApp(folder);
  return folder;
}

/** The options of create-next-app and `exactOptionalPropertyTypes`: the README must compile under them. */
const tsconfig = {
  compilerOptions: {
    target: 'ES2022',
    lib: ['dom', 'dom.iterable', 'esnext'],
    allowJs: true,
    skipLibCheck: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    esModuleInterop: true,
    module: 'esnext',
    moduleResolution: 'bundler',
    allowImportingTsExtensions: true,
    resolveJsonModule: true,
    isolatedModules: true,
    jsx: 'react-jsx',
    incremental: true,
    plugins: [{ name: 'next' }],
  },
  include: ['next-env.d.ts', '**/*.ts', '**/*.tsx', '.next/types/**/*.ts'],
  exclude: ['node_modules'],
};
