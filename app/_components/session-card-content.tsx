'use client';

import type { AuthenticatedSession, RefetchError } from 'trpc-session/react';
import type { AppSession } from '../session';
import { useSuspenseSession } from '../session-client';
import { timeouts } from '../session-timeouts';
import { Countdown } from './countdown';
import { useTimeLeft } from './use-server-time';

/** What to tell the user if the session cannot be read. The user is not signed out, and the page tries again. */
const outageTexts: Readonly<Record<RefetchError['reason'], string>> = {
  network: 'Your connection is interrupted. This page updates when it is back.',
  server: 'The server does not respond as expected. This page tries again.',
  store: 'Sessions cannot be read at the moment. This page tries again.',
};

interface ServerFacts {
  readonly cookieName: string;
  readonly storeName: string;
}

/** Shows all that the browser can know about its session. The token is not part of it: the cookie is HttpOnly. */
export function SessionCardContent(facts: ServerFacts) {
  const session = useSuspenseSession();
  if (session.status === 'unavailable') {
    return <EmptySessionCard title="Session unavailable" text={outageTexts[session.error.reason]} />;
  }
  if (session.status === 'unauthenticated') {
    const text = `Sign in, and your session appears here. Sessions are stored in ${facts.storeName}.`;
    return <EmptySessionCard title="Not signed in" text={text} />;
  }
  return <FilledSessionCard session={session} {...facts} />;
}

/** The outline of the card. Without a title it is the loading state. */
export function EmptySessionCard({ title, text }: { readonly title?: string; readonly text?: string }) {
  return (
    <div className="session-card-empty" aria-busy={title === undefined}>
      <strong>{title}</strong>
      <p>{text}</p>
    </div>
  );
}

interface FilledSessionCardProps extends ServerFacts {
  readonly session: AuthenticatedSession<AppSession['view']>;
}

function FilledSessionCard({ session, cookieName, storeName }: FilledSessionCardProps) {
  const { data, id, revision, idleExpiresAt, expiresAt, error, getServerTime } = session;
  const idleLeftMs = useTimeLeft(idleExpiresAt, getServerTime);
  const leftMs = useTimeLeft(expiresAt, getServerTime);
  return (
    <section className="session-card" aria-label="Your session">
      <div className="session-card-side">
        <p className="session-card-name">{data.name}</p>
        <dl>
          <dt className="session-card-label">Public session id (not the token)</dt>
          <dd className="session-card-id">{id}</dd>
        </dl>
      </div>
      <div className="session-card-body">
        <div className="session-card-timeouts">
          <Countdown label="Expires if unused for" remainingMs={idleLeftMs} totalMs={timeouts.idleMs} />
          <Countdown label="Expires at the latest in" remainingMs={leftMs} totalMs={timeouts.absoluteMs} />
        </div>
        <div>
          <span className="session-card-label">What the browser can see</span>
          <pre className="session-card-view">{JSON.stringify(data, null, 1).replace(/\n\s*/g, ' ')}</pre>
        </div>
        <dl className="session-card-details">
          <CardDetail label="Revision" value={String(revision)} />
          <CardDetail label="Cookie" value={cookieName} />
          <CardDetail label="Stored in" value={storeName} />
        </dl>
        {error && <p role="status">{outageTexts[error.reason]}</p>}
      </div>
    </section>
  );
}

function CardDetail({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <div>
      <dt>{label} </dt>
      <dd>{value}</dd>
    </div>
  );
}
