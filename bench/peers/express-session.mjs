import { createServer } from 'node:http';
import { promisify } from 'node:util';
import { RedisStore } from 'connect-redis';
import express from 'express';
import session from 'express-session';
import { createClient } from 'redis';
import { createNextUser, describeUser, secret } from '../apps/user-data.mjs';

/** Express with express-session and connect-redis, as their documentation shows. */
export async function createApp({ redisUrl }) {
  const client = await createClient({ url: redisUrl }).connect();
  const app = express();
  app.use(
    session({
      store: new RedisStore({ client }),
      secret,
      resave: false,
      saveUninitialized: false,
      name: 'connect.sid',
    }),
  );
  app.get('/me', (req, res) => {
    if (!req.session.user) res.status(401).json({});
    else res.json(describeUser(req.session.user));
  });
  app.post('/sign-in', async (req, res) => {
    await regenerateSession(req, createNextUser());
    res.json(describeUser(req.session.user));
  });
  app.post('/update', (req, res) => {
    req.session.user.visits += 1;
    res.json(describeUser(req.session.user));
  });
  app.post('/regenerate', async (req, res) => {
    await regenerateSession(req, req.session.user);
    res.json(describeUser(req.session.user));
  });
  app.post('/sign-out', async (req, res) => {
    await promisify(req.session.destroy).call(req.session);
    res.json({});
  });
  return { server: createServer(app) };
}

async function regenerateSession(req, user) {
  await promisify(req.session.regenerate).call(req.session);
  req.session.user = user;
}
