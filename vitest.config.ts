import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const include = ['test/**/*.test.{ts,tsx}'];
// The folders that begin with a dot are apps that the browser tests build.
const exclude = ['test/e2e/**', 'test/fixtures/**', 'test/.*/**', '**/node_modules/**'];
const slowFiles = findSlowFiles();

/** Two projects. A test file is slow if a comment in it says why, as in "// Slow: it starts Redis". Others are fast. */
export default defineConfig({
  test: {
    // Slow tests start servers and signal processes, so each file has a process of its own.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 15_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
    unstubEnvs: true,
    restoreMocks: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include,
          exclude: [...exclude, ...slowFiles],
          setupFiles: ['test/_support/forbid-servers.ts'],
        },
      },
      { extends: true, test: { name: 'slow', include: slowFiles, exclude } },
    ],
  },
});

function findSlowFiles(): string[] {
  // Only these folders contain tests. The others contain the modules of whole apps.
  const folders = readdirSync('test').filter((name) => !name.startsWith('.') && name !== 'fixtures');
  return folders
    .flatMap((folder) => (folder.includes('.') ? [folder] : listFiles(folder)))
    .map((path) => join('test', path))
    .filter((path) => /\.test\.tsx?$/.test(path) && /^\/\/ Slow: \S/m.test(readFileSync(path, 'utf8')));
}

function listFiles(folder: string): string[] {
  return readdirSync(join('test', folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path));
}
