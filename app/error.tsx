'use client';

import { useSession } from './session-client';

interface ErrorPageProps {
  readonly error: Error;
  /** Requests the page from the server again. */
  readonly retry: () => void;
}

/** Shown when a page fails to render, for example while Redis is unavailable. An outage does not sign the user out. */
export default function ErrorPage({ retry }: ErrorPageProps) {
  const { status, error } = useSession();
  const isOutage = error !== null;
  return (
    <header className="page-header">
      <h1>{isOutage ? 'Session unavailable' : 'Something went wrong'}</h1>
      <p className="lead">
        {isOutage && status === 'authenticated'
          ? 'You are still signed in. Try again in a moment.'
          : 'The page could not be loaded. Try again in a moment.'}
      </p>
      <p className="actions">
        <button className="button" type="button" onClick={retry}>
          Try again
        </button>
      </p>
    </header>
  );
}
