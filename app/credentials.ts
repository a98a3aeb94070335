import { z } from 'zod';

/** The input of a sign-in, for the server action and for tRPC. The maximum lengths limit the work of scrypt. */
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
  /** The theme that the browser prefers, so that signing in does not change how the page looks. */
  theme: z.enum(['light', 'dark']).default('light'),
});
