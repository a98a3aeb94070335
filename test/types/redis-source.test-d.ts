import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis-5';
import { createClient, createClientPool, createCluster, createSentinel } from 'redis';
import * as redis5 from 'redis-5';
import { type RedisSource, redisStore } from 'trpc-session/stores/redis';

const nodes = { rootNodes: [{ url: 'redis://localhost:7001' }] };
const sentinels = { name: 'sessions', sentinelRootNodes: [{ host: 'localhost', port: 26379 }] };
declare const options: RedisOptions;

// Each client of each supported version is a source.
redisStore(new Redis({ lazyConnect: true }));
redisStore(new Cluster([]));
redisStore(new Redis5({ lazyConnect: true }));
redisStore(new Cluster5([]));
redisStore(createClient());
redisStore(createClient({ RESP: 2, url: 'redis://localhost' }));
redisStore(createCluster(nodes));
redisStore(createSentinel(sentinels));
redisStore(redis5.createClient());
redisStore(redis5.createClient({ RESP: 3, url: 'redis://localhost' }));
redisStore(redis5.createCluster(nodes));
redisStore(redis5.createSentinel(sentinels));

// So are a URL and the options of ioredis.
redisStore('redis://localhost:6379');
redisStore({ host: 'localhost', stringNumbers: true });
redisStore(options);

// @ts-expect-error: there is no default.
redisStore();
// @ts-expect-error: process.env.REDIS_URL may be undefined.
redisStore(process.env.REDIS_URL);
// @ts-expect-error: options of the redis package are not options of ioredis.
redisStore({ url: 'redis://localhost:6379' });
// @ts-expect-error: commands in a pool can overtake each other.
const pool: RedisSource = createClientPool();
// @ts-expect-error: connect() returns a promise.
redisStore(createClient().connect());
// @ts-expect-error: a transaction is not a client.
redisStore(createClient().multi());

export { pool };
