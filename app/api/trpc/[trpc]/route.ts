import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { appRouter } from '../../../server/router';
import { createContext } from '../../../session-server';

/** Far more than any call of this app needs. A body without a length is limited by whatever is in front of the app. */
const maxBodyBytes = 100_000;

/** Serves the tRPC router. */
async function handler(req: Request): Promise<Response> {
  if (Number(req.headers.get('content-length')) > maxBodyBytes) return new Response(null, { status: 413 });
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
