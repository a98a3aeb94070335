import { loadCompiled } from '../library.mjs';
import { createNextUser, describeUser, secret, userSchema } from './user-data.mjs';

/** The entry points of the compiled library. */
export async function loadLibrary() {
  const load = (file) => loadCompiled(process.env.BENCH_LIBRARY, file);
  const files = ['index.js', 'trpc.js', 'stores/redis.js', 'stores/memory.js', 'transports/header.js'];
  return Object.assign({}, ...(await Promise.all(files.map(load))));
}

/** Creates the sessions that an app with these options uses: in memory or in Redis, with or without the near cache. */
export async function createOurSessions({ store = 'redis', redisUrl, max = 100, ...options }) {
  const { createSessions, memoryStore, redisStore } = await loadLibrary();
  const nearCache = store === 'near cache';
  return createSessions({
    schema: userSchema,
    subject: ({ userId }) => userId,
    view: ({ name }) => ({ name }),
    store:
      store === 'memory' ? memoryStore({ production: true }) : redisStore(redisUrl, nearCache ? { nearCache } : {}),
    secret,
    prefix: options.prefix ?? 'ours:',
    limit: { max, whenFull: 'evict' },
    ...(options.transport && { transport: options.transport }),
    ...(options.touchEvery && { touchEvery: options.touchEvery }),
  });
}

/** What the apps do with the session of a request, by path. Each resolves to the body of the response. */
export const routes = {
  '/me': async (session) => describeUser((await session.require()).data),
  '/sign-in': async (session) => {
    const started = await session.start(createNextUser());
    return describeUser(started.session.data);
  },
  '/update': async (session) => {
    await session.require();
    const { data } = await session.update((user) => ({ ...user, visits: user.visits + 1 }));
    return describeUser(data);
  },
  '/regenerate': async (session) => {
    await session.require();
    const regenerated = await session.regenerate();
    return describeUser(regenerated.session.data);
  },
  '/sign-out': (session) => session.destroy(),
};
