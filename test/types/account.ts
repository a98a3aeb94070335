import { createSessions } from 'trpc-session';
import { memoryStore } from 'trpc-session/stores/memory';
import { z } from 'zod';

export const schema = z.object({
  userId: z.string(),
  role: z.enum(['member', 'admin']),
  plan: z.discriminatedUnion('name', [
    z.object({ name: z.literal('free') }),
    z.object({ name: z.literal('pro'), seats: z.number() }),
  ]),
  email: z.string().nullable(),
  since: z.date(),
  tags: z.set(z.string()),
  names: z.map(z.string(), z.array(z.number())),
  visits: z.number().default(0),
});

const base = {
  schema,
  subject: (data: z.infer<typeof schema>) => data.userId,
  view: ({ role, visits }: { role: 'member' | 'admin'; visits: number }) => ({ role, visits }),
  store: memoryStore(),
  secret: undefined,
} as const;

export const sessions = createSessions({ ...base, patch: z.object({ visits: z.number() }) });
export const withoutPatch = createSessions(base);
export const withoutSubject = createSessions({ schema, view: base.view, store: undefined, secret: undefined });

export const input = {
  userId: 'ada',
  role: 'member',
  plan: { name: 'free' },
  email: null,
  since: new Date(0),
  tags: new Set<string>(),
  names: new Map<string, number[]>(),
} as const;
