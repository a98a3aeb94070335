import { createHTTPServer } from '@trpc/server/adapters/standalone';
import { createBareRouter } from './trpc-router.mjs';

/** tRPC's standalone adapter without sessions. */
export function createApp() {
  return { server: createHTTPServer({ router: createBareRouter() }) };
}
