import { z } from 'zod';

/** The data that every app keeps in its sessions: 571 bytes as JSON. */
export function createUserData(user) {
  return {
    userId: `usr_${String(user).padStart(20, '0')}`,
    name: 'Augusta Ada Lovelace',
    email: `user-${String(user).padStart(6, '0')}@example.com`,
    role: 'member',
    roles: ['member', 'editor', 'billing'],
    theme: 'light',
    locale: 'en-GB',
    visits: 0,
    cart: Array.from({ length: 4 }, (_, at) => ({
      sku: `sku-${user}-${at}-0000000000`.slice(0, 17),
      count: 2,
      price: 1999,
    })),
    note: 'A longer text, such as a draft or the state of a form. '.repeat(3).slice(0, 149),
  };
}

export const userSchema = z.object({
  userId: z.string(),
  name: z.string(),
  email: z.string(),
  role: z.enum(['member', 'admin']),
  roles: z.array(z.string()),
  theme: z.enum(['light', 'dark']),
  locale: z.string(),
  visits: z.number(),
  cart: z.array(z.object({ sku: z.string(), count: z.number(), price: z.number() })),
  note: z.string(),
});

let lastUser = 0;

/** Returns the data of the next user. Every sign-in is the sign-in of another user. */
export function createNextUser() {
  return createUserData(++lastUser);
}

/** What every app responds to GET /me with. */
export function describeUser({ userId, name }) {
  return { userId, name };
}

export const secret = 'a secret of thirty-two characters or more';
