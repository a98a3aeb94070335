import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { appRouter } from '../../../server/router';
import { createContext } from '../../../session-server';

function handler(req: Request): Promise<Response> {
  return fetchRequestHandler({
    endpoint: '/api/trpc',
    req,
    router: appRouter,
    createContext,
    // tRPC sets no bound of its own: one request could otherwise carry thousands of calls.
    maxBatchSize: 25,
  });
}

export { handler as GET, handler as POST };
