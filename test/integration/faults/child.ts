import { inspect } from 'node:util';
import { redisStore } from 'trpc-session/stores/redis';
import { faultApp, serve } from './fault-app.ts';

/** The app in a process of its own, to be killed and frozen. Says what it does on its standard output. */
const { REDIS_URL, PAUSE_AT = '' } = process.env;

const say = (what: unknown): void => {
  process.stdout.write(`${typeof what === 'string' ? what : inspect(what, { depth: Number.POSITIVE_INFINITY })}\n`);
};

const app = faultApp({
  store: redisStore(REDIS_URL),
  onEvent: say,
  onError: say,
  pause: async (at) => {
    if (!PAUSE_AT.split(',').includes(at)) return;
    say(`paused at ${at}`);
    await new Promise(() => {});
  },
});
const served = await serve(app);

process.once('SIGTERM', () => {
  void (async () => {
    await served.close();
    await app.sessions.close();
    say('closed');
  })();
});
say(`listens on ${served.origin}.`);
