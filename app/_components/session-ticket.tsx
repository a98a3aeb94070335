'use client';

import { lifetimes } from '../lifetimes';
import { useSession } from '../session-client';
import { Countdown } from './countdown';
import { useServerClock } from './server-clock';

interface TicketFacts {
  readonly cookieName: string;
  readonly storeName: string;
}

/** Everything that the browser can know of its session. The token is not among it: the cookie is HttpOnly, and sealed. */
export function SessionTicket(facts: TicketFacts) {
  const session = useSession();
  if (session.status === 'loading') return <TicketOutline />;
  if (session.status === 'unavailable') {
    return <TicketOutline title="The store cannot be reached" text="Nobody was signed out. Try again in a moment." />;
  }
  if (session.status === 'unauthenticated') {
    return (
      <TicketOutline title="No ticket" text={`This browser has no session. Sessions are kept in ${facts.storeName}.`} />
    );
  }
  return <Ticket session={session} {...facts} />;
}

export function TicketOutline({ title, text }: { readonly title?: string; readonly text?: string }) {
  return (
    <div className="ticket-blank" aria-busy={title === undefined}>
      <strong>{title}</strong>
      <p>{text}</p>
    </div>
  );
}

type Authenticated = Extract<ReturnType<typeof useSession>, { status: 'authenticated' }>;

function Ticket({ session, cookieName, storeName }: TicketFacts & { readonly session: Authenticated }) {
  const { data, id, revision, at, idleExpiresAt, expiresAt } = session;
  const now = useServerClock(at);
  return (
    <section className="ticket" aria-label="Your session">
      <div className="ticket-stub">
        <p className="ticket-name">{data.name}</p>
        <dl>
          <dt className="ticket-label">Public id: safe to show, useless as a token</dt>
          <dd className="ticket-number">{id}</dd>
        </dl>
      </div>
      <div className="ticket-body">
        <div className="ticket-clocks">
          <Countdown label="Ends if unused for" remainingMs={idleExpiresAt - now} wholeMs={lifetimes.idleMs} />
          <Countdown label="Ends in any case in" remainingMs={expiresAt - now} wholeMs={lifetimes.absoluteMs} />
        </div>
        <div>
          <span className="ticket-label">What the browser sees</span>
          <pre className="ticket-view">{JSON.stringify(data, null, 1).replace(/\n\s*/g, ' ')}</pre>
        </div>
        <dl className="ticket-small">
          <Fact term="Revision" value={String(revision)} />
          <Fact term="Cookie" value={cookieName} />
          <Fact term="Kept in" value={storeName} />
        </dl>
      </div>
    </section>
  );
}

function Fact({ term, value }: { readonly term: string; readonly value: string }) {
  return (
    <div>
      <dt>{term} </dt>
      <dd>{value}</dd>
    </div>
  );
}
