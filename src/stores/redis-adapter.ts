/** A command of the store. Each works on one key, and sends and receives only text. */
export interface RedisCommand {
  readonly name: 'HMGET' | 'EVALSHA' | 'EVAL';
  /** The digest of a script for EVALSHA, its text for EVAL. */
  readonly script?: string;
  readonly key: string;
  /** The fields for HMGET, the arguments of a script otherwise. */
  readonly values: readonly string[];
}

/**
 * Why a command failed.
 *
 * - `replied`: Redis replied with this error.
 * - `read-only`: Redis replied that it is a replica. It makes sense to send the command again, once.
 * - `lost`: the connection broke before the reply. It makes sense to send the command again, once.
 * - `misdirected`: a Cluster has not run the command, because a slot is moving or the client has an old map of the slots.
 *   It makes sense to send the command again until the deadline.
 * - `no-connection`: the client has given up waiting for a connection.
 * - `final`: anything else, such as a closed client.
 */
export type FailureKind = 'replied' | 'read-only' | 'lost' | 'misdirected' | 'no-connection' | 'final';

/** What a connection that reports changed keys is opened for. */
export interface KeyTracking {
  /** The starts of the keys, without the client's own prefix. */
  readonly prefixes: readonly string[];
  /** Called with the keys that have changed, or with null if all may have. */
  onChange(keys: readonly string[] | null): void;
  /** Called when the connection has ended. */
  onEnd(): void;
}

/** The channel on which Redis reports changed keys to a connection of RESP2. */
export const invalidationChannel = '__redis__:invalidate';

export const clusterObstacle = 'on a Cluster, each node would need a connection of its own for changed keys';

/** A server that holds keys: the primary, or one of the primaries of a Cluster. */
export interface RedisNode {
  /** Tells the nodes of a Cluster apart. Empty if there is one server. */
  readonly address: string;
  /** What the client adds to every key. It adds nothing to commands that are sent to a node. */
  readonly keyPrefix: string;
  send(words: readonly string[]): Promise<unknown>;
}

/** What the store needs of a Redis client. There is one adapter per client library. */
export interface RedisAdapter {
  /** The client, or the name of the source that it is created from. Stores of one client share their near cache. */
  readonly identity: object | string;
  /** Why this client cannot report changed keys, if so. */
  readonly trackingObstacle: string | null;
  /**
   * Opens another connection, on which Redis reports changed keys. Resolves once it does. Aborting the signal closes the
   * connection. It does not reconnect.
   */
  trackKeys(tracking: KeyTracking, signal: AbortSignal): Promise<void>;
  /** Sends one command to the primary of its key. If there is no connection, waits for one. */
  send(command: RedisCommand, cancellation: Cancellation): Promise<unknown>;
  /**
   * Returns every server that holds keys. If there is no connection, waits for one.
   *
   * @param key A key that the client may read.
   */
  listNodes(key: string, cancellation: Cancellation): Promise<readonly RedisNode[]>;
  classifyFailure(error: unknown): FailureKind;
  /** Returns why there is no connection, if that is known. The error of a command without a reply may not contain it. */
  findError(): Error | undefined;
  /** Closes the connection, unless it belongs to the app. */
  close(): void;
}

/** Says whether a command may still be sent. Its call may have failed already, and may have been undone. */
export class Cancellation {
  #isCancelled = false;
  /** Called when the call is cancelled. A client that can take back a command that it has not sent yet sets it. */
  onCancel: (() => void) | undefined;

  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  cancel(): void {
    this.#isCancelled = true;
    this.onCancel?.();
  }
}

/** The command that reports changed keys to the connection that sends it. */
export function buildTrackingCommand(connectionId: unknown, keyPrefix: string, prefixes: readonly string[]) {
  const options = prefixes.flatMap((prefix) => ['PREFIX', `${keyPrefix}${prefix}`]);
  return ['CLIENT', 'TRACKING', 'ON', 'REDIRECT', String(connectionId), 'BCAST', ...options] as const;
}

/** Converts a message of the invalidation channel to keys without the client's own prefix. */
export function parseChangedKeys(message: unknown, keyPrefix: string): readonly string[] | null {
  return Array.isArray(message) ? message.map((key) => String(key).slice(keyPrefix.length)) : null;
}

/** Whether this is the error with which a replica refuses a write, sent by itself or in a script. */
export function isReadOnly(error: Error): boolean {
  return error.message.includes('READONLY');
}

/** Whether this is an error with which a Cluster says that it has not run a command. */
export function isClusterRefusal(error: Error): boolean {
  return /^(MOVED|ASK|TRYAGAIN|CLUSTERDOWN) |^Too many Cluster redirections/.test(error.message);
}
