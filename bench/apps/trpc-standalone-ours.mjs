import { createHTTPServer } from '@trpc/server/adapters/standalone';
import { createOurRouter } from './trpc-ours.mjs';

/** tRPC's standalone adapter with our sessions. */
export async function createApp(options) {
  const { router, createContext } = await createOurRouter(options);
  return { server: createHTTPServer({ router, createContext }) };
}
