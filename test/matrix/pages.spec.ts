import { expect } from '@playwright/test';
import { createRandomSecret } from '../_support/e2e.ts';
import { startRedis } from '../_support/redis-server.ts';
import { findPrerenderedSessions } from './built-pages.ts';
import { pagesVersions } from './next-cases.ts';
import { nextRow, test } from './package-test.ts';
import { comparePagesVisitors, followPagesGuide, installPagesApp } from './pages-app.ts';
import { serveNextApp } from './serve-next-app.ts';

/** Long enough for a busy machine. */
const limitMs = 420_000;

for (const next of pagesVersions) {
  test(`Next ${next}, Pages Router`, nextRow, async ({ page, tarball }, { annotations }) => {
    test.setTimeout(limitMs);
    const app = await installPagesApp(next, tarball);
    try {
      const versions = [`Next ${app.readVersion('next')}`, `React ${app.readVersion('react')}`];
      annotations.push(...versions.map((description) => ({ type: 'version', description })));
      await app.run(process.execPath, 'node_modules/next/dist/bin/next', 'build');
      expect(findPrerenderedSessions(app)).toEqual([]);
      await using redis = await startRedis();
      await using served = await serveNextApp(app, { REDIS_URL: redis.url, SESSION_SECRET: createRandomSecret() });
      await followPagesGuide(page, served.url);
      await comparePagesVisitors(served.url);
    } finally {
      app.remove();
    }
  });
}
