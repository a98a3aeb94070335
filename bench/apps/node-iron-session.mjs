import { getIronSession } from 'iron-session';
import { createJsonServer } from './json-server.mjs';
import { createNextUser, describeUser, secret } from './user-data.mjs';

const routes = {
  '/me': async (session) => {
    if (!session.user) throw new Error('Signed out');
  },
  '/sign-in': async (session) => {
    session.user = createNextUser();
    await session.save();
  },
  '/update': async (session) => {
    session.user.visits += 1;
    await session.save();
  },
  // A cookie without a store cannot be revoked: sealing the same data again is all that it can do.
  '/regenerate': (session) => session.save(),
  '/sign-out': async (session) => session.destroy(),
};

/** node:http with iron-session, which keeps the data in the cookie. */
export function createApp() {
  return {
    server: createJsonServer(async (req, res) => {
      const session = await getIronSession(req, res, {
        password: secret,
        cookieName: 'sid',
        cookieOptions: { secure: false },
      });
      await routes[req.url](session);
      return session.user ? describeUser(session.user) : {};
    }),
  };
}
