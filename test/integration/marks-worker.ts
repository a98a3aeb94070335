import { redisStore } from 'trpc-session/stores/redis';
import { serve } from '../_support/workers-side.ts';
import { createBearerApp, withToken } from './app.ts';

export interface MarksTask {
  readonly url: string;
  readonly token: string;
  readonly marks: readonly string[];
}

/** Adds every mark to one session, all in parallel. */
serve(async ({ url, token, marks }: MarksTask) => {
  const app = createBearerApp({ store: redisStore(url, { deadline: '10s' }) });
  await app.ready();
  return async () => {
    const add = (mark: string) =>
      withToken(app, token).update((data) => ({ ...data, marks: { ...data.marks, [mark]: 1 } }));
    await Promise.all(marks.map(add));
    await app.close();
  };
});
