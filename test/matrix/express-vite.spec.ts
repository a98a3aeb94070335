import { createRandomSecret } from '../_support/e2e.ts';
import { startRedis } from '../_support/redis-server.ts';
import type { AppFolder } from './app-folder.ts';
import { followViteGuide, readViteGuide, startAppServer, writeGuideFiles } from './express-vite-app.ts';
import { createProject, noteVersions } from './package-project.ts';
import { tableRow, test } from './package-test.ts';

const tsx = 'node_modules/tsx/dist/cli.mjs';
const vite = 'node_modules/vite/bin/vite.js';

test(
  'create-vite with Express: docs/add-to-vite.md in development and in production',
  tableRow,
  async ({ page, tarball }) => {
    test.setTimeout(170_000);
    using app = createProject();
    await test.step('install', () => installViteApp(app, tarball));
    await test.step('build', () => app.run('npm', 'run', 'build'));

    await test.step('production', async () => {
      await using redis = await startRedis();
      const env = { NODE_ENV: 'production', REDIS_URL: redis.url, SESSION_SECRET: createRandomSecret() };
      await using server = await startAppServer(app, { args: [tsx, 'server/index.ts'], env });
      await followViteGuide(page, server.url);
    });

    await test.step('development', async () => {
      await using api = await startAppServer(app, { args: [tsx, 'server/index.ts'] });
      const apiPort = new URL(api.url).port;
      // PORT is the port of Express, to which vite.config.ts passes the API calls on.
      await using dev = await startAppServer(app, { args: [vite, '--port', '$PORT'], env: { PORT: apiPort } });
      await followViteGuide(page, dev.url);
    });
  },
);

/** Runs the commands of the guide, and writes its files. */
async function installViteApp(app: AppFolder, tarball: string): Promise<void> {
  const guide = readViteGuide(tarball);
  for (const [command = '', ...args] of guide.npmCommands) {
    if (command === 'create') await app.run('npm', command, '--yes', ...args, '--no-interactive');
    else await app.run('npm', command, '--no-audit', '--no-fund', '--prefer-offline', ...args);
  }
  writeGuideFiles(app, guide);
  noteVersions(app, 'vite', 'express', 'react', 'typescript', '@trpc/server');
}
