import { connection } from 'next/server';
import { store } from '../session';

/** Says in the footer which store is used. */
export async function StoreNotice() {
  // Waits for a request. Otherwise the page is prerendered with the store of the build machine.
  await connection();
  if (store.name !== 'memory') return <p>Sessions are stored in Redis.</p>;
  return (
    <p>
      Sessions are stored in the memory of this process and are lost when it stops. Set <code>REDIS_URL</code> to store
      them in Redis.
    </p>
  );
}
