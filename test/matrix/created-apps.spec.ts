import { expect, type TestInfo } from '@playwright/test';
import { createRandomSecret } from '../_support/e2e.ts';
import { startRedis } from '../_support/redis-server.ts';
import { buildT3App } from '../_support/t3-app.ts';
import type { AppFolder } from './app-folder.ts';
import { findPrerenderedSessions } from './built-pages.ts';
import { buildCreatedNextApp, compareBrowsers, followT3Guide } from './created-apps.ts';
import { followReadme } from './next-story.ts';
import { nextRow, test } from './package-test.ts';
import { serveNextApp } from './serve-next-app.ts';

test.beforeEach(() => test.setTimeout(600_000));

test('create-next-app', nextRow, async ({ page, tarball, browser }, { annotations }) => {
  const app = await buildCreatedNextApp(tarball);
  try {
    showVersions(annotations, app, ['next', 'react', 'typescript', 'zod']);
    expect(findPrerenderedSessions(app)).toEqual([]);
    await using redis = await startRedis();
    await using served = await serveNextApp(app, { REDIS_URL: redis.url, SESSION_SECRET: createRandomSecret() });
    await followReadme(page, served.url);
    await compareBrowsers(browser, served.url, {
      name: 'Zenobia',
      fields: { Name: 'Zenobia', Password: 'lovelace' },
    });
  } finally {
    app.remove();
  }
});

for (const [router, title] of [
  ['app', 'create-t3-app, App Router, ESLint'],
  ['pages', 'create-t3-app, Pages Router, ESLint'],
] as const) {
  test(title, nextRow, async ({ page, tarball, browser }, { annotations }) => {
    const { app } = await buildT3App(tarball, { version: 'latest', router, options: ['--eslint'] });
    try {
      showVersions(annotations, app, ['next', 'react', 'typescript', 'zod', '@trpc/server']);
      await using redis = await startRedis();
      await using served = await serveNextApp(app, { REDIS_URL: redis.url });
      await followT3Guide(page, served.url);
      await compareBrowsers(browser, served.url, { name: 'Grace', fields: { Username: 'grace', Password: 'hopper' } });
    } finally {
      app.remove();
    }
  });
}

function showVersions(
  annotations: TestInfo['annotations'],
  { readVersion }: AppFolder,
  names: readonly string[],
): void {
  annotations.push(...names.map((name) => ({ type: 'version', description: `${name} ${readVersion(name)}` })));
}
