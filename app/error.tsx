'use client';

import { useSession } from './session-client';

interface ErrorPageProps {
  readonly error: Error;
  /** Asks the server for the page again. */
  readonly retry: () => void;
}

/** A page that could not be drawn. When the store is down that is all that happened: nobody was signed out. */
export default function ErrorPage({ retry }: ErrorPageProps) {
  const { status } = useSession();
  const isStoreDown = status === 'unavailable';
  return (
    <header className="opening">
      <h1>{isStoreDown ? 'Sessions cannot be reached.' : 'That did not work.'}</h1>
      <p className="lead">
        {isStoreDown
          ? 'Nobody was signed out. Try again in a moment.'
          : 'The page could not be drawn. Try again in a moment.'}
      </p>
      <p className="actions">
        <button className="button" type="button" onClick={retry}>
          Try again
        </button>
      </p>
    </header>
  );
}
