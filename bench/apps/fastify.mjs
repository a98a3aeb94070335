import fastify from 'fastify';
import { createUserData, describeUser } from './user-data.mjs';

const user = createUserData(1);

/** Fastify without sessions. */
export async function createApp() {
  const app = fastify();
  app.get('/*', async () => describeUser(user));
  app.post('/*', async () => describeUser(user));
  await app.ready();
  return { server: app.server };
}
