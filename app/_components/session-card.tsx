import { connection } from 'next/server';
import { sessions, store } from '../session';
import { SessionCardContent } from './session-card-content';

/** Shows the session of this browser, live. The server adds the name of the cookie and of the store. */
export async function SessionCard() {
  // Waits for a request. Otherwise the page is prerendered with the cookie and the store of the build machine.
  await connection();
  const cookieName = sessions.facts.carriers[0]?.name ?? '';
  const storeName = store.name === 'redis' ? 'Redis' : 'server memory';
  return <SessionCardContent cookieName={cookieName} storeName={storeName} />;
}
