import type { Cluster, Redis } from 'ioredis';
import { createSecretOptionError, SessionError } from '../core/errors.ts';
import { clusterObstacle, isReadOnly, type RedisAdapter } from './redis-adapter.ts';
import {
  classifyIoredisClusterFailure,
  classifyIoredisFailure,
  type IoredisOptions,
  sendWithIoredis,
} from './redis-ioredis.ts';
import { trackKeysWithIoredis } from './redis-ioredis-tracking.ts';
import { listIoredisNodes } from './redis-nodes.ts';
import type { RedisHosts } from './redis-url.ts';

/** A client that the store has created. */
interface OwnClient {
  readonly client: Redis | Cluster;
  /** The last error since the connection was last ready. */
  lastError: Error | undefined;
}

/** A URL of one server, several hosts, or options. */
type OwnSource = string | RedisHosts | IoredisOptions;

/** What a client is created from. Stores with equal names share a client. */
interface OwnClientSource {
  readonly name: string;
  readonly source: OwnSource;
  readonly deadlineMs: number;
}

/** In `globalThis`: frameworks and hot reload evaluate a module repeatedly, and each copy would open a connection. */
const redisRegistryKey = Symbol.for('trpc-session.redis-clients.v1');

function getRegistry(): Map<string, OwnClient> {
  const shared = globalThis as { [redisRegistryKey]?: Map<string, OwnClient> };
  shared[redisRegistryKey] ??= new Map();
  return shared[redisRegistryKey];
}

/**
 * Settings that notice an outage, and its end, quickly. With the defaults of ioredis a request would wait many seconds.
 */
function getDefaultSettings(deadlineMs: number) {
  return {
    lazyConnect: true,
    connectTimeout: 2_000,
    maxRetriesPerRequest: 1,
    enableAutoPipelining: true,
    retryStrategy: (attempt) => Math.min(attempt * 50, 500),
    sentinelRetryStrategy: (attempt) => Math.min(attempt * 50, 500),
    // After a failover the former primary may still be running. Writes that it accepts are lost.
    failoverDetector: true,
    maxLoadingRetryTime: 250,
    // A connection that waits for a reply and receives nothing is dead, even if TCP still reports it as open.
    socketTimeout: 2 * deadlineMs,
    // When a primary becomes a replica, a new connection finds the current primary.
    reconnectOnError: isReadOnly,
  } satisfies IoredisOptions;
}

/** Options that cannot be overridden: commands are sent before the connection is ready, and replies have one format. */
const fixedOptions = { enableOfflineQueue: true, replyMapping: 'legacy' } as const;

/** Creates a client of ioredis, which connects with the first command. */
export function connectOwnClient(source: OwnSource, deadlineMs: number): RedisAdapter {
  const own = { name: toClientName(source, deadlineMs), source, deadlineMs };
  const loaded = loadIoredis();
  // Reported by the first command. Until then, the rejection must not end the process.
  loaded.catch(() => {});
  const getClient = async () => (getRegistry().get(own.name) ?? createOwnClient(await loaded, own)).client;
  return {
    identity: own.name,
    trackingObstacle: isClusterSource(source) ? clusterObstacle : null,
    trackKeys: async (tracking, signal) => trackKeysWithIoredis(await getClient(), tracking, signal),
    send: async (command, cancellation) => sendWithIoredis(await getClient(), command, cancellation),
    listNodes: async (key) => listIoredisNodes(await getClient(), key),
    classifyFailure: isClusterSource(source) ? classifyIoredisClusterFailure : classifyIoredisFailure,
    findError: () => findConnectionError(getRegistry().get(own.name)),
    close: () => {
      const closed = getRegistry().get(own.name);
      getRegistry().delete(own.name);
      closed?.client.disconnect();
    },
  };
}

function isClusterSource(source: OwnSource): boolean {
  return typeof source === 'object' && 'kind' in source && source.kind === 'cluster';
}

type Ioredis = Pick<typeof import('ioredis'), 'Redis' | 'Cluster'>;

/**
 * Loads ioredis only for a URL or options. An app that passes a client of another package need not install it. It uses
 * the default export, because the webpack of Next 15 adds no named exports to what `import()` of CommonJS returns.
 */
async function loadIoredis(): Promise<Ioredis> {
  try {
    const { default: Redis } = await import('ioredis');
    return { Redis, Cluster: Redis.Cluster };
  } catch (cause) {
    const hint = 'redisStore(source) needs ioredis for a URL or options. Run `npm install ioredis`, or pass a client.';
    throw new SessionError('NOT_CONFIGURED', { hint, cause });
  }
}

function findConnectionError(own: OwnClient | undefined): Error | undefined {
  const status = own?.client.status ?? 'ready';
  return own?.lastError ?? (status === 'ready' ? undefined : new Error(`There is no connection: it is "${status}".`));
}

/** Functions are compared by their source text: hot reload creates new ones. */
function toClientName(source: OwnSource, deadlineMs: number): string {
  try {
    return JSON.stringify([source, deadlineMs], (_key, value: unknown) =>
      typeof value === 'function' ? String(value) : value,
    );
  } catch {
    const expected = 'options that can be converted to JSON, or an ioredis client instead';
    throw createSecretOptionError('redisStore(source)', expected, source);
  }
}

function createOwnClient(ioredis: Ioredis, { name, source, deadlineMs }: OwnClientSource): OwnClient {
  // Another command may have created it while this one waited for ioredis.
  const existing = getRegistry().get(name);
  if (existing) return existing;
  const client = createClient(ioredis, source, { ...getDefaultSettings(deadlineMs), ...fixedOptions });
  const own: OwnClient = { client, lastError: undefined };
  client.on('ready', () => {
    own.lastError = undefined;
  });
  client.on('error', (error: Error & { readonly command?: { readonly name?: string } }) => {
    own.lastError = error;
    // When Redis refuses the database, ioredis continues in database 0, where another app may keep its sessions.
    if (error.command?.name === 'select') client.disconnect(true);
  });
  // After some failovers ioredis never reconnects. The next command then gets a new client, and this one leaves its
  // Sentinels.
  client.on('end', () => {
    if (getRegistry().get(name) !== own) return;
    getRegistry().delete(name);
    client.disconnect();
  });
  getRegistry().set(name, own);
  return own;
}

type Settings = ReturnType<typeof getDefaultSettings> & typeof fixedOptions;

function createClient({ Redis, Cluster }: Ioredis, source: OwnSource, settings: Settings): Redis | Cluster {
  if (typeof source === 'string') return new Redis(source, settings);
  if (!('kind' in source)) return new Redis({ ...settings, ...source, ...fixedOptions });
  const { kind, hosts, hasTls, name, credentials, db, options } = source;
  const redisOptions = { ...settings, ...credentials, ...options, ...(hasTls && { tls: {} }), ...fixedOptions };
  if (kind === 'sentinel') {
    const tls = hasTls && { sentinelTLS: {}, enableTLSForSentinelMode: true };
    return new Redis({ ...redisOptions, ...tls, sentinels: [...hosts], name, db });
  }
  // With TLS, nodes keep their host names: certificates name hosts, and not addresses.
  const dnsLookup = (address: string, done: (error: null, address: string) => void) => done(null, address);
  return new Cluster([...hosts], {
    lazyConnect: true,
    enableAutoPipelining: true,
    clusterRetryStrategy: settings.retryStrategy,
    redisOptions,
    ...(hasTls && { dnsLookup }),
  });
}
