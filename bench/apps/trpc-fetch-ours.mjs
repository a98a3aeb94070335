import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { createOurRouter } from './trpc-ours.mjs';

/** tRPC's fetch handler with our sessions. With `only: 'require'`, a call in process reads the session without tRPC. */
export async function createApp(options) {
  const { sessions, router, createContext } = await createOurRouter(options);
  return {
    fetch: (req) => fetchRequestHandler({ endpoint: '', req, router, createContext }),
    ...(options.only === 'require' && { call: (req) => sessions.open(req).require() }),
  };
}
