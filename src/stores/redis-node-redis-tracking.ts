import { buildTrackingCommand, invalidationChannel, type KeyTracking, parseChangedKeys } from './redis-adapter.ts';

/** The part of a client of the `redis` package that can open another connection. */
interface DuplicableNodeRedis {
  readonly options?: { readonly socket?: object };
  duplicate(overrides: object): NodeRedisDuplicate;
}

/** A connection that is used for one thing only. */
interface NodeRedisDuplicate {
  readonly isOpen: boolean;
  connect(): Promise<unknown>;
  sendCommand(command: readonly string[]): Promise<unknown>;
  subscribe(channel: string, listener: (message: unknown) => void, asBuffers: true): Promise<unknown>;
  on(event: string, listener: () => void): unknown;
  unref(): void;
  destroy(): void;
}

/** It never reconnects, and is silent while no key changes. The package hands on no pushes of RESP3. */
const nodeRedisSettings = {
  RESP: 2,
  maintNotifications: 'disabled',
  clientSideCache: undefined,
  pingInterval: undefined,
  disableOfflineQueue: false,
};
const socketSettings = { reconnectStrategy: false, socketTimeout: undefined };

/** Opens a connection with the options of a client. */
export async function trackKeysWithNodeRedis(
  client: object,
  { keyPrefix, ...tracking }: KeyTracking & { readonly keyPrefix: string },
  signal: AbortSignal,
): Promise<void> {
  const source = client as DuplicableNodeRedis;
  const socket = { ...source.options?.socket, ...socketSettings };
  const connection = source.duplicate({ ...nodeRedisSettings, socket });
  connection.on('error', () => tracking.onEnd());
  connection.on('end', () => tracking.onEnd());
  const destroy = (): void => {
    if (connection.isOpen) connection.destroy();
  };
  signal.addEventListener('abort', destroy);
  await connection.connect();
  if (signal.aborted) return destroy();
  // An app that closes its own client must not wait for this connection.
  connection.unref();
  const id = await connection.sendCommand(['CLIENT', 'ID']);
  await connection.sendCommand(buildTrackingCommand(id, keyPrefix, tracking.prefixes));
  const report = (message: unknown): void => tracking.onChange(parseChangedKeys(message, keyPrefix));
  await connection.subscribe(invalidationChannel, report, true);
}
