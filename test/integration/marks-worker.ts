import { serve } from '../_support/workers-side.ts';
import { createBearerApp, createPatientStore, withToken } from './app.ts';

export interface MarksTask {
  readonly url: string;
  readonly token: string;
  readonly marks: readonly string[];
}

/** Adds all marks to one session, in parallel updates. */
serve(async ({ url, token, marks }: MarksTask) => {
  const app = createBearerApp({ store: createPatientStore(url) });
  await app.ready();
  return async () => {
    const add = (mark: string) =>
      withToken(app, token).update((data) => ({ ...data, marks: { ...data.marks, [mark]: 1 } }));
    await Promise.all(marks.map(add));
    await app.close();
  };
});
