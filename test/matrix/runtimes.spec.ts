import { createRandomSecret } from '../_support/e2e.ts';
import { startRedis } from '../_support/redis-server.ts';
import { type AppFolder, createAppFolder } from './app-folder.ts';
import { runtimeRow, test } from './package-test.ts';
import {
  installRuntimeApp,
  type Runtime,
  runTestsInRuntime,
  runtimes,
  serveInRuntime,
  servers,
} from './runtimes-app.ts';
import { visitServer } from './runtimes-story.ts';

const limitMs = 240_000;

for (const runtime of runtimes) {
  const program = runtime.name.toLowerCase();

  test(`${runtime.name}: the servers of docs/servers.md`, runtimeRow, async ({ tarball }) => {
    test.setTimeout(limitMs);
    const app = await installRuntimeApp(runtime, tarball);
    try {
      noteVersions(app, program, 'ioredis', '@trpc/server');
      await visitServers(app, runtime);
    } finally {
      app.remove();
    }
  });

  test(`${runtime.name}: the tests of core, stores, transports and tRPC`, runtimeRow, async () => {
    test.setTimeout(limitMs);
    const app = createAppFolder();
    try {
      await runTestsInRuntime(app, runtime);
      noteVersions(app, program);
    } finally {
      app.remove();
    }
  });
}

/** Visits each server of the page, also after one has failed, so that one run shows everything that does not work. */
async function visitServers(app: AppFolder, runtime: Runtime): Promise<void> {
  await using redis = await startRedis();
  const inRedis = { REDIS_URL: redis.url, SESSION_SECRET: createRandomSecret() };
  const cases = [
    { file: 'serve.ts', env: {} },
    { file: 'serve.ts', env: inRedis },
    ...servers.map((file) => ({ file: `serve-${file}`, env: inRedis })),
  ];
  const failures: unknown[] = [];
  for (const one of cases) {
    const title = `${one.file} with ${one.env === inRedis ? 'redisStore' : 'memoryStore'}`;
    const visit = async () => {
      await using served = await serveInRuntime(app, runtime, one);
      await visitServer(served.url).catch((error) => {
        throw new Error(`${title}: ${error}\n${served.output()}`);
      });
    };
    await test.step(title, visit).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('\n\n'));
}

function noteVersions(app: AppFolder, ...names: readonly string[]): void {
  const versions = names.map((name) => ({ type: 'version', description: `${name} ${app.readVersion(name)}` }));
  test.info().annotations.push(...versions);
}
