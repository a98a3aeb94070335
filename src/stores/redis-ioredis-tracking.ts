import { buildTrackingCommand, invalidationChannel, type KeyTracking, parseChangedKeys } from './redis-adapter.ts';

/** The part of an ioredis client that can open another connection. Every `Redis` of ioredis 5 and 6 has it. */
interface DuplicableIoredis {
  readonly options?: { readonly keyPrefix?: string };
  duplicate(overrides: object): IoredisConnection;
}

/** A connection that is used for one thing only. */
interface IoredisConnection {
  readonly stream?: { unref?(): unknown };
  connect(): Promise<unknown>;
  call(command: string, ...values: string[]): Promise<unknown>;
  subscribe(channel: string): Promise<unknown>;
  on(event: string, listener: (...values: readonly unknown[]) => void): unknown;
  disconnect(): void;
}

/** It never reconnects, and does nothing at connecting that it can do without. Version 6 hands on no pushes of RESP3. */
const ioredisSettings = {
  protocol: 2,
  lazyConnect: true,
  retryStrategy: () => null,
  sentinelRetryStrategy: () => null,
  failoverDetector: false,
  enableReadyCheck: false,
  enableAutoPipelining: false,
  autoResubscribe: false,
  commandTimeout: undefined,
  socketTimeout: undefined,
};

/** Opens a connection with the options of a client, behind Sentinels to the current primary. */
export async function trackKeysWithIoredis(client: object, tracking: KeyTracking, signal: AbortSignal): Promise<void> {
  const source = client as DuplicableIoredis;
  const keyPrefix = source.options?.keyPrefix ?? '';
  const connection = source.duplicate(ioredisSettings);
  // Without a listener, ioredis prints the error. The connection ends after it.
  connection.on('error', () => {});
  connection.on('end', () => tracking.onEnd());
  connection.on('messageBuffer', (_channel, message) => tracking.onChange(parseChangedKeys(message, keyPrefix)));
  const disconnect = (): void => connection.disconnect();
  signal.addEventListener('abort', disconnect);
  if (signal.aborted) disconnect();
  await connection.connect();
  // An app that closes its own client must not wait for this connection.
  connection.stream?.unref?.();
  const id = await connection.call('CLIENT', 'ID');
  const [command, ...values] = buildTrackingCommand(id, keyPrefix, tracking.prefixes);
  await connection.call(command, ...values);
  await connection.subscribe(invalidationChannel);
}
