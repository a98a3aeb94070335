import { createTRPCClient, httpBatchLink } from '@trpc/client';
import superjson from 'superjson';
import { sessionFetch } from 'trpc-session/client';
import { basePath } from './base-path';
import type { AppRouter } from './server/router';

/** The tRPC client for the browser. Calls made at the same time share one request, which reads the session once. */
export const trpc = createTRPCClient<AppRouter>({
  links: [httpBatchLink({ url: `${basePath}/api/trpc`, transformer: superjson, fetch: sessionFetch, maxItems: 25 })],
});
