import { createSessions } from 'trpc-session';
import { memoryStore } from 'trpc-session/stores/memory';
import { redisStore } from 'trpc-session/stores/redis';
import { z } from 'zod';
import { lifetimes } from './lifetimes';

const theme = z.enum(['light', 'dark']);

// Redis where there is one. Otherwise the memory of this process,
// which production must ask for by name.
export const store = process.env.REDIS_URL
  ? redisStore(process.env.REDIS_URL)
  : memoryStore({ production: process.env.SESSION_STORE === 'memory' });

export const sessions = createSessions({
  // What a session holds. Judged on every write and every read.
  schema: z.object({
    userId: z.string(),
    name: z.string(),
    role: z.enum(['member', 'admin']),
    theme,
  }),
  // Whose it is: lists and ends all the sessions of one person.
  subject: (data) => data.userId,
  // What the browser may see of it.
  view: ({ name, role, theme }) => ({ name, role, theme }),
  // What the browser may change.
  patch: z.object({ theme }),
  store,
  // One secret, or several with commas between, newest first.
  secret: process.env.SESSION_SECRET,
  idle: lifetimes.idleMs,
  absolute: lifetimes.absoluteMs,
});
