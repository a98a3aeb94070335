import {
  type Cancellation,
  clusterObstacle,
  type FailureKind,
  isClusterRefusal,
  isReadOnly,
  type RedisAdapter,
  type RedisCommand,
} from './redis-adapter.ts';

import {
  abortedMessage,
  isClosedError,
  type NodeRedisConnection,
  observeClient,
  waitUntilReady,
} from './redis-node-redis-connection.ts';
import { trackKeysWithNodeRedis } from './redis-node-redis-tracking.ts';
import { listNodeRedisNodes } from './redis-nodes.ts';

/** Options of one command of the `redis` package. */
interface NodeRedisCommandOptions {
  readonly abortSignal?: AbortSignal;
  readonly timeout?: number;
  readonly typeMapping?: Readonly<Record<never, never>>;
}

/** The part of a client of the `redis` package that the store uses. `createClient` of versions 5 and 6 returns it. */
export interface NodeRedisClient extends NodeRedisConnection {
  readonly isReady: boolean;
  sendCommand(command: string[], options?: NodeRedisCommandOptions): Promise<unknown>;
}

/** The same for `createCluster`. */
export interface NodeRedisCluster extends NodeRedisConnection {
  readonly nodeByAddress: object;
  sendCommand(
    firstKey: string,
    isReadonly: boolean,
    command: string[],
    options?: NodeRedisCommandOptions,
  ): Promise<unknown>;
}

/** The same for `createSentinel`. */
export interface NodeRedisSentinel extends NodeRedisConnection {
  getMasterNode(): unknown;
  sendCommand(isReadonly: boolean, command: string[], options?: NodeRedisCommandOptions): Promise<unknown>;
}

/** A client of the `redis` package: a single server, a Cluster or Sentinel. */
export type NodeRedis = NodeRedisClient | NodeRedisCluster | NodeRedisSentinel;

/** Uses a client of the `redis` package. Connects it with the first command unless the app has, and never closes it. */
export function adaptNodeRedis(client: NodeRedis): RedisAdapter {
  const state = observeClient(client);
  return {
    identity: client,
    trackingObstacle: findTrackingObstacle(client),
    trackKeys: (tracking, signal) =>
      trackKeysWithNodeRedis(client, { ...tracking, keyPrefix: getKeyPrefix(client) }, signal),
    send: async (command, cancellation) => {
      await waitUntilReady(client, state, cancellation);
      const reply = await sendUnlessAborted(client, { command, cancellation, pending: state.pending });
      state.lastError = undefined;
      state.hasReplied = true;
      return reply;
    },
    listNodes: async (_key, cancellation) => {
      await waitUntilReady(client, state, cancellation);
      return listNodeRedisNodes(client, getKeyPrefix(client));
    },
    classifyFailure: 'nodeByAddress' in client ? classifyClusterFailure : classifyFailure,
    findError: () => state.lastError,
    close: () => {},
  };
}

interface PendingCommand {
  readonly command: RedisCommand;
  readonly cancellation: Cancellation;
  readonly pending: Set<AbortController>;
}

/** Sends a command that is taken back if its call is cancelled, or its connection breaks, before the client sends it. */
async function sendUnlessAborted(
  client: NodeRedis,
  { command, cancellation, pending }: PendingCommand,
): Promise<unknown> {
  const controller = new AbortController();
  pending.add(controller);
  cancellation.onCancel = () => controller.abort();
  try {
    return await sendToPrimary(client, command, controller.signal);
  } catch (error) {
    const isAborted = error instanceof Error && error.message === abortedMessage;
    if (isAborted && !cancellation.isCancelled) throw new Error('The connection broke before the command was sent.');
    throw error;
  } finally {
    pending.delete(controller);
  }
}

/**
 * Sends a command as it is, because the client's own methods would read from a replica if its options allow that. The
 * options of the command replace those of the client: replies are text, and a queued command waits without a timeout
 * until it is cancelled.
 */
function sendToPrimary(client: NodeRedis, command: RedisCommand, abortSignal: AbortSignal): Promise<unknown> {
  const key = `${getKeyPrefix(client)}${command.key}`;
  const { name, script = '', values } = command;
  const words = name === 'HMGET' ? [name, key, ...values] : [name, script, '1', key, ...values];
  const options = { abortSignal, timeout: 0, typeMapping: {} };
  if ('nodeByAddress' in client) return client.sendCommand(key, false, words, options);
  if ('getMasterNode' in client) return client.sendCommand(false, words, options);
  return client.sendCommand(words, options);
}

function findTrackingObstacle(client: NodeRedis): string | null {
  if ('nodeByAddress' in client) return clusterObstacle;
  if (!('getMasterNode' in client)) return null;
  return 'a Sentinel client of the `redis` package opens no connection for changed keys. Use ioredis with Sentinel';
}

/** Commands that are sent as they are get no prefix from the client. */
function getKeyPrefix(client: NodeRedis): string {
  return '_keyPrefix' in client && typeof client._keyPrefix === 'string' ? client._keyPrefix : '';
}

/** Errors of commands that were not sent, by the start of their message. Their classes have no names. */
const unsentErrors = ['The client is offline', abortedMessage, 'The queue is full', 'All the root nodes'];

function classifyFailure(error: unknown): FailureKind {
  if (isErrorReply(error)) return isReadOnly(error) ? 'read-only' : 'replied';
  if (!(error instanceof Error)) return 'final';
  if (isClosedError(error)) return 'final';
  return unsentErrors.some((text) => error.message.startsWith(text)) ? 'no-connection' : 'lost';
}

/** A Cluster may redirect to a node that the client has not found yet. */
function classifyClusterFailure(error: unknown): FailureKind {
  const isMisdirected =
    error instanceof Error && (isClusterRefusal(error) || error.message.startsWith('Cannot find node'));
  return isMisdirected ? 'misdirected' : classifyFailure(error);
}

/**
 * Whether Redis replied with this error. Such a message starts with a code in capital letters, as the protocol says.
 * Errors of Node's sockets have a `code` of their own.
 */
function isErrorReply(error: unknown): error is Error {
  return error instanceof Error && !('code' in error) && /^[A-Z][A-Z0-9]+:? /.test(error.message);
}
