import { createTRPCClient, httpBatchLink } from '@trpc/client';
import superjson from 'superjson';
import { sessionFetch } from 'trpc-session/client';
import { basePath } from './base-path';
import type { AppRouter } from './server/router';
import { callLimitMs } from './use-call';

/** A call without a response fails, so that no button stays disabled. */
const fetchWithLimit: typeof sessionFetch = (input, init) => {
  const limit = AbortSignal.timeout(callLimitMs);
  const caller = init && 'signal' in init ? init.signal : null;
  return sessionFetch(input, { ...init, signal: caller ? AbortSignal.any([caller, limit]) : limit });
};

/** The tRPC client for the browser. Calls made at the same time share one request, which reads the session once. */
export const trpc = createTRPCClient<AppRouter>({
  links: [httpBatchLink({ url: `${basePath}/api/trpc`, transformer: superjson, fetch: fetchWithLimit, maxItems: 25 })],
});
