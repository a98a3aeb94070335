import { createTRPCClient, httpSubscriptionLink, type TRPCClient, type TRPCClientError } from '@trpc/client';
import { EventSource } from 'eventsource';
import superjson from 'superjson';
import { vi } from 'vitest';
import type { TestRouter } from './app.ts';
import type { Visitor } from './client.ts';
import type { Server } from './servers.ts';

type Streams = 'quiet' | 'deaf' | 'busy' | 'observed' | 'finite' | 'breaks' | 'signInOverStream';

/** A subscription, and the values that it has received. */
export interface Subscriber {
  readonly values: unknown[];
  /** Resolves to the error that ended it, or to null if its source ended. */
  readonly ended: Promise<TRPCClientError<TestRouter> | null>;
  /** Resolves when the first value has arrived. */
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
    if (values.length === 0) throw new Error('The stream has delivered no value');
  });
  // A refused stream never opens, and its test does not wait for that.
  opened.catch(() => {});
  return { values, ended, opened, unsubscribe };
}

/** Creates a client for server-sent events. It sends the visitor's cookies and reconnects like a browser. */
export function createEventClient(
  server: Server,
  visitor: Visitor,
  connectionParams?: Record<string, string>,
): TRPCClient<TestRouter> {
  const link = httpSubscriptionLink<TestRouter, typeof EventSource>({
    url: server.url,
    transformer: superjson,
    EventSource,
    eventSourceOptions: { fetch: visitor.fetch },
    ...(connectionParams && { connectionParams }),
  });
  return createTRPCClient<TestRouter>({ links: [link] });
}
