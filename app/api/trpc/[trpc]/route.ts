import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { appRouter } from '../../../server/router';
import { createContext } from '../../../session-server';

/** Serves the tRPC router. */
function handler(req: Request): Promise<Response> {
  return fetchRequestHandler({
    // Without the base path of the app: Next removes it from the URL of the request.
    endpoint: '/api/trpc',
    req,
    router: appRouter,
    createContext,
    // tRPC has no limit by default, so one request could carry thousands of calls.
    maxBatchSize: 25,
  });
}

export { handler as GET, handler as POST };
