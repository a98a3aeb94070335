import { createSessions, type InferSession } from 'trpc-session';
import { z } from 'zod';

const theme = z.enum(['light', 'dark']);

/** The manager of the app under test. The React entry point uses only its type. */
export const sessions = createSessions({
  schema: z.object({ name: z.string(), theme, count: z.number() }),
  view: ({ name, theme, count }) => ({ name, theme, count }),
  patch: z.object({ theme: z.exactOptional(theme), count: z.exactOptional(z.number()) }),
  store: undefined,
  secret: undefined,
});

export type View = InferSession<typeof sessions>['view'];
export type Patch = InferSession<typeof sessions>['patch'];
