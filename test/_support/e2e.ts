import { randomBytes } from 'node:crypto';
import { test as base } from '@playwright/test';
import { type DemoServer, startDemo } from './demo-server.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

export { expect } from '@playwright/test';

interface Servers {
  /** The Redis of this worker. */
  readonly redis: RedisServer;
  /** The demo of this worker: the production build, connected to that Redis. */
  readonly demo: DemoServer;
}

/** Playwright's `test` with a real Redis, and with the production build of the demo at `baseURL`. */
export const test = base.extend<object, Servers>({
  redis: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of what a fixture needs from a pattern
    async ({}, use) => {
      await using redis = await startRedis();
      await use(redis);
    },
    { scope: 'worker' },
  ],
  demo: [
    async ({ redis }, use) => {
      await using demo = await startDemo({ env: { REDIS_URL: redis.url, SESSION_SECRET: createRandomSecret() } });
      await use(demo);
    },
    { scope: 'worker', timeout: 30_000 },
  ],
  baseURL: async ({ demo }, use) => use(demo.url),
});

export function createRandomSecret(): string {
  return randomBytes(32).toString('base64url');
}
