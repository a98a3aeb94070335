import { connection } from 'next/server';
import { Suspense } from 'react';
import { sessions, store } from '../session';
import { SessionTicket, TicketOutline } from './session-ticket';

/** The live picture of the session: what the server says about itself, around what the browser knows. */
export function LiveTicket() {
  return (
    <div className="ticket-place">
      <Suspense fallback={<TicketOutline />}>
        <TicketWithFacts />
      </Suspense>
    </div>
  );
}

async function TicketWithFacts() {
  // Past this line nothing is prerendered, so store and cookie name are this process's and not the build's.
  await connection();
  const cookieName = sessions.facts.carriers[0]?.name ?? '';
  const storeName = store.name === 'redis' ? 'Redis' : 'this process’s memory';
  return <SessionTicket cookieName={cookieName} storeName={storeName} />;
}
