import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const nextBin = join(root, 'node_modules/next/dist/bin/next');

export interface ReadmeFile {
  readonly path: string;
  readonly code: string;
}

/** The README's code blocks that begin with the comment that names their file, as they stand there. */
export function readmeFiles(): readonly ReadmeFile[] {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  return [...readme.matchAll(/^```tsx?\n\/\/ (app\/\S+)\n([\s\S]*?)^```$/gm)].map(([, path = '', code = '']) => ({
    path,
    code,
  }));
}

/**
 * A Next app made of the README's files and of those in test/fixtures/next-app, built for production. Inside the
 * repository, so that it finds its packages.
 */
export function buildReadmeApp(): string {
  const folder = join(root, 'test/.next-app');
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(root, 'test/fixtures/next-app'), folder, { recursive: true });
  for (const { path, code } of readmeFiles()) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), code);
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig, null, 2));
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' } as NodeJS.ProcessEnv;
  execFileSync(process.execPath, [nextBin, 'build'], { cwd: folder, env, stdio: 'pipe' });
  return folder;
}

/** What create-next-app writes, and `exactOptionalPropertyTypes`: the README must compile under it. */
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
