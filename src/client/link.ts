import { type HTTPBatchLinkOptions, httpBatchLink, httpBatchStreamLink, splitLink, type TRPCLink } from '@trpc/client';
import type { AnyTRPCRouter } from '@trpc/server';

/** The options of `httpBatchLink`, and one more. */
export type SessionLinkOptions<Router extends AnyTRPCRouter> = HTTPBatchLinkOptions<
  Router['_def']['_config']['$types']
> & {
  /** Carries everything but mutations. Default: `httpBatchStreamLink` with the same options. */
  readonly others?: TRPCLink<Router>;
};

/**
 * Sends mutations, which may set the session cookie, in batches that do not stream, and everything else as the app
 * likes. A streamed response has sent its headers before a procedure can add a cookie to them; the server refuses to
 * sign in on one.
 */
export function sessionLink<Router extends AnyTRPCRouter>({
  others,
  ...options
}: SessionLinkOptions<Router>): TRPCLink<Router> {
  const batched = options as unknown as Parameters<typeof httpBatchLink<Router>>[0];
  return splitLink({
    condition: ({ type }) => type === 'mutation',
    true: httpBatchLink<Router>(batched),
    false: others ?? httpBatchStreamLink<Router>(batched as Parameters<typeof httpBatchStreamLink<Router>>[0]),
  });
}
