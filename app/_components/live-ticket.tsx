import { Suspense } from 'react';
import { sessions, store } from '../session';
import { getSessionView } from '../session-server';
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
  // Asked again, read once: all of one request share a session. And past this line nothing is prerendered, so store and
  // cookie name are this process's and not the build's.
  const view = await getSessionView();
  const revision = view.status === 'authenticated' ? view.revision : null;
  const cookieName = sessions.facts.carriers()[0]?.name ?? '';
  const storeName = store.name === 'redis' ? 'Redis' : 'this process’s memory';
  return <SessionTicket revision={revision} cookieName={cookieName} storeName={storeName} />;
}
