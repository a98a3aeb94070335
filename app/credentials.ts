import { z } from 'zod';

/** What a sign-in sends, by server action and by tRPC alike. The bounds keep scrypt from being fed megabytes. */
export const credentials = z.object({
  username: z
    .string()
    .trim()
    .min(1)
    .max(64)
    .meta({ examples: ['ada'] }),
  password: z
    .string()
    .min(1)
    .max(256)
    .meta({ examples: ['lovelace'] }),
  /** What the browser prefers, so that signing in does not switch the lights. */
  theme: z.enum(['light', 'dark']).default('light'),
});

export type Credentials = z.output<typeof credentials>;
