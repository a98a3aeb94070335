'use client';

import { useState, useTransition } from 'react';
import { parseTrpcError } from '../parse-trpc-error';
import { useSession } from '../session-client';
import { trpc } from '../trpc-client';

/** Signs out with a tRPC mutation. The button in the header uses a server action instead; most apps need only one. */
export function SignOutWithTrpc() {
  const { refetch } = useSession();
  const [isPending, startTransition] = useTransition();
  const [error, setError] = useState<string | null>(null);
  const signOut = () =>
    startTransition(async () => {
      try {
        await trpc.auth.signOut.mutate();
        // Updates this tab and notifies the other tabs.
        await refetch();
        // A full page load, so that the router's cache keeps nothing of this user.
        window.location.assign('/');
      } catch (thrown) {
        // The store did not confirm the sign-out. The cookie is kept, so the user can try again.
        setError(parseTrpcError(thrown).message);
      }
    });
  return (
    <section className="section" aria-labelledby="sign-out">
      <h2 id="sign-out">Sign out</h2>
      <div className="section-content">
        <p>The session ends on the server first, then the cookie is cleared. No pending request can bring it back.</p>
        <button className="button quiet" type="button" disabled={isPending} onClick={signOut}>
          Sign out with a tRPC mutation
        </button>
        {error && (
          <p className="message error" role="alert">
            {error}
          </p>
        )}
      </div>
    </section>
  );
}
