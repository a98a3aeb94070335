import { inspect } from 'node:util';
import { redisStore } from 'trpc-session/stores/redis';
import { createFaultApp, startServer } from './fault-app.ts';

/** The app in a process of its own, which tests kill and suspend. Writes events and errors to its standard output. */
const { REDIS_URL = '', PAUSE_AT = '' } = process.env;

const print = (what: unknown): void => {
  process.stdout.write(`${typeof what === 'string' ? what : inspect(what, { depth: Number.POSITIVE_INFINITY })}\n`);
};

const app = createFaultApp({
  store: redisStore(REDIS_URL),
  onEvent: print,
  onError: print,
  pause: async (at) => {
    if (!PAUSE_AT.split(',').includes(at)) return;
    print(`paused at ${at}`);
    await new Promise(() => {});
  },
});
const server = await startServer(app);

process.once('SIGTERM', () => {
  void (async () => {
    await server.close();
    await app.sessions.close();
    print('closed');
  })();
});
print(`listens on ${server.origin}.`);
