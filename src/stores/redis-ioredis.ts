import {
  type Cancellation,
  clusterObstacle,
  type FailureKind,
  isClusterRefusal,
  isReadOnly,
  type RedisAdapter,
  type RedisCommand,
} from './redis-adapter.ts';
import { trackKeysWithIoredis } from './redis-ioredis-tracking.ts';
import { listIoredisNodes } from './redis-nodes.ts';

// biome-ignore lint/suspicious/noTsIgnore: an error is expected only where ioredis is not installed.
/** @ts-ignore Without ioredis this is `any`, which the next type replaces. */
type InstalledOptions = import('ioredis').RedisOptions;

/** The options of ioredis. If it is not installed, there are none. */
export type IoredisOptions = string extends keyof InstalledOptions ? never : InstalledOptions;

/** The part of an ioredis client that the store uses. Every `Redis` and `Cluster` of ioredis 5 and 6 has it. */
export interface IoredisClient {
  readonly status: string;
  readonly isCluster: boolean;
  hmget(key: string, ...fields: string[]): Promise<(string | null)[]>;
  evalsha(sha1: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
  eval(script: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
  pipeline(commands: unknown[][]): { exec(): Promise<[error: Error | null, reply: unknown][] | null> };
}

/** Uses an ioredis client of the app as it is: adds no listener and closes nothing. */
export function adaptIoredis(client: IoredisClient): RedisAdapter {
  return {
    identity: client,
    trackingObstacle: client.isCluster ? clusterObstacle : null,
    trackKeys: (tracking, signal) => trackKeysWithIoredis(client, tracking, signal),
    send: (command, cancellation) => sendWithIoredis(client, command, cancellation),
    listNodes: (key) => listIoredisNodes(client, key),
    classifyFailure: client.isCluster ? classifyIoredisClusterFailure : classifyIoredisFailure,
    findError: () => undefined,
    close: () => {},
  };
}

export function sendWithIoredis(
  client: IoredisClient,
  command: RedisCommand,
  cancellation: Cancellation,
): Promise<unknown> {
  return client.isCluster ? sendToCluster(client, command, cancellation) : sendCommand(client, command);
}

function sendCommand(client: IoredisClient, { name, script = '', key, values }: RedisCommand): Promise<unknown> {
  if (name === 'HMGET') return client.hmget(key, ...values);
  return name === 'EVAL' ? client.eval(script, 1, key, ...values) : client.evalsha(script, 1, key, ...values);
}

/**
 * Sends a misdirected command again in a pipeline of its own. With `enableAutoPipelining`, ioredis sends commands for
 * several slots together, and follows a redirection only if all of them are redirected.
 */
async function sendToCluster(
  client: IoredisClient,
  command: RedisCommand,
  cancellation: Cancellation,
): Promise<unknown> {
  try {
    return await sendCommand(client, command);
  } catch (error) {
    if (cancellation.isCancelled || classifyIoredisClusterFailure(error) !== 'misdirected') throw error;
    return sendAlone(client, command);
  }
}

async function sendAlone(client: IoredisClient, { name, script, key, values }: RedisCommand): Promise<unknown> {
  const words = name === 'HMGET' ? ['hmget', key, ...values] : [name.toLowerCase(), script, 1, key, ...values];
  const [[error, reply] = [null, undefined]] = (await client.pipeline([words]).exec()) ?? [];
  if (error) throw error;
  return reply;
}

/**
 * The start of the messages without a class of their own: of a client without an offline queue that has no connection,
 * and of a Cluster none of whose nodes can be reached.
 */
const unsentMessages = ["Stream isn't writeable", "Cluster isn't ready", 'Failed to refresh slots cache'];

/**
 * ioredis repeats the commands whose replies a broken connection lost. It does not repeat the rest of a pipeline that
 * was replied to in part: that rest has an AbortError.
 */
export function classifyIoredisFailure(error: unknown): FailureKind {
  if (!(error instanceof Error)) return 'final';
  if (isReadOnly(error)) return 'read-only';
  if (error.name === 'ReplyError') return 'replied';
  if (error.name === 'AbortError') return 'lost';
  const isUnsent = unsentMessages.some((text) => error.message.startsWith(text));
  return isUnsent || error.name === 'MaxRetriesPerRequestError' ? 'no-connection' : 'final';
}

/** The start of the messages with which a Cluster of ioredis refuses an automatic pipeline while slots move. */
const unsentPipelines = ['All keys in the pipeline', 'All the keys in a pipeline'];

export function classifyIoredisClusterFailure(error: unknown): FailureKind {
  const isMisdirected =
    error instanceof Error &&
    (isClusterRefusal(error) || unsentPipelines.some((text) => error.message.startsWith(text)));
  return isMisdirected ? 'misdirected' : classifyIoredisFailure(error);
}
