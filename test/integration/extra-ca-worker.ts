import { serve } from '../_support/workers-side.ts';
import { createBearerApp, createPatientStore, isSignedIn, signIn, withToken } from './app.ts';

/** Signs in and out at this URL. Resolves to the messages of the error, or to an empty string if all went well. */
serve(async (url: string) => async () => {
  const app = createBearerApp({ store: createPatientStore(url) });
  try {
    await app.ready();
    const { token } = await signIn(app, 'ada');
    const wasSignedIn = await isSignedIn(app, token);
    await withToken(app, token).destroy();
    return wasSignedIn && !(await isSignedIn(app, token)) ? '' : 'Signing in or out had no effect';
  } catch (error) {
    return joinMessages(error);
  } finally {
    await app.close();
  }
});

/** Not imported from life-cycle.ts, which needs Vitest. */
function joinMessages(error: unknown): string {
  return error instanceof Error ? `${error.message} / ${joinMessages(error.cause)}` : '';
}
