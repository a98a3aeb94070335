import fastifyCookie from '@fastify/cookie';
import fastifySession from '@fastify/session';
import { RedisStore } from 'connect-redis';
import fastify from 'fastify';
import { createClient } from 'redis';
import { createNextUser, describeUser, secret } from '../apps/user-data.mjs';

/** Fastify with @fastify/session, and connect-redis as its store. */
export async function createApp({ redisUrl }) {
  const client = await createClient({ url: redisUrl }).connect();
  const app = fastify();
  await app.register(fastifyCookie);
  await app.register(fastifySession, {
    store: new RedisStore({ client, prefix: 'fastify:' }),
    secret,
    saveUninitialized: false,
    cookie: { secure: false },
  });
  app.get('/me', async ({ session }, reply) => {
    const user = session.get('user');
    return user ? describeUser(user) : reply.code(401).send({});
  });
  app.post('/sign-in', async (request) => renewSession(request, createNextUser()));
  app.post('/update', async ({ session }) => {
    const user = session.get('user');
    session.set('user', { ...user, visits: user.visits + 1 });
    return describeUser(user);
  });
  app.post('/regenerate', async (request) => renewSession(request, request.session.get('user')));
  app.post('/sign-out', async ({ session }) => {
    await session.destroy();
    return {};
  });
  await app.ready();
  return { server: app.server };
}

async function renewSession(request, user) {
  // It replaces `request.session`.
  await request.session.regenerate();
  request.session.set('user', user);
  return describeUser(user);
}
