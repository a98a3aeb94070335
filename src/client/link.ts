import {
  type HTTPBatchLinkOptions,
  httpBatchLink,
  httpBatchStreamLink,
  httpLink,
  isNonJsonSerializable,
  type Operation,
  splitLink,
  type TRPCLink,
} from '@trpc/client';
import type { AnyTRPCRouter } from '@trpc/server';

/** The options of `httpBatchLink`, and one more. */
export type SessionLinkOptions<Router extends AnyTRPCRouter> = HTTPBatchLinkOptions<
  Router['_def']['_config']['$types']
> & {
  /** Carries everything but mutations. Default: `httpBatchStreamLink` with the same options. */
  readonly queryLink?: TRPCLink<Router>;
};

type BatchOptions<Router extends AnyTRPCRouter> = Parameters<typeof httpBatchLink<Router>>[0];

/**
 * Sends mutations, which may set the session cookie, in batches that do not stream, and everything else as the app
 * likes. A streamed response has sent its headers before a procedure can add a cookie to them; the server refuses to
 * sign in on one. Forms and files, which no batch can hold, go alone.
 */
export function sessionLink<Router extends AnyTRPCRouter>({
  queryLink,
  ...options
}: SessionLinkOptions<Router>): TRPCLink<Router> {
  const batched = options as unknown as BatchOptions<Router>;
  return splitLink({
    condition: ({ type }) => type === 'mutation',
    true: splitLink({
      condition: ({ input }) => isNonJsonSerializable(input),
      true: httpLink<Router>(toSingleCallOptions(batched)),
      false: httpBatchLink<Router>(batched),
    }),
    false: queryLink ?? httpBatchStreamLink<Router>(batched as Parameters<typeof httpBatchStreamLink<Router>>[0]),
  });
}

/** The same options for a link that sends one call at a time, whose headers are asked for by another name. */
function toSingleCallOptions<Router extends AnyTRPCRouter>(
  batched: BatchOptions<Router>,
): Parameters<typeof httpLink<Router>>[0] {
  const { headers, ...options } = batched as HTTPBatchLinkOptions<{ transformer: false; errorShape: never }>;
  const alone = typeof headers === 'function' ? ({ op }: { op: Operation }) => headers({ opList: [op] }) : headers;
  return { ...options, ...(alone && { headers: alone }) } as unknown as Parameters<typeof httpLink<Router>>[0];
}
