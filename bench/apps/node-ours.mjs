import { createJsonServer } from './json-server.mjs';
import { createOurSessions, loadLibrary, routes } from './ours.mjs';

/** node:http with our sessions. */
export async function createApp(options) {
  const { createNodeSink } = await loadLibrary();
  const sessions = await createOurSessions(options);
  return { server: createJsonServer((req, res) => routes[req.url](sessions.open(req, createNodeSink(res)))) };
}
