import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const testFiles = listTestFiles();
/** Test files that start servers or processes, or take more than a second. A comment in each begins with "Slow: ". */
const slow = testFiles.filter((path) => hasText(path, /^\/\/ Slow: \S/m));
/** Test files that replace a module. The module must not have been loaded before. */
const mocking = testFiles.filter((path) => !slow.includes(path) && hasText(path, /\bvi\.mock\(/));
const fast = { include: ['test/**/*.test.{ts,tsx}'], setupFiles: ['test/_support/forbid-servers.ts'] };
const exclude = ['test/e2e/**', 'test/fixtures/**', 'test/.*/**', '**/node_modules/**'];

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 3,
    testTimeout: 15_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
    unstubEnvs: true,
    restoreMocks: true,
    // In Bun, the interop of Vitest loses named exports, such as `z` of zod.
    deps: { interopDefault: !('bun' in process.versions) },
    projects: [
      // Without isolation, test files share the processes and the modules that they import: twice as fast.
      { extends: true, test: { ...fast, name: 'fast', exclude: [...exclude, ...slow, ...mocking], isolate: false } },
      { extends: true, test: { ...fast, name: 'fast-mocks', include: mocking, exclude } },
      { extends: true, test: { name: 'slow', include: slow, exclude } },
    ],
  },
});

function listTestFiles(): string[] {
  // The folders that begin with a dot are apps that the browser tests build.
  const entries = readdirSync('test', { withFileTypes: true }).filter(({ name }) => !/^(\.|fixtures$)/.test(name));
  return entries
    .flatMap((entry) => (entry.isDirectory() ? listFiles(join('test', entry.name)) : join('test', entry.name)))
    .filter((path) => /\.test\.tsx?$/.test(path));
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path));
}

function hasText(path: string, text: RegExp): boolean {
  return text.test(readFileSync(path, 'utf8'));
}
