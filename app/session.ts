import { createSessions, type InferSession } from 'trpc-session';
import { memoryStore } from 'trpc-session/stores/memory';
import { redisStore } from 'trpc-session/stores/redis';
import { z } from 'zod';
import { timeouts } from './session-timeouts';

const theme = z.enum(['light', 'dark']);

// Redis if REDIS_URL is set. Otherwise the memory of this process;
// production refuses that unless SESSION_STORE is 'memory'.
export const store = process.env.REDIS_URL
  ? redisStore(process.env.REDIS_URL)
  : memoryStore({ production: process.env.SESSION_STORE === 'memory' });

export const sessions = createSessions({
  // What a session stores. Validated on every write and read.
  schema: z.object({
    userId: z.string(),
    name: z.string(),
    role: z.enum(['member', 'admin']),
    theme,
  }),
  // Which user it belongs to. Needed to list a user's sessions
  // and to sign out everywhere.
  subject: (data) => data.userId,
  // What the browser can see.
  view: ({ name, role, theme }) => ({ name, role, theme }),
  // What the browser can change.
  patch: z.object({ theme }),
  store,
  // One secret, or several separated by commas, newest first.
  secret: process.env.SESSION_SECRET,
  idle: timeouts.idleMs,
  absolute: timeouts.absoluteMs,
});

// The types, e.g. AppSession['data'] or AppSession['view'].
export type AppSession = InferSession<typeof sessions>;
