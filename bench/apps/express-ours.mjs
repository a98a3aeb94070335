import { createServer } from 'node:http';
import express from 'express';
import { createOurSessions, loadLibrary, routes } from './ours.mjs';

/** Express with our sessions. */
export async function createApp(options) {
  const { createNodeSink } = await loadLibrary();
  const sessions = await createOurSessions(options);
  const app = express();
  for (const [path, operate] of Object.entries(routes)) {
    app.all(path, async (req, res) => {
      res.json(await operate(sessions.open(req, createNodeSink(res))));
    });
  }
  app.use((error, _req, res, _next) => {
    res.status(error.status ?? 500).json({ error: String(error) });
  });
  return { server: createServer(app) };
}
