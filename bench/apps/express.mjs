import { createServer } from 'node:http';
import express from 'express';
import { createUserData, describeUser } from './user-data.mjs';

const user = createUserData(1);

/** Express without sessions. */
export function createApp() {
  const app = express();
  app.all('/{*path}', (_req, res) => {
    res.json(describeUser(user));
  });
  return { server: createServer(app) };
}
