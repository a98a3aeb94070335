import { connection } from 'next/server';
import { store } from '../session';

/** Which store is in use. Waits for a request: a prerendered answer would tell of the machine that ran the build. */
export async function StoreNotice() {
  await connection();
  if (store.name !== 'memory') return <p>Sessions are kept in Redis.</p>;
  return (
    <p>
      Sessions are kept in the memory of this process and end with it. Set <code>REDIS_URL</code> to keep them in Redis.
    </p>
  );
}
