import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    // Folders that begin with a dot are apps that the browser tests have built, modules and all.
    exclude: ['test/e2e/**', 'test/fixtures/**', 'test/.*/**', '**/node_modules/**'],
    // Tests start servers and signal processes: each file in a process of its own.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 15_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
    unstubEnvs: true,
    restoreMocks: true,
  },
});
