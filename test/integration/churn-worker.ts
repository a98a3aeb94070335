import { redisStore } from 'trpc-session/stores/redis';
import { serve } from '../_support/workers-side.ts';
import { createBearerApp } from './app.ts';
import { churn, redisPool } from './churn.ts';

export interface ChurnTask {
  readonly url: string;
  readonly subjects: readonly string[];
  readonly operations: number;
}

serve(async ({ url, subjects, operations }: ChurnTask) => {
  const app = createBearerApp({ store: redisStore(url, { deadline: '10s' }) });
  const pool = redisPool(url);
  await Promise.all([app.ready(), pool.draw('nobody')]);
  return async () => {
    const history = await churn({ app, pool, subjects, operations });
    await app.close();
    pool.close();
    return history;
  };
});
