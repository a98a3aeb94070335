import { serve } from '../_support/workers-side.ts';
import { createBearerApp, createPatientStore } from './app.ts';
import { createRedisPool, runWorkload } from './workload.ts';

export interface WorkloadTask {
  readonly url: string;
  readonly subjects: readonly string[];
  readonly operations: number;
}

serve(async ({ url, subjects, operations }: WorkloadTask) => {
  const app = createBearerApp({ store: createPatientStore(url) });
  const pool = createRedisPool(url);
  await Promise.all([app.ready(), pool.pick('warm-up')]);
  return async () => {
    const history = await runWorkload({ app, pool, subjects, operations });
    await app.close();
    pool.close();
    return history;
  };
});
