import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { createBareRouter } from './trpc-router.mjs';

/** tRPC's fetch handler without sessions. */
export function createApp() {
  const router = createBareRouter();
  return { fetch: (req) => fetchRequestHandler({ endpoint: '', req, router }) };
}
