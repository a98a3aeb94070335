'use client';

import { useRouter } from 'next/navigation';
import { startTransition } from 'react';
import { useSession } from './session-client';

/** A page that could not be drawn. When the store is down that is all that happened: nobody was signed out. */
export default function ErrorPage({ reset }: { readonly error: Error; readonly reset: () => void }) {
  const { status } = useSession();
  const router = useRouter();
  const isStoreDown = status === 'unavailable';
  const tryAgain = () =>
    startTransition(() => {
      router.refresh();
      reset();
    });
  return (
    <header className="opening">
      <h1>{isStoreDown ? 'Sessions cannot be reached.' : 'That did not work.'}</h1>
      <p className="lead">
        {isStoreDown
          ? 'Nobody was signed out. Try again in a moment.'
          : 'The page could not be drawn. Try again in a moment.'}
      </p>
      <p className="actions">
        <button className="button" type="button" onClick={tryAgain}>
          Try again
        </button>
      </p>
    </header>
  );
}
