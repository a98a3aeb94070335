'use client';

import Link from 'next/link';
import { type FormEvent, Suspense } from 'react';
import { signOut } from '../actions';
import { useSuspenseSession } from '../session-client';
import { useCall } from '../use-call';

/**
 * The right end of the header: the user and a sign-out button, or a link to sign in. It suspends until the session is
 * known, so the server's HTML shows the user before the scripts have loaded, and without them.
 */
export function AccountStatus() {
  return (
    <div className="account-status">
      <Suspense>
        <UserOrSignIn />
      </Suspense>
    </div>
  );
}

function UserOrSignIn() {
  const { status, data, error } = useSuspenseSession();
  const { isPending, error: signOutError, run } = useCall();
  const submit = (event: FormEvent) => {
    // Without JavaScript, the browser sends the form itself.
    event.preventDefault();
    void run(signOut);
  };
  return (
    <>
      {/* An outage signs no user out, so everything else stays. */}
      {error && <span role="status">Reconnecting…</span>}
      {status === 'unauthenticated' && <Link href="/sign-in">Sign in</Link>}
      {status === 'authenticated' && (
        <form action={signOut} onSubmit={submit}>
          {signOutError ? <span role="alert">You are still signed in.</span> : <span>{data.name}</span>}
          <button className="link-button" type="submit" disabled={isPending}>
            Sign out
          </button>
        </form>
      )}
    </>
  );
}
