import { createSessions } from 'trpc-session';
import { redisStore } from 'trpc-session/stores/redis';
import { secret, userSchema } from '../../apps/user-data.mjs';

export const sessions = createSessions({
  schema: userSchema,
  subject: ({ userId }) => userId,
  view: ({ name }) => ({ name }),
  store: redisStore(process.env.REDIS_URL ?? 'redis://localhost:6379'),
  secret,
});
