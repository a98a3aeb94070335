import { type FailureKind, isReadOnly, type RedisAdapter, type RedisCommand } from './redis-adapter.ts';

// biome-ignore lint/suspicious/noTsIgnore: an error is expected only where ioredis is not installed.
/** @ts-ignore Without ioredis this is `any`, which the next type replaces. */
type InstalledOptions = import('ioredis').RedisOptions;

/** The options of ioredis. If it is not installed, there are none. */
export type IoredisOptions = string extends keyof InstalledOptions ? never : InstalledOptions;

/** The part of an ioredis client that the store uses. Every `Redis` and `Cluster` of ioredis 5 and 6 has it. */
export interface IoredisClient {
  readonly status: string;
  hmget(key: string, ...fields: string[]): Promise<(string | null)[]>;
  evalsha(sha1: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
  eval(script: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
}

/** Uses an ioredis client of the app as it is: adds no listener and closes nothing. */
export function adaptIoredis(client: IoredisClient): RedisAdapter {
  return {
    send: (command) => sendWithIoredis(client, command),
    classifyFailure: classifyIoredisFailure,
    findError: () => undefined,
    close: () => {},
  };
}

export function sendWithIoredis(
  client: IoredisClient,
  { name, script = '', key, values }: RedisCommand,
): Promise<unknown> {
  if (name === 'HMGET') return client.hmget(key, ...values);
  return name === 'EVAL' ? client.eval(script, 1, key, ...values) : client.evalsha(script, 1, key, ...values);
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
