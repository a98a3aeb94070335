import fastify from 'fastify';
import { createOurSessions, loadLibrary, routes } from './ours.mjs';

/** Fastify with our sessions. */
export async function createApp(options) {
  const { createNodeSink } = await loadLibrary();
  const sessions = await createOurSessions(options);
  const app = fastify();
  for (const [path, operate] of Object.entries(routes)) {
    app.all(path, async (request, reply) => operate(sessions.open(request, createNodeSink(reply))));
  }
  await app.ready();
  return { server: app.server };
}
