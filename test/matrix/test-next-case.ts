import { expect, type Page } from '@playwright/test';
import { createRandomSecret } from '../_support/e2e.ts';
import { startRedis } from '../_support/redis-server.ts';
import type { AppFolder } from './app-folder.ts';
import { findPrerenderedSessions } from './built-pages.ts';
import { buildInstalledApp, installNextApp } from './installed-next-app.ts';
import { formatTitle, isBefore, type NextCase } from './next-cases.ts';
import {
  compareRequestStores,
  compareVisitors,
  followReadme,
  readTokenInProxy,
  sendPlainRequests,
  throwInActions,
  updateInAction,
  visitGuardedPage,
} from './next-story.ts';
import { nextRow, test } from './package-test.ts';
import { serveNextApp } from './serve-next-app.ts';

/** Long enough for a busy machine. */
const limitMs = 420_000;

/** Declares the test of one version: install without force, build, check types, and use the app in a browser. */
export function testNextCase(nextCase: NextCase): void {
  test(formatTitle(nextCase), nextRow, async ({ page, tarball }, { annotations }) => {
    test.setTimeout(limitMs);
    const app = await installNextApp(nextCase, tarball);
    try {
      const next = app.readVersion('next');
      const versions = [
        `Next ${next}`,
        `React ${app.readVersion('react')}`,
        `TypeScript ${app.readVersion('typescript')}`,
      ];
      annotations.push(...versions.map((description) => ({ type: 'version', description })));
      await callInJob(app);
      await buildInstalledApp(app, nextCase);
      expect(findPrerenderedSessions(app)).toEqual([]);
      await using redis = await startRedis();
      await using served = await serveNextApp(app, { REDIS_URL: redis.url, SESSION_SECRET: createRandomSecret() });
      await runStories(page, served.url, { ...nextCase, next });
    } finally {
      app.remove();
    }
  });
}

/** Runs all stories, also after one has failed, so that one run shows everything that a version lacks. */
async function runStories(page: Page, url: string, { next, cacheComponents }: NextCase): Promise<void> {
  const stories: Readonly<Record<string, () => Promise<void>>> = {
    'the README': () => followReadme(page, url),
    'updateSession in an action': () => updateInAction(page, url),
    'a guarded page': () => visitGuardedPage(page, url),
    'the stores of a request': () => compareRequestStores(page, url),
    'actions that throw': () => throwInActions(page, url),
    'plain requests': () => sendPlainRequests(url),
    'two visitors': () => compareVisitors(url, cacheComponents),
    // Before 15.5, stable releases ran middleware without the modules of Node, which the library needs.
    ...(!isBefore(next, [15, 5]) && { 'a proxy': () => readTokenInProxy(url) }),
  };
  const failures: unknown[] = [];
  for (const [title, run] of Object.entries(stories)) {
    await test.step(title, run).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('\n\n'));
}

/** Runs in plain Node, where a missing export of Next would fail the import. */
async function callInJob({ run }: AppFolder): Promise<void> {
  const code = `
    import { createSessions } from 'trpc-session';
    import { createNextSession } from 'trpc-session/next';
    import { memoryStore } from 'trpc-session/stores/memory';
    import { z } from 'zod';
    const sessions = createSessions({
      schema: z.object({ userId: z.string() }), view: () => ({}), store: memoryStore(), secret: '${createRandomSecret()}',
    });
    const { session } = await createNextSession(sessions).createContext();
    console.log(String(await session.get()));
    process.exit();`;
  expect((await run(process.execPath, '--input-type=module', '--eval', code)).trim()).toBe('null');
}
