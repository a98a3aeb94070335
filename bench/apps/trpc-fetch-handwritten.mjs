import { initTRPC, TRPCError } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { parseCookie } from 'cookie';
import { Redis } from 'ioredis';
import { sealData, unsealData } from 'iron-session';
import { createNextUser, describeUser, secret, userSchema } from './user-data.mjs';

const name = 'sid';
const key = (sid) => `handwritten:${sid}`;

/**
 * tRPC's fetch handler with the session that many apps write by hand: a sealed id, and JSON in Redis. With `tuned`, it
 * remembers opened seals and pipelines its commands, as an expert would write it. It only reads and signs in.
 */
export async function createApp({ redisUrl, tuned = false }) {
  const redis = new Redis(redisUrl, { enableAutoPipelining: tuned });
  const opened = new Map();
  const unseal = async (seal) => {
    const known = opened.get(seal);
    if (known) return known;
    const { sid } = await unsealData(seal, { password: secret });
    if (tuned) opened.set(seal, sid);
    return sid;
  };
  const createContext = async ({ req, resHeaders }) => {
    const seal = parseCookie(req.headers.get('cookie') ?? '')[name];
    const text = seal && (await redis.get(key(await unseal(seal))));
    return { user: text ? userSchema.parse(JSON.parse(text)) : null, resHeaders };
  };
  const router = createRouter(redis);
  return { fetch: (req) => fetchRequestHandler({ endpoint: '', req, router, createContext }) };
}

function createRouter(redis) {
  const t = initTRPC.context().create();
  const guarded = t.procedure.use(({ ctx, next }) => {
    if (!ctx.user) throw new TRPCError({ code: 'UNAUTHORIZED' });
    return next({ ctx: { user: ctx.user } });
  });
  return t.router({
    me: guarded.query(({ ctx }) => describeUser(ctx.user)),
    'sign-in': t.procedure.mutation(async ({ ctx }) => {
      const sid = crypto.randomUUID();
      const user = createNextUser();
      await redis.set(key(sid), JSON.stringify(user), 'EX', 86_400);
      ctx.resHeaders.append('set-cookie', `${name}=${await sealData({ sid }, { password: secret })}; HttpOnly; Path=/`);
      return describeUser(user);
    }),
  });
}
