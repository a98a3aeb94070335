import { createTRPCClient, httpSubscriptionLink, type TRPCClient, type TRPCClientError } from '@trpc/client';
import { EventSource } from 'eventsource';
import superjson from 'superjson';
import { vi } from 'vitest';
import type { TestRouter } from './app.ts';
import type { Visitor } from './client.ts';
import type { Server } from './servers.ts';

type Streams = 'quiet' | 'deaf' | 'busy' | 'observed' | 'finite' | 'breaks' | 'signInOverStream';

/** What a subscription brought so far. */
export interface Subscriber {
  readonly values: unknown[];
  /** Resolves with the error that ended it, or with null when its source came to an end. */
  readonly ended: Promise<TRPCClientError<TestRouter> | null>;
  /** Resolves once the first value is there. */
  readonly opened: Promise<unknown>;
  unsubscribe(): void;
}

export function subscribe(client: TRPCClient<TestRouter>, stream: Streams): Subscriber {
  const values: unknown[] = [];
  let unsubscribe = (): void => {};
  const ended = new Promise<TRPCClientError<TestRouter> | null>((resolve) => {
    const subscription = client[stream].subscribe(undefined, {
      onData: (value: unknown) => values.push(value),
      onError: resolve,
      onComplete: () => resolve(null),
    });
    unsubscribe = () => subscription.unsubscribe();
  });
  const opened = vi.waitFor(() => {
    if (values.length === 0) throw new Error('Nothing came over the stream');
  });
  // A stream that is refused never opens.
  opened.catch(() => {});
  return { values, ended, opened, unsubscribe };
}

/** A client over server-sent events, with a visitor's cookies and an EventSource that reconnects as browsers' do. */
export function eventClient(
  server: Server,
  visitor: Visitor,
  connectionParams?: Record<string, string>,
): TRPCClient<TestRouter> {
  const link = httpSubscriptionLink<TestRouter, typeof EventSource>({
    url: server.url,
    transformer: superjson,
    EventSource,
    eventSourceOptions: { fetch: visitor.fetch as never },
    ...(connectionParams && { connectionParams }),
  });
  return createTRPCClient<TestRouter>({ links: [link] });
}
