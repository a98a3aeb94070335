import { redisStore } from 'trpc-session/stores/redis';
import { serve } from '../_support/workers-side.ts';
import { bearerApp, opens, signIn, withToken } from './app.ts';

/** Signs in and out at this URL; answers what went wrong, and nothing where nothing did. */
serve(async (url: string) => async () => {
  const app = bearerApp({ store: redisStore(url) });
  try {
    await app.ready();
    const { token } = await signIn(app, 'ada');
    const wasSignedIn = await opens(app, token);
    await withToken(app, token).destroy();
    return wasSignedIn && !(await opens(app, token)) ? '' : 'Nobody was signed in, or out';
  } catch (error) {
    return reasonsOf(error);
  } finally {
    await app.close();
  }
});

function reasonsOf(error: unknown): string {
  return error instanceof Error ? `${error.message} / ${reasonsOf(error.cause)}` : '';
}
