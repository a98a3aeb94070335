import { setTimeout as sleep } from 'node:timers/promises';
import type { Cancellation } from './redis-adapter.ts';

/** What every client of the `redis` package has: of a single server, a Cluster or Sentinel. */
export interface NodeRedisConnection {
  readonly isOpen: boolean;
  connect(): Promise<unknown>;
  on(event: string, listener: (event: unknown) => void): unknown;
}

/** As the client itself says it. */
const closedMessage = 'The client is closed';
export const abortedMessage = 'The command was aborted';

/** Errors after the app has closed the client, by the start of their message. Their classes have no names. */
const closedErrors = [closedMessage, 'Disconnects client', 'Cluster closed'];

export function isClosedError(error: Error): boolean {
  return closedErrors.some((text) => error.message.startsWith(text));
}

/** What the store has seen of a client. */
export interface ClientState {
  lastError: Error | undefined;
  /** The store's own attempt to connect. */
  connecting: Promise<unknown> | undefined;
  hasReplied: boolean;
  /** Whether the client has closed itself, because its `reconnectStrategy` gave up. */
  hasGivenUp: boolean;
  /** One per command without a reply. */
  readonly pending: Set<AbortController>;
}

const statesKey = Symbol.for('trpc-session.node-redis-clients.v1');

/** Errors of a connection: of a single server or of the client itself, of a node of a Cluster, and behind a Sentinel. */
const errorEvents = ['error', 'node-error', 'client-error'];

/**
 * Returns the state of a client, and listens to its errors from then on. Without a listener, a broken connection would
 * end the process. It is in `globalThis`, so that hot reload adds no second listener.
 */
export function observeClient(client: NodeRedisConnection): ClientState {
  const shared = globalThis as { [statesKey]?: WeakMap<object, ClientState> };
  shared[statesKey] ??= new WeakMap();
  const existing = shared[statesKey].get(client);
  if (existing) return existing;
  const state: ClientState = {
    lastError: undefined,
    connecting: undefined,
    hasReplied: false,
    hasGivenUp: false,
    pending: new Set(),
  };
  for (const name of errorEvents) client.on(name, (event) => recordError(client, state, event));
  shared[statesKey].set(client, state);
  return state;
}

/**
 * Takes back the commands that have not been sent. Version 5 would write them to the broken connection, and take the
 * first replies of the next connection, which belong to its handshake, for theirs.
 */
function recordError(client: NodeRedisConnection, state: ClientState, event: unknown): void {
  const error = event instanceof Error ? event : (event as { readonly error?: unknown } | undefined)?.error;
  if (error instanceof Error) {
    state.lastError = error;
    // When the app closes a client of version 5, a PING without a reply emits an error too.
    if (!isClosedError(error)) state.hasGivenUp = !client.isOpen;
  }
  for (const controller of state.pending) controller.abort();
}

const pollEveryMs = 10;

/**
 * Waits for the connection instead of leaving commands to the client's queue: the client sends queued commands together
 * with AUTH and SELECT, so they would also run if Redis refused the user or the database.
 *
 * Connects a client that has never replied, and one whose `reconnectStrategy` gave up. Any other client that is not open
 * was closed by the app, and stays closed.
 */
export async function waitUntilReady(
  client: NodeRedisConnection,
  state: ClientState,
  cancellation: Cancellation,
): Promise<void> {
  while (!isReady(client, state)) {
    if (cancellation.isCancelled) throw new Error(abortedMessage);
    if (!client.isOpen && !state.connecting) {
      if (state.hasReplied && !state.hasGivenUp) throw new Error(closedMessage);
      connectOnce(client, state);
    }
    const attempt = state.connecting;
    await sleep(pollEveryMs);
    // A client that cannot connect at all, such as one without reconnects, fails this call and not the next one.
    if (attempt && !state.connecting && !client.isOpen) throw state.lastError ?? new Error(closedMessage);
  }
}

/** Whether commands can be sent. The Cluster of version 5 does not say so, except by the nodes that it has found. */
function isReady(client: NodeRedisConnection, { connecting }: ClientState): boolean {
  if ('isReady' in client) return client.isReady === true;
  const hasNodes = 'masters' in client && Array.isArray(client.masters) && client.masters.length > 0;
  return client.isOpen && !connecting && hasNodes;
}

function connectOnce(client: NodeRedisConnection, state: ClientState): void {
  const attempt = client.connect().then(
    () => {},
    (error: Error) => {
      state.lastError = error;
    },
  );
  state.connecting = attempt.finally(() => {
    state.connecting = undefined;
  });
}
