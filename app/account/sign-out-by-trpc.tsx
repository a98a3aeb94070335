'use client';

import { useState, useTransition } from 'react';
import { useSession } from '../session-client';
import { trpc } from '../trpc-client';
import { describeError } from '../trpc-error';

/** The button in the header signs out with a server action. This one calls the tRPC mutation. */
export function SignOutByTrpc() {
  const { refetch } = useSession();
  const [isPending, startTransition] = useTransition();
  const [error, setError] = useState<string | null>(null);
  const signOut = () =>
    startTransition(async () => {
      try {
        await trpc.auth.signOut.mutate();
        // The provider looks again, and the other tabs follow it.
        await refetch();
        // Loaded afresh, so that nothing drawn for this person stays in the router's memory.
        window.location.assign('/');
      } catch (thrown) {
        // Not signed out: the store did not confirm it. The cookie is kept, so that it can be tried again.
        setError(describeError(thrown).message);
      }
    });
  return (
    <section className="section" aria-labelledby="sign-out">
      <h2 id="sign-out">Sign out</h2>
      <div className="section-content">
        <p>The session ends in the store before the cookie is cleared. No request still under way can bring it back.</p>
        <button className="button quiet" type="button" disabled={isPending} onClick={signOut}>
          Sign out with a tRPC mutation
        </button>
        {error && (
          <p className="message bad" role="alert">
            {error}
          </p>
        )}
      </div>
    </section>
  );
}
