import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { fromNodeHeaders } from 'better-auth/node';
import { Redis } from 'ioredis';
import { createJsonServer } from '../apps/json-server.mjs';
import { secret } from '../apps/user-data.mjs';

/** node:http with better-auth: users in memory, and sessions in Redis as its secondary storage. It reads and signs in. */
export async function createApp({ redisUrl }) {
  const auth = createAuth(new Redis(redisUrl, { enableAutoPipelining: true }));
  let lastUser = 0;
  const routes = {
    '/me': async ({ headers }) => {
      const session = await auth.api.getSession({ headers: fromNodeHeaders(headers) });
      if (!session) throw new Error('Signed out');
      return { userId: session.user.id, name: session.user.name };
    },
    '/sign-in': async (_req, res) => {
      const body = { email: `user-${++lastUser}@example.com`, name: 'Augusta Ada Lovelace', password: 'not hashed' };
      const { headers } = await auth.api.signUpEmail({ body, returnHeaders: true });
      res.setHeader('set-cookie', headers.getSetCookie());
      return {};
    },
  };
  return { server: createJsonServer((req, res) => routes[req.url](req, res)) };
}

function createAuth(redis) {
  return betterAuth({
    baseURL: 'http://localhost',
    secret,
    database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
    secondaryStorage: {
      get: (key) => redis.get(`better-auth:${key}`),
      set: (key, value, seconds) =>
        seconds ? redis.set(`better-auth:${key}`, value, 'EX', seconds) : redis.set(`better-auth:${key}`, value),
      delete: async (key) => void (await redis.del(`better-auth:${key}`)),
    },
    // Passwords are not what is measured, and hashing them takes longer than all the rest.
    emailAndPassword: { enabled: true, password: { hash: async (text) => text, verify: async () => true } },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
  });
}
