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
import { announceResults } from './announcing-link.ts';
import { exposeErrorShape } from './error-shape.ts';
import { addActivityHeader } from './passive-calls.ts';

/** The options of `sessionLink`: those of `httpBatchLink`, and `queryLink`. */
export type SessionLinkOptions<Router extends AnyTRPCRouter> = HTTPBatchLinkOptions<
  Router['_def']['_config']['$types']
> & {
  /**
   * Carries everything except mutations: queries, and subscriptions too.
   *
   * @default httpBatchStreamLink with the same options
   * @example
   * queryLink: splitLink({
   *   condition: ({ type }) => type === 'subscription',
   *   true: httpSubscriptionLink({ url }),
   *   false: httpBatchStreamLink({ url }),
   * })
   */
  readonly queryLink?: TRPCLink<Router>;
};

type BatchOptions<Router extends AnyTRPCRouter> = Parameters<typeof httpBatchLink<Router>>[0];

/**
 * Creates a terminating link for clients of an app with sessions. Mutations, which may set the session cookie, go in
 * batches that do not stream; everything else may stream.
 *
 * A streamed response has sent its headers before a procedure can add a cookie, so the server refuses to sign a user in
 * on one. Forms and files cannot be batched; each is sent alone.
 *
 * If a call signs the user in or out, changes the session, or is refused because the session has ended, `useSession()` shows
 * that in all tabs.
 *
 * @example
 * const trpc = createTRPCClient<AppRouter>({
 *   links: [sessionLink({ url: '/api/trpc', transformer: superjson })],
 * });
 */
export function sessionLink<Router extends AnyTRPCRouter>({
  queryLink,
  headers,
  ...options
}: SessionLinkOptions<Router>): TRPCLink<Router> {
  const batched = { ...options, headers: addActivityHeader(headers) } as unknown as BatchOptions<Router>;
  const link = splitLink<Router>({
    condition: ({ type }) => type === 'mutation',
    true: splitLink({
      condition: ({ input }) => isNonJsonSerializable(input),
      true: httpLink<Router>(toSingleCallOptions(batched)),
      false: httpBatchLink<Router>(batched),
    }),
    false: queryLink ?? httpBatchStreamLink<Router>(batched as Parameters<typeof httpBatchStreamLink<Router>>[0]),
  });
  return exposeErrorShape(announceResults(link));
}

/** Converts the options for a link that sends one call at a time: it calls `headers` with `op` instead of `opList`. */
function toSingleCallOptions<Router extends AnyTRPCRouter>(
  batched: BatchOptions<Router>,
): Parameters<typeof httpLink<Router>>[0] {
  const { headers, ...options } = batched as HTTPBatchLinkOptions<{ transformer: false; errorShape: never }>;
  const alone = typeof headers === 'function' ? ({ op }: { op: Operation }) => headers({ opList: [op] }) : headers;
  return { ...options, ...(alone && { headers: alone }) } as unknown as Parameters<typeof httpLink<Router>>[0];
}
