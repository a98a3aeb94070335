'use client';

import Link from 'next/link';
import { signOut } from '../actions';
import { useSession } from '../session-client';

/** The right end of the header: the user and a sign-out button, or a link to sign in. */
export function AccountStatus() {
  const session = useSession();
  if (session.status === 'loading') return <div className="account-status" aria-busy="true" />;
  if (session.status === 'unavailable') {
    // An outage signs no user out, so the last known name stays.
    return (
      <div className="account-status">
        {session.data && <span>{session.data.name}</span>}
        <span>Session unavailable</span>
      </div>
    );
  }
  if (session.status === 'unauthenticated') {
    return (
      <div className="account-status">
        <Link href="/sign-in">Sign in</Link>
      </div>
    );
  }
  return (
    // A form with a server action also works without JavaScript.
    <form className="account-status" action={signOut}>
      <span>{session.data.name}</span>
      <button className="link-button" type="submit">
        Sign out
      </button>
    </form>
  );
}
